package io.ringkeep.redis.rdb;

import io.ringkeep.model.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Reads whole streams, for tests, into items that stay valid.
final class RdbItems {
  private RdbItems() {}

  static List<RdbItem> of(byte[] stream) throws IOException {
    return of(stream, 1 << 12, 1 << 20);
  }

  /// Reads through a window of `windowBytes` what a channel hands out in pieces of `pieceBytes`.
  static List<RdbItem> of(byte[] stream, int windowBytes, int pieceBytes) throws IOException {
    return of(new Pieces(stream, pieceBytes), windowBytes);
  }

  static List<RdbItem> of(ReadableByteChannel channel, int windowBytes) throws IOException {
    List<RdbItem> items = new ArrayList<>();
    try (RdbReader reader = new RdbReader(channel, windowBytes)) {
      RdbItem item;
      do {
        item = reader.next();
        items.add(copy(item));
      } while (!(item instanceof RdbItem.End));
    }
    return items;
  }

  static List<Record> records(byte[] stream) throws IOException {
    return records(of(stream));
  }

  static List<Record> records(List<RdbItem> items) {
    return items.stream()
        .filter(RdbItem.Entry.class::isInstance)
        .map(item -> ((RdbItem.Entry) item).record())
        .toList();
  }

  static String text(ByteBuffer buffer) {
    return StandardCharsets.UTF_8.decode(buffer.duplicate()).toString();
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /// Randomness from the system property `ringkeep.seed`; 0 draws a seed. It is printed.
  static Random random(String what) {
    long seed = Long.getLong("ringkeep.seed", 0);
    if (seed == 0) {
      seed = new Random().nextLong();
    }
    System.out.println(what + ": ringkeep.seed=" + seed);
    return new Random(seed);
  }

  private static RdbItem copy(RdbItem item) {
    return switch (item) {
      case RdbItem.Aux(String name, ByteBuffer value) -> new RdbItem.Aux(name, copy(value));
      case RdbItem.FunctionLibrary(ByteBuffer code) -> new RdbItem.FunctionLibrary(copy(code));
      case RdbItem.ModuleAux(String module, ByteBuffer raw) ->
          new RdbItem.ModuleAux(module, copy(raw));
      case RdbItem.Entry(Record record) -> new RdbItem.Entry(record.copy());
      case RdbItem.SlotInfo other -> other;
      case RdbItem.SlotImport other -> other;
      case RdbItem.ResizeHint other -> other;
      case RdbItem.End other -> other;
    };
  }

  private static ByteBuffer copy(ByteBuffer buffer) {
    return ByteBuffer.wrap(bytes(buffer));
  }

  /// A channel that hands out at most `pieceBytes` at a time.
  static final class Pieces implements ReadableByteChannel {
    private final ByteBuffer rest;
    private final int pieceBytes;

    Pieces(byte[] stream, int pieceBytes) {
      rest = ByteBuffer.wrap(stream);
      this.pieceBytes = pieceBytes;
    }

    @Override
    public int read(ByteBuffer target) {
      if (!rest.hasRemaining()) {
        return -1;
      }
      int bytes = Math.min(pieceBytes, Math.min(rest.remaining(), target.remaining()));
      target.put(rest.slice(rest.position(), bytes));
      rest.position(rest.position() + bytes);
      return bytes;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
