package io.ringkeep.repository.lock;

import java.time.Instant;

/// Who holds a lease, for people; only the nonce decides anything.
///
/// @param since by the holder's own clock
/// @param nonce 32 hex digits, drawn for this lease
public record LeaseHolder(String host, long pid, String purpose, Instant since, String nonce) {
  @Override
  public String toString() {
    return "host=%s pid=%d purpose=%s since=%s".formatted(host, pid, purpose, since);
  }
}
