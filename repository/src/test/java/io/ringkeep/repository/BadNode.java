package io.ringkeep.repository;

import io.ringkeep.repository.NodeStoryTest.BadDay;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

/// A node that fails: now and then, from some moment on, or whenever it is written to.
final class BadNode extends WatchedStore {
  private static final int MOST_CALLS_OF_A_BACKUP = 200;

  private final Random random;
  private final double share;
  private final Writes writes;
  // Calls until it fails for good; none if negative.
  private int callsLeft;

  private enum Writes {
    WORK,
    NO_ROOM,
    REFUSED,
    LATE
  }

  private BadNode(ObjectStore store, Random random, double share, int callsLeft, Writes writes) {
    super(store);
    this.random = random;
    this.share = share;
    this.callsLeft = callsLeft;
    this.writes = writes;
  }

  /// A node on such a day.
  ///
  /// @param victim whether it is the one that the day is about
  static ObjectStore of(BadDay day, boolean victim, ObjectStore store, Random random) {
    return switch (day) {
      case NONE -> store;
      case FEW_CALLS_FAIL -> new BadNode(store, random, 0.02, -1, Writes.WORK);
      case MANY_CALLS_FAIL -> new BadNode(store, random, 0.25, -1, Writes.WORK);
      case ONE_DIES_HALF_WAY, COMMIT_NODE_DIES ->
          victim
              ? new BadNode(
                  store, random, 0, 5 + random.nextInt(MOST_CALLS_OF_A_BACKUP), Writes.WORK)
              : store;
      case ONE_IS_FULL -> victim ? new BadNode(store, random, 0, -1, Writes.NO_ROOM) : store;
      case ONE_IS_READ_ONLY -> victim ? new BadNode(store, random, 0, -1, Writes.REFUSED) : store;
      case ONE_IS_UNREACHABLE -> victim ? new BadNode(store, random, 0, 0, Writes.WORK) : store;
      case ONE_IS_SLOW -> victim ? new BadNode(store, random, 0, -1, Writes.LATE) : store;
    };
  }

  private void maybe(String call) throws IOException {
    synchronized (random) {
      if (callsLeft == 0) {
        throw new IOException("injected: it does not answer");
      }
      callsLeft--;
      if (random.nextDouble() < share) {
        throw new IOException("injected: " + call);
      }
    }
  }

  private void write(String call) throws IOException {
    maybe(call);
    switch (writes) {
      case WORK -> {}
      case NO_ROOM -> throw new IOException("injected: No space left on device");
      case REFUSED -> throw new ReadOnlyStoreException("injected", null);
      case LATE -> {
        try {
          Thread.sleep(1);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    write("put");
    super.put(key, content);
    maybe("put, which worked");
  }

  @Override
  public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    write("create");
    boolean created = super.createIfAbsent(key, content);
    maybe("create, which worked");
    return created;
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    write("upload");
    ObjectUpload upload = super.upload(key);
    return new ObjectUpload() {
      @Override
      public void write(ByteBuffer content) throws IOException {
        maybe("write");
        upload.write(content);
      }

      @Override
      public boolean commit() throws IOException {
        maybe("commit");
        boolean committed = upload.commit();
        maybe("commit, which worked");
        return committed;
      }

      @Override
      public void close() throws IOException {
        upload.close();
      }
    };
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    maybe("size");
    return super.size(key);
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    maybe("read");
    return super.read(key);
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    maybe("range");
    super.read(key, offset, into);
  }

  @Override
  public void delete(String key) throws IOException {
    write("delete");
    super.delete(key);
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    maybe("list");
    return super.list(directory);
  }
}
