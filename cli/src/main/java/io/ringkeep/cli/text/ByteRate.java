package io.ringkeep.cli.text;

/// A number of bytes each second.
///
/// @param bytesPerSecond at least one
public record ByteRate(long bytesPerSecond) {
  private static final String PER_SECOND = "/s";

  public ByteRate {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("a rate is at least 1B/s");
    }
  }

  /// Reads a size and `/s`: `50MiB/s`.
  ///
  /// @throws IllegalArgumentException if it is none, or zero
  public static ByteRate parse(String text) {
    if (!text.endsWith(PER_SECOND)) {
      throw new IllegalArgumentException("'" + text + "' is no rate such as 50MiB/s");
    }
    String size = text.substring(0, text.length() - PER_SECOND.length());
    return new ByteRate(ByteSize.parse(size).bytes());
  }

  /// `50.0 MiB/s`.
  @Override
  public String toString() {
    return ByteSize.format(bytesPerSecond) + PER_SECOND;
  }
}
