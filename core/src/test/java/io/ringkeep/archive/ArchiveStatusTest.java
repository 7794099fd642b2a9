package io.ringkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.repository.log.ArchiverState;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveStatusTest {
  @TempDir Path folder;
  private long seconds = 1;
  private final ArchiveStatus status =
      new ArchiveStatus("orders", "0", () -> seconds * 1_000_000_000L);

  private static ServerTime look(String replid, long offset, long seconds) {
    return new ServerTime(
        "run", /* primary= */ true, replid.repeat(40), offset, seconds * 1_000_000, 0, 0);
  }

  private ArchiverState state() throws Exception {
    try (Spool spool = Spool.open(folder, 1 << 20)) {
      return status.state(Instant.EPOCH, spool, /* stopped= */ false);
    }
  }

  @Test
  void lag_whatIsNotStored_countsFromTheFirstLookThatSawIt() throws Exception {
    status.sampled(look("a", 100, 10));
    status.stored("a".repeat(40), 100);
    assertThat(state().lagMillis()).isZero();
    status.sampled(look("a", 200, 11));
    status.sampled(look("a", 200, 12));
    status.sampled(look("a", 300, 15));
    assertThat(state().lagMillis()).isEqualTo(4_000);
    assertThat(state().lagBytes()).isEqualTo(200);
    status.stored("a".repeat(40), 200);
    assertThat(state().lagMillis()).isZero();
    assertThat(state().lagBytes()).isEqualTo(100);
  }

  /// The stream comes, from a replica perhaps, but nobody knows of when it is.
  @Test
  void problem_noLookAtThePrimaryForLong_isSaid() throws Exception {
    seconds = 100;
    status.linked("10.0.0.1:6379");
    seconds = 110;
    assertThat(state().problem()).isEmpty();
    seconds = 111;
    assertThat(state().problem())
        .isEqualTo("the primary could not be asked for its time for 11 seconds");
    status.sampled(answered(111));
    seconds = 121;
    status.notSampled("nobody answers");
    assertThat(state().problem()).isEmpty();
    seconds = 122;
    assertThat(state().problem()).endsWith(" for 11 seconds: nobody answers");
    status.unlinked("gone");
    assertThat(state().problem()).isEqualTo("gone");
    status.linked("10.0.0.2:6379");
    assertThat(state().problem()).isEmpty();
  }

  private static ServerTime answered(long seconds) {
    long nanos = seconds * 1_000_000_000L;
    return new ServerTime("run", /* primary= */ true, "a".repeat(40), 1, 1, nanos, nanos);
  }

  /// A server without replicas takes another replid when the first one comes.
  @Test
  void lag_ofAHistoryThatIsOver_isForgotten() throws Exception {
    status.sampled(look("a", 100, 10));
    status.sampled(look("b", 100, 11));
    status.stored("b".repeat(40), 100);
    status.sampled(look("b", 100, 20));
    assertThat(state().lagMillis()).isZero();
  }
}
