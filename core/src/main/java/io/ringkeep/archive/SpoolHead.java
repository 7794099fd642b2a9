package io.ringkeep.archive;

import io.ringkeep.repository.log.Gap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// What a file of a spool begins with.
///
/// @param replid history of its bytes
/// @param start offset of its first byte, which begins a command outside a transaction
/// @param database there
/// @param continues history of the bytes before, which go on here; empty if nothing does
/// @param reason why the bytes before do not go on here; empty if they do, or nothing is before
/// @param engine product and version of the server that sends
record SpoolHead(
    String replid,
    long start,
    int database,
    Optional<String> continues,
    Optional<Gap.Reason> reason,
    String engine) {

  ByteBuffer encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(replid);
      out.writeLong(start);
      out.writeInt(database);
      out.writeUTF(continues.orElse(""));
      out.writeUTF(reason.map(Enum::name).orElse(""));
      out.writeUTF(engine);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  /// @throws IOException if these bytes are none
  static SpoolHead decode(ByteBuffer payload) throws IOException {
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      return new SpoolHead(
          in.readUTF(),
          in.readLong(),
          in.readInt(),
          Optional.of(in.readUTF()).filter(text -> !text.isEmpty()),
          Optional.of(in.readUTF()).filter(text -> !text.isEmpty()).map(Gap.Reason::valueOf),
          in.readUTF());
    } catch (IllegalArgumentException e) {
      throw new IOException("spool file begins with an unknown reason", e);
    }
  }
}
