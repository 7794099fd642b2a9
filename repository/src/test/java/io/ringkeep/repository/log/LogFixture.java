package io.ringkeep.repository.log;

import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.log.LogWriter.Draft;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// A shard's log in a store, and what is to be written to it.
abstract class LogFixture {
  static final String A = "a".repeat(40);
  static final String B = "b".repeat(40);
  static final Instant NOW = Instant.parse("2026-11-23T06:00:00Z");
  static final long FIRST = 1_000;

  final Random random = Seeds.random(getClass().getSimpleName());
  final MemoryStore store = new MemoryStore();
  final byte[] stream = new byte[5_000];

  LogFixture() {
    random.nextBytes(stream);
    Arrays.fill(stream, 2_000, 3_000, (byte) 'x');
  }

  static ShardLog log(ObjectStore in) {
    SealedObjects objects =
        new SealedObjects(in, "0".repeat(32), Encryption.NONE, Optional.empty(), new Random(1));
    return new ShardLog(in, objects, "orders", "0");
  }

  ReadableByteChannel bytes(long from, long to) {
    return Channels.newChannel(
        new ByteArrayInputStream(stream, (int) (from - FIRST), (int) (to - from)));
  }

  static Draft draft(long end) {
    return new Draft(
        end,
        new StreamState((int) end % 16, end % 2 == 1),
        NOW.plusMillis(end),
        NOW.plusMillis(end + 100),
        "Redis 7.0.15",
        List.of(new Mark(Mark.Kind.SAMPLE, end, end * 1_000, 0, "run")));
  }

  void append(LogWriter writer, long... ends) throws IOException {
    for (long end : ends) {
      writer.append(draft(end), bytes(writer.end().offset(), end));
    }
  }

  LogWriter begin(ShardLog log) {
    return log.begin(A, FIRST, StreamState.INITIAL);
  }

  static byte[] read(ShardLog log, Stretch stretch, long from) throws IOException {
    StretchReader reader = log.read(stretch, from);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuffer part = reader.next(); part.hasRemaining(); part = reader.next()) {
      byte[] copy = new byte[part.remaining()];
      part.get(copy);
      all.writeBytes(copy);
    }
    return all.toByteArray();
  }

  byte[] written(long from, long to) {
    return Arrays.copyOfRange(stream, (int) (from - FIRST), (int) (to - FIRST));
  }

  /// Damages a segment: one bit of the byte in its middle.
  void flip(SegmentName name) throws IOException {
    byte[] bytes = new byte[store.read(name.key()).limit()];
    store.read(name.key()).get(bytes);
    bytes[bytes.length / 2] ^= 1;
    store.delete(name.key());
    store.put(name.key(), ByteBuffer.wrap(bytes));
  }
}
