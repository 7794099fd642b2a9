package io.ringkeep.repository;

import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/// A store that passes every call on: tests override what they want to see or to go wrong.
public class WatchedStore implements ObjectStore {
  private final ObjectStore store;

  public WatchedStore(ObjectStore store) {
    this.store = store;
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    store.put(key, content);
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    return store.upload(key);
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    return store.size(key);
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    return store.read(key);
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    store.read(key, offset, into);
  }

  @Override
  public void delete(String key) throws IOException {
    store.delete(key);
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    return store.list(directory);
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
