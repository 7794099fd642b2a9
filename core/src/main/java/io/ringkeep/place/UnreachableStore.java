package io.ringkeep.place;

import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/// A store that could not be opened: every call fails as that did.
final class UnreachableStore implements ObjectStore {
  private final String location;
  private final Exception why;

  UnreachableStore(String location, Exception why) {
    this.location = location;
    this.why = why;
  }

  private IOException failure() {
    return new IOException(why.getMessage(), why);
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    throw failure();
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    throw failure();
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    throw failure();
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    throw failure();
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    throw failure();
  }

  @Override
  public void delete(String key) throws IOException {
    throw failure();
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    throw failure();
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public void close() {}
}
