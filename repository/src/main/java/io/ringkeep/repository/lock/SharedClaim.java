package io.ringkeep.repository.lock;

import io.ringkeep.repository.json.Json;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// A read lease: one file, which others read and delete only when its holder is dead.
record SharedClaim(LeaseFiles files, LeaseHolder holder, Duration ttl, Clock clock)
    implements Lease.Claim {
  @Override
  public long epoch() {
    return 0;
  }

  @Override
  public void beat(long beat) throws IOException {
    LeaseFiles.Reader reader =
        new LeaseFiles.Reader(LeaseFiles.FORMAT, holder, ttl.toMillis(), beat, clock.instant());
    files.store().put(LeaseFiles.readerKey(holder.nonce()), Json.writeChecked(reader));
  }

  @Override
  public Optional<String> superseded() throws IOException {
    return files.store().size(LeaseFiles.readerKey(holder.nonce())).isPresent()
        ? Optional.empty()
        : Optional.of("read lease was taken for dead");
  }

  @Override
  public void release(long beat) throws IOException {
    files.store().delete(LeaseFiles.readerKey(holder.nonce()));
  }

  /// Reading what cannot be written: nobody can delete through this store either, and a restore
  /// from a read-only copy must work.
  record Unwritten(LeaseHolder holder) implements Lease.Claim {
    @Override
    public long epoch() {
      return 0;
    }

    @Override
    public void beat(long beat) {}

    @Override
    public Optional<String> superseded() {
      return Optional.empty();
    }

    @Override
    public void release(long beat) {}
  }

  /// The lease as this store takes it.
  Lease.Claim claimed() throws IOException {
    try {
      beat(0);
      return this;
    } catch (ReadOnlyStoreException e) {
      return new Unwritten(holder);
    }
  }
}
