package io.ringkeep.lookup;

import io.ringkeep.redis.EscapedText;
import java.nio.ByteBuffer;

/// A key as a person names it.
///
/// @param database number of the database it lives in
/// @param bytes its name
public record KeyName(int database, ByteBuffer bytes) {

  /// The name as it is shown, and may be given again.
  public String text() {
    return EscapedText.of(bytes);
  }

  @Override
  public String toString() {
    return "database=%d key=%s".formatted(database, text());
  }
}
