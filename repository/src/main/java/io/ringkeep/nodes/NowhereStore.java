package io.ringkeep.nodes;

import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/// A node of the set of which nobody said where it is: every call fails.
final class NowhereStore implements ObjectStore {
  private final String node;

  NowhereStore(String node) {
    this.node = node;
  }

  private NodeAway nowhere() {
    return new NodeAway("nobody said where node " + node + " is");
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    throw nowhere();
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    throw nowhere();
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    throw nowhere();
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    throw nowhere();
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    throw nowhere();
  }

  @Override
  public void delete(String key) throws IOException {
    throw nowhere();
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    throw nowhere();
  }

  @Override
  public String location() {
    return "nowhere";
  }

  @Override
  public void close() {}
}
