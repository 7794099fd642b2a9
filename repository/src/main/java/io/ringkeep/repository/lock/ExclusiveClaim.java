package io.ringkeep.repository.lock;

import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.lock.LeaseFiles.Heartbeat;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/// A link of a chain that is ours until the next one exists.
record ExclusiveClaim(LeaseFiles files, LeaseFiles.Claim claim, Clock clock)
    implements Lease.Claim {
  @Override
  public long epoch() {
    return claim.epoch();
  }

  @Override
  public LeaseHolder holder() {
    return claim.holder();
  }

  @Override
  public void beat(long beat) throws IOException {
    write(beat, /* released= */ false);
  }

  @Override
  public Optional<String> superseded() throws IOException {
    // Links are made one by one, so the next one is there as soon as any later one is.
    long next = claim.epoch() + 1;
    return files.store().size(LeaseFiles.claimKey(claim.resource(), next)).isPresent()
        ? Optional.of("taken over: resource=%s epoch=%d".formatted(claim.resource(), next))
        : Optional.empty();
  }

  @Override
  public void release(long beat) throws IOException {
    write(beat, /* released= */ true);
  }

  private void write(long beat, boolean released) throws IOException {
    Heartbeat heartbeat =
        new Heartbeat(
            LeaseFiles.FORMAT,
            claim.epoch(),
            claim.holder().nonce(),
            beat,
            clock.instant(),
            released);
    files
        .store()
        .put(
            LeaseFiles.heartbeatKey(claim.resource(), claim.epoch()), Json.writeChecked(heartbeat));
  }
}
