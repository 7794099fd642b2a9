package io.ringkeep.lookup;

import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// A value as bytes for a program.
public final class RawValue {
  /// A channel over a stream copies through the heap.
  private static final int PIECE_BYTES = 64 * 1024;

  private RawValue() {}

  /// Writes the bytes of a string as they are; of any other type what `DUMP` would answer, stamped
  /// with the oldest version that knows it.
  public static void write(Record record, WritableByteChannel out) throws IOException {
    if (RdbType.logicalType(record.version(), record.type()) == LogicalType.STRING) {
      try {
        ElementWalk.string(
            record, (bytes, start, end) -> writeUnchecked(bytes.slice(start, end - start), out));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      return;
    }
    ByteBuffer trailer = ByteBuffer.allocateDirect(DumpPayload.TRAILER_BYTES);
    DumpPayload.putTrailer(
        trailer, 0, record, DumpPayload.stampFor(record.version(), record.type()));
    write(ByteBuffer.wrap(new byte[] {(byte) record.type()}), out);
    write(record.value().duplicate(), out);
    write(trailer, out);
  }

  private static void writeUnchecked(ByteBuffer bytes, WritableByteChannel out) {
    try {
      write(bytes, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(ByteBuffer bytes, WritableByteChannel out) throws IOException {
    while (bytes.hasRemaining()) {
      ByteBuffer piece = bytes.slice(bytes.position(), Math.min(PIECE_BYTES, bytes.remaining()));
      bytes.position(bytes.position() + piece.remaining());
      while (piece.hasRemaining()) {
        out.write(piece);
      }
    }
  }
}
