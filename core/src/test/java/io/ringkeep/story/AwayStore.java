package io.ringkeep.story;

import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/// A store in memory that can be out of reach for a while.
final class AwayStore implements ObjectStore {
  private final MemoryStore store = new MemoryStore();
  private volatile boolean away;

  void away(boolean now) {
    away = now;
  }

  private MemoryStore reached() throws IOException {
    if (away) {
      throw new IOException("the store is away");
    }
    return store;
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    reached().put(key, content);
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    ObjectUpload upload = reached().upload(key);
    return new ObjectUpload() {
      @Override
      public void write(ByteBuffer content) throws IOException {
        upload.write(content);
      }

      @Override
      public boolean commit() throws IOException {
        reached();
        return upload.commit();
      }

      @Override
      public void close() throws IOException {
        upload.close();
      }
    };
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    return reached().size(key);
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    return reached().read(key);
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    reached().read(key, offset, into);
  }

  @Override
  public void delete(String key) throws IOException {
    reached().delete(key);
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    return reached().list(directory);
  }

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
