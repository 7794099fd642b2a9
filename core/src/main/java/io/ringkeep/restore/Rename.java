package io.ringkeep.restore;

import io.ringkeep.redis.resp.Printable;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Names that begin with `from` begin with `to` instead.
///
/// @param from bytes at the beginning of a name, its own buffer
/// @param to bytes that take their place, its own buffer
public record Rename(ByteBuffer from, ByteBuffer to) {
  /// The new name; empty if the name begins otherwise.
  Optional<ByteBuffer> of(ByteBuffer name) {
    int length = from.remaining();
    if (name.remaining() < length || !name.slice(name.position(), length).equals(from)) {
      return Optional.empty();
    }
    ByteBuffer renamed = ByteBuffer.allocate(to.remaining() + name.remaining() - length);
    renamed.put(to.duplicate());
    renamed.put(name.slice(name.position() + length, name.remaining() - length));
    return Optional.of(renamed.flip());
  }

  @Override
  public String toString() {
    return Printable.of(from) + "=>" + Printable.of(to);
  }
}
