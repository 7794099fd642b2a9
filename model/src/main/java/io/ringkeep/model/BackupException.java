package io.ringkeep.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Why the product could not do what was asked: one kind for each next move of the operator.
///
/// The message is lower case, its values last as `name=value`; the hint names the next step.
/// Neither ever holds a secret. A new kind is born only where the operator would do something else.
public abstract sealed class BackupException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final @Nullable String hint;

  private BackupException(String message, @Nullable String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.hint = hint;
  }

  /// The next step for whoever reads the message.
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /// The exit status of a command that ends with this.
  public abstract int exitCode();

  /// An argument, a configuration or a combination of them is wrong: fix it.
  public static final class InvalidRequest extends BackupException {
    private static final long serialVersionUID = 1L;

    public InvalidRequest(String message, @Nullable String hint) {
      super(message, hint, null);
    }

    @Override
    public int exitCode() {
      return 2;
    }
  }

  /// There is no such snapshot, cache or moment: pick another.
  public static final class NotFound extends BackupException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message, @Nullable String hint) {
      super(message, hint, null);
    }

    @Override
    public int exitCode() {
      return 3;
    }
  }

  /// A server or a store is away, loading or full, and stayed so up to the deadline: wait, or free
  /// space.
  public static final class Unavailable extends BackupException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message, @Nullable String hint, @Nullable Throwable cause) {
      super(message, hint, cause);
    }

    @Override
    public int exitCode() {
      return 4;
    }
  }

  /// Credentials or rights do not suffice: fix them.
  public static final class AccessDenied extends BackupException {
    private static final long serialVersionUID = 1L;

    public AccessDenied(String message, @Nullable String hint, @Nullable Throwable cause) {
      super(message, hint, cause);
    }

    @Override
    public int exitCode() {
      return 5;
    }
  }

  /// Someone else holds the lease: wait for the named holder.
  public static final class Locked extends BackupException {
    private static final long serialVersionUID = 1L;

    public Locked(String message, @Nullable String hint) {
      super(message, hint, null);
    }

    @Override
    public int exitCode() {
      return 6;
    }
  }

  /// Stored or received bytes are not what was written: stop, verify, use another copy.
  public static final class CorruptData extends BackupException {
    private static final long serialVersionUID = 1L;

    public CorruptData(String message, @Nullable String hint, @Nullable Throwable cause) {
      super(message, hint, cause);
    }

    @Override
    public int exitCode() {
      return 7;
    }
  }

  /// The format is too old or too new for this version: use the version that is named.
  public static final class UnsupportedFormat extends BackupException {
    private static final long serialVersionUID = 1L;

    public UnsupportedFormat(String message, @Nullable String hint) {
      super(message, hint, null);
    }

    @Override
    public int exitCode() {
      return 8;
    }
  }

  /// The moment asked for lies where history was not kept.
  public static final class HistoryGap extends BackupException {
    private static final long serialVersionUID = 1L;

    public HistoryGap(String message, @Nullable String hint) {
      super(message, hint, null);
    }

    @Override
    public int exitCode() {
      return 9;
    }
  }

  /// The target cannot take the restore (not empty, too small, too old, lacking modules or
  /// databases): prepare it.
  public static final class TargetRefused extends BackupException {
    private static final long serialVersionUID = 1L;

    public TargetRefused(String message, @Nullable String hint) {
      super(message, hint, null);
    }

    @Override
    public int exitCode() {
      return 10;
    }
  }
}
