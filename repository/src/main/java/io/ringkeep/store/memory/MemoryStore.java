package io.ringkeep.store.memory;

import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Objects in a map of this process. One lock guards it: no call is slow.
public final class MemoryStore implements ObjectStore {
  // Guarded by `this`; the arrays never change.
  private final TreeMap<String, byte[]> objects = new TreeMap<>();

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    ObjectKeys.names(key);
    store(key, bytes(content), /* replace= */ true);
  }

  @Override
  public ObjectUpload upload(String key) {
    ObjectKeys.names(key);
    return new Upload(key);
  }

  private synchronized boolean store(String key, byte[] content, boolean replace)
      throws IOException {
    for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      if (objects.containsKey(key.substring(0, slash))) {
        throw new IOException("an object is in the way: object=" + key.substring(0, slash));
      }
    }
    String below = objects.ceilingKey(key + "/");
    if (below != null && below.startsWith(key + "/")) {
      throw new IOException("a directory is in the way: directory=" + key);
    }
    if (replace) {
      objects.put(key, content);
      return true;
    }
    return objects.putIfAbsent(key, content) == null;
  }

  @Override
  public OptionalLong size(String key) {
    byte @Nullable [] content = find(key);
    return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    byte[] content = require(key);
    return ByteBuffer.allocateDirect(content.length).put(content).flip();
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    byte[] content = require(key);
    if (offset + into.remaining() > content.length) {
      throw new EOFException("object ends early: object=" + key + " offset=" + offset);
    }
    into.put(content, (int) offset, into.remaining());
  }

  @Override
  public synchronized void delete(String key) {
    ObjectKeys.names(key);
    objects.remove(key);
  }

  @Override
  public synchronized List<ObjectInfo> list(String directory) {
    ObjectKeys.directory(directory);
    List<ObjectInfo> found = new ArrayList<>();
    for (Map.Entry<String, byte[]> object : objects.tailMap(directory).entrySet()) {
      if (!object.getKey().startsWith(directory)) {
        break;
      }
      found.add(new ObjectInfo(object.getKey(), object.getValue().length));
    }
    return found;
  }

  @Override
  public String location() {
    return "memory";
  }

  @Override
  public void close() {}

  private synchronized byte @Nullable [] find(String key) {
    ObjectKeys.names(key);
    return objects.get(key);
  }

  private byte[] require(String key) throws NoSuchObjectException {
    byte @Nullable [] content = find(key);
    if (content == null) {
      throw new NoSuchObjectException(key);
    }
    return content;
  }

  private static byte[] bytes(ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.get(content.position(), bytes);
    return bytes;
  }

  private final class Upload implements ObjectUpload {
    private final String key;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Upload(String key) {
      this.key = key;
    }

    @Override
    public void write(ByteBuffer bytes) {
      content.writeBytes(bytes(bytes));
      bytes.position(bytes.limit());
    }

    @Override
    public boolean commit() throws IOException {
      return store(key, content.toByteArray(), /* replace= */ false);
    }

    @Override
    public void close() {}
  }
}
