package io.ringkeep.cli;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ServerError;
import io.ringkeep.restore.NotPutBack;
import io.ringkeep.store.NoSuchStoreException;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.store.StoreAccessDeniedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What went wrong, in words and as an exit status.
///
/// @param kind the word for it in JSON: `corrupt-data`
/// @param message what happened
/// @param hint the next step
/// @param notPutBack what else a person has to put in order, with how
/// @param exitCode the exit status
record Failure(
    String kind, String message, Optional<String> hint, List<String> notPutBack, int exitCode) {
  static final int USAGE = 2;
  static final int BUG = 70;

  /// What a shell reports for a process that Ctrl-C ended. After a real signal, the JVM's own
  /// status counts.
  static final int INTERRUPTED = 130;

  private static final int MISSING = 3;
  private static final int UNAVAILABLE = 4;
  private static final int DENIED = 5;
  private static final int REFUSED = 10;

  private Failure(String kind, String message, Optional<String> hint, int exitCode) {
    this(kind, message, hint, List.of(), exitCode);
  }

  /// The same, with what the run that ended with `failure` could not put back.
  Failure leaving(Throwable failure) {
    return new Failure(kind, message, hint, NotPutBack.sentences(failure), exitCode);
  }

  /// That of a command line that can't be understood.
  static Failure usage(String message, String hint) {
    return new Failure("invalid-request", message, Optional.of(hint), USAGE);
  }

  /// That of a run which a signal ended.
  static Failure interrupted(String hint) {
    return new Failure("interrupted", "interrupted", Optional.of(hint), INTERRUPTED);
  }

  static Failure of(Throwable failure) {
    return switch (failure) {
      case BackupException known ->
          new Failure(
              kebab(known.getClass().getSimpleName()), text(known), known.hint(), known.exitCode());
      case ServerError refused when refused.isUnknownCommand() ->
          new Failure(
              "access-denied",
              text(refused),
              Optional.of(
                  "the server has this command not, or under another name (rename-command)"),
              DENIED);
      case ServerError refused ->
          new Failure(
              "target-refused",
              text(refused),
              Optional.of("the server's own words say why; --dry-run and 'check' test beforehand"),
              REFUSED);
      case UncheckedIOException unchecked when unchecked.getCause() != null ->
          of(unchecked.getCause());
      case IOException io -> ofIo(io);
      default ->
          new Failure(
              "bug",
              "this is a bug: " + failure,
              Optional.of("report it with the lines above and what was done"),
              BUG);
    };
  }

  /// Whether `failure` is how interrupted work ends.
  static boolean isInterruption(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException
          || cause instanceof ClosedByInterruptException
          || (cause instanceof InterruptedIOException
              && !(cause instanceof SocketTimeoutException))) {
        return true;
      }
    }
    return false;
  }

  private static Failure ofIo(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing ->
          new Failure(
              "not-found",
              "no such file: file=" + missing.getFile(),
              Optional.of("is the path right, and is the disk mounted?"),
              MISSING);
      case AccessDeniedException denied ->
          new Failure(
              "access-denied",
              "the file system denies access: file=" + denied.getFile(),
              Optional.of("run as a user who may, or correct the file's owner and mode"),
              DENIED);
      case FileSystemException other ->
          new Failure(
              "unavailable",
              "the file system refuses: file=%s reason=%s"
                  .formatted(
                      other.getFile(), Optional.ofNullable(other.getReason()).orElse("unknown")),
              Optional.of("free space or mend the disk, then run it again"),
              UNAVAILABLE);
      case StoreAccessDeniedException denied ->
          new Failure(
              "access-denied",
              text(denied),
              Optional.of(
                  "give credentials that are valid and may do this; for a bucket by AWS_PROFILE, or by"
                      + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
              DENIED);
      case ReadOnlyStoreException readOnly when denies(readOnly.getCause()) ->
          new Failure(
              "access-denied",
              readOnly.getCause() instanceof StoreAccessDeniedException cause
                  ? text(readOnly) + ": " + text(cause)
                  : text(readOnly),
              Optional.of("use a user or credentials that may write there"),
              DENIED);
      case ReadOnlyStoreException readOnly ->
          new Failure(
              "unavailable",
              text(readOnly),
              Optional.of(
                  "has its disk become read-only, or do nodes not answer? 'check' and 'nodes list' say more"),
              UNAVAILABLE);
      case NoSuchStoreException missing ->
          new Failure(
              "not-found",
              text(missing),
              Optional.of("is the name right? a bucket is made with the tools of its service"),
              MISSING);
      default ->
          new Failure(
              "unavailable",
              "reading or writing failed: " + text(failure),
              Optional.of("run it again; with --debug it says where"),
              UNAVAILABLE);
    };
  }

  /// Whether rights are what is missing: else the place itself takes no writes.
  private static boolean denies(@Nullable Throwable cause) {
    return cause instanceof StoreAccessDeniedException || cause instanceof AccessDeniedException;
  }

  private static String text(Throwable failure) {
    return Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getSimpleName());
  }

  static String kebab(String camelCase) {
    return camelCase.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /// For a person: one line, and a second one with the next step; then what else is to be done.
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("ringkeep: " + message);
    hint.ifPresent(step -> lines.add("hint: " + step));
    notPutBack.forEach(left -> lines.add("NEEDS ATTENTION: " + left));
    return lines;
  }

  /// For a program.
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("error", kind);
    json.put("message", message);
    hint.ifPresent(step -> json.put("hint", step));
    if (!notPutBack.isEmpty()) {
      json.put("notPutBack", notPutBack);
    }
    json.put("exitCode", exitCode);
    return json;
  }
}
