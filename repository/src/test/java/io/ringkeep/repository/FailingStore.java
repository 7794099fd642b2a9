package io.ringkeep.repository;

import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/// A store that fails at one call, or from one call on: what a process sees that dies there.
public final class FailingStore extends WatchedStore {
  /// What has become of the call at which the process dies.
  public enum LastCall {
    NOT_DONE,
    DONE
  }

  private final LastCall lastCall;
  private final boolean forEver;
  private int left;
  private volatile boolean failed;

  public FailingStore(ObjectStore store, int calls, LastCall lastCall, boolean forEver) {
    super(store);
    this.left = calls;
    this.lastCall = lastCall;
    this.forEver = forEver;
  }

  /// Whether a call failed so far.
  public boolean failed() {
    return failed;
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T call(Call<T> call) throws IOException {
    boolean fails;
    synchronized (this) {
      left--;
      fails = left == 0 || (forEver && left < 0);
      failed |= fails;
      if (left < 0 && fails) {
        throw new IOException("crashed before");
      }
    }
    if (!fails) {
      return call.run();
    }
    if (lastCall == LastCall.DONE) {
      call.run();
    }
    throw new IOException("crashed here");
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    call(() -> {
      super.put(key, content);
      return true;
    });
  }

  @Override
  public ObjectUpload upload(String key) throws IOException {
    ObjectUpload upload = call(() -> super.upload(key));
    return new ForwardingUpload(upload) {
      @Override
      public void write(ByteBuffer content) throws IOException {
        call(() -> {
          super.write(content);
          return true;
        });
      }

      @Override
      public boolean commit() throws IOException {
        return call(super::commit);
      }
    };
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    return call(() -> super.size(key));
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    return call(() -> super.read(key));
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    call(() -> {
      super.read(key, offset, into);
      return true;
    });
  }

  @Override
  public void delete(String key) throws IOException {
    call(() -> {
      super.delete(key);
      return true;
    });
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    return call(() -> super.list(directory));
  }
}
