package io.ringkeep.redis.rdb;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import io.ringkeep.model.Record;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts records together to an RDB stream that servers of its version load.
///
/// Values are written as they stand in their record; whether the version can hold them is asked of
/// [RdbType#obstacle] beforehand. Order is the caller's: databases may alternate. Not thread-safe.
/// An [IOException] leaves the stream torn; nothing can be written after it.
public final class RdbWriter {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int OLDEST_REDIS = 9;
  private static final int BUFFER_BYTES = 256 * 1024;

  /// From this size on, bytes go to the channel from where they are.
  private static final int UNCOPIED_BYTES = 32 * 1024;

  /// More than all that stands before a key and its length: expiry, heat, type, key length.
  private static final int HEAD_BYTES = 64;

  private final WritableByteChannel out;
  private final RdbVersion version;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final Map<Integer, Hint> hints = new HashMap<>();

  /// Which types of `checkedFor` can be written.
  private boolean[] writable = {};

  private @Nullable RdbVersion checkedFor;

  private int at;
  private long crc;

  /// Bytes given to the channel.
  private long flushed;

  /// Selected last; -1: none yet.
  private int database = -1;

  private boolean finished;

  /// Writes nothing yet.
  ///
  /// @param version REDIS 9–15 or VALKEY 80
  public RdbWriter(WritableByteChannel out, RdbVersion version) {
    if (!writable(version)) {
      throw new IllegalArgumentException("RDB version cannot be written: version=" + version);
    }
    this.out = out;
    this.version = version;
    byte[] magic = version.magic().getBytes(StandardCharsets.US_ASCII);
    buffer.put(0, magic);
    at = magic.length;
  }

  /// True if RDB streams of this version can be written.
  public static boolean writable(RdbVersion version) {
    return RdbFormat.readable(version)
        && (version.family() == Family.VALKEY || version.number() >= OLDEST_REDIS);
  }

  /// Bytes written so far, buffered ones included.
  public long bytes() {
    return flushed + at;
  }

  /// Writes an AUX field: servers pass over names they do not know.
  public void aux(String name, String value) throws IOException {
    aux(name, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
  }

  /// Writes an AUX field: servers pass over names they do not know.
  public void aux(String name, ByteBuffer value) throws IOException {
    opcode(RdbFormat.OPCODE_AUX);
    string(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
    string(value);
  }

  /// Writes a library of functions; it belongs before the first record.
  ///
  /// @throws IllegalArgumentException if the version has none
  public void function(ByteBuffer code) throws IOException {
    if (!RdbFormat.hasFunctions(version)) {
      throw new IllegalArgumentException("RDB version has no functions: version=" + version);
    }
    opcode(RdbFormat.OPCODE_FUNCTION2);
    string(code);
  }

  /// Writes what a module keeps beside the keys. A server without that module exits when it loads
  /// it.
  ///
  /// @param raw as [RdbItem.ModuleAux#raw] has it
  public void moduleAux(ByteBuffer raw) throws IOException {
    opcode(RdbFormat.OPCODE_MODULE_AUX);
    bytes(raw);
  }

  /// Has the server make room before it loads a database: it is written where that database is
  /// selected first, because servers apply only the one right before a key.
  ///
  /// @param keys about how many keys of that database follow
  /// @param expiring about how many of them expire
  public void resizeHint(int database, long keys, long expiring) {
    hints.put(database, new Hint(keys, expiring));
  }

  /// Writes a record.
  ///
  /// @throws IllegalArgumentException if the version cannot hold its type; nothing was written
  public void record(Record record) throws IOException {
    requireUnfinished();
    requireWritable(record);
    if (record.database() != database) {
      select(record.database());
    }
    reserve(HEAD_BYTES);
    if (record.expires()) {
      put(RdbFormat.OPCODE_EXPIRETIME_MS);
      LONG.set(buffer, at, record.expiryMillis());
      at += Long.BYTES;
    }
    switch (record.heat()) {
      case Heat.Unknown() -> {}
      case Heat.Idle(long seconds) -> {
        put(RdbFormat.OPCODE_IDLE);
        at = RdbLength.put(buffer, at, seconds);
      }
      case Heat.Frequency(int counter) -> {
        put(RdbFormat.OPCODE_FREQ);
        put(counter);
      }
    }
    put(record.type());
    at = RdbLength.put(buffer, at, record.key().remaining());
    bytes(record.key());
    bytes(record.value());
  }

  /// Ends the stream with its checksum and gives all of it to the channel.
  ///
  /// @return length of the stream
  public long finish() throws IOException {
    opcode(RdbFormat.OPCODE_EOF);
    flush();
    LONG.set(buffer, at, crc);
    at += RdbFormat.CHECKSUM_BYTES;
    flush();
    finished = true;
    return flushed;
  }

  private void requireUnfinished() {
    if (finished) {
      throw new IllegalStateException("RDB stream is finished: bytes=" + flushed);
    }
  }

  private void requireWritable(Record record) {
    if (!record.version().equals(checkedFor)) {
      checkedFor = record.version();
      writable = writableTypes(record.version());
    }
    int type = record.type();
    if (type < 0 || type >= writable.length || !writable[type]) {
      throw new IllegalArgumentException(
          "record cannot be written: type=%d version=%s target=%s"
              .formatted(type, record.version(), version));
    }
  }

  private boolean[] writableTypes(RdbVersion written) {
    @Nullable RdbType[] types = RdbType.table(written);
    boolean[] can = new boolean[types.length];
    for (int number = 0; number < types.length; number++) {
      can[number] = types[number] != null && RdbType.obstacle(written, number, version).isEmpty();
    }
    return can;
  }

  private void select(int selected) throws IOException {
    opcode(RdbFormat.OPCODE_SELECTDB);
    at = RdbLength.put(buffer, at, selected);
    database = selected;
    Hint hint = hints.remove(selected);
    if (hint != null) {
      opcode(RdbFormat.OPCODE_RESIZEDB);
      at = RdbLength.put(buffer, at, hint.keys());
      at = RdbLength.put(buffer, at, hint.expiring());
    }
  }

  /// Writes an opcode, with room for what may follow but strings.
  private void opcode(int opcode) throws IOException {
    requireUnfinished();
    reserve(HEAD_BYTES);
    put(opcode);
  }

  private void string(ByteBuffer text) throws IOException {
    reserve(RdbLength.MAX_BYTES);
    at = RdbLength.put(buffer, at, text.remaining());
    bytes(text);
  }

  private void bytes(ByteBuffer source) throws IOException {
    int length = source.remaining();
    if (length < UNCOPIED_BYTES) {
      reserve(length);
      buffer.put(at, source, source.position(), length);
      at += length;
    } else {
      flush();
      write(source.duplicate());
    }
  }

  private void put(int value) {
    buffer.put(at++, (byte) value);
  }

  private void reserve(int bytes) throws IOException {
    if (BUFFER_BYTES - at < bytes) {
      flush();
    }
  }

  private void flush() throws IOException {
    int length = at;
    at = 0;
    write(buffer.slice(0, length));
  }

  private void write(ByteBuffer source) throws IOException {
    crc = Crc64.update(crc, source, source.position(), source.limit());
    flushed += source.remaining();
    while (source.hasRemaining()) {
      out.write(source);
    }
  }

  private record Hint(long keys, long expiring) {}
}
