package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.BackupException;
import io.ringkeep.store.NoSuchStoreException;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.store.StoreAccessDeniedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailureTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new BackupException.InvalidRequest("m", "h"), "invalid-request", 2),
        Arguments.of(new BackupException.NotFound("m", "h"), "not-found", 3),
        Arguments.of(new BackupException.Unavailable("m", "h", null), "unavailable", 4),
        Arguments.of(new BackupException.AccessDenied("m", "h", null), "access-denied", 5),
        Arguments.of(new BackupException.Locked("m", "h"), "locked", 6),
        Arguments.of(new BackupException.CorruptData("m", "h", null), "corrupt-data", 7),
        Arguments.of(new BackupException.UnsupportedFormat("m", "h"), "unsupported-format", 8),
        Arguments.of(new BackupException.HistoryGap("m", "h"), "history-gap", 9),
        Arguments.of(new BackupException.TargetRefused("m", "h"), "target-refused", 10),
        Arguments.of(new NoSuchFileException("/x"), "not-found", 3),
        Arguments.of(new AccessDeniedException("/x"), "access-denied", 5),
        Arguments.of(
            new FileSystemException("/x", null, "No space left on device"), "unavailable", 4),
        Arguments.of(new StoreAccessDeniedException("m", null), "access-denied", 5),
        Arguments.of(
            new ReadOnlyStoreException("/x", new AccessDeniedException("/x")), "access-denied", 5),
        Arguments.of(
            new ReadOnlyStoreException(
                "/x", new FileSystemException("/x", null, "Read-only file system")),
            "unavailable",
            4),
        Arguments.of(ReadOnlyStoreException.because("node a is away"), "unavailable", 4),
        Arguments.of(new NoSuchStoreException("m", null), "not-found", 3),
        Arguments.of(
            new UncheckedIOException(new IOException("No space left on device")), "unavailable", 4),
        Arguments.of(new IllegalStateException("x"), "bug", 70),
        Arguments.of(new AssertionError("x"), "bug", 70),
        Arguments.of(new OutOfMemoryError("x"), "bug", 70));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void of_eachKind_hasItsWordAndItsExitStatus(Throwable thrown, String kind, int exitCode) {
    Failure failure = Failure.of(thrown);

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.exitCode()).isEqualTo(exitCode);
    assertThat(failure.hint()).isPresent();
  }

  @Test
  void of_fullDisk_namesFileAndReason() {
    assertThat(
            Failure.of(new FileSystemException("/srv/x", null, "No space left on device"))
                .message())
        .isEqualTo("the file system refuses: file=/srv/x reason=No space left on device");
  }

  @Test
  void lines_messageAndHint_areTwoLines() {
    assertThat(
            Failure.of(new BackupException.NotFound("no such snapshot: id=7", "pick another"))
                .lines())
        .isEqualTo(List.of("ringkeep: no such snapshot: id=7", "hint: pick another"));
  }

  @Test
  void isInterruption_timeoutOfASocket_isNone() {
    assertThat(Failure.isInterruption(new UncheckedIOException(new SocketTimeoutException())))
        .isFalse();
    assertThat(Failure.isInterruption(new RuntimeException(new InterruptedIOException()))).isTrue();
    assertThat(Failure.isInterruption(new InterruptedException())).isTrue();
  }
}
