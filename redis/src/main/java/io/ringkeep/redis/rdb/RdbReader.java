package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import io.ringkeep.model.Record;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.rdb.RdbItem.ChecksumState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Slices an RDB stream of any known version into its items, without decoding values.
///
/// The channel must block, and end where the RDB ends: the reader reads ahead of what it hands out.
/// Nothing is assumed about the order of keys or databases. Not thread-safe; the views of one item
/// may be read by any thread until the next is asked for.
///
/// Any method that reads throws [CorruptData] with the offset where the stream is not what a server
/// writes or ends early, [UnsupportedFormat] with the offset where it holds what is not known here,
/// and [IOException] where the channel does. After that it cannot be used any more.
public final class RdbReader implements AutoCloseable {
  /// Bytes of an ordinary window: small enough to stay in the processor's cache.
  private static final int WINDOW_BYTES = 1 << 20;

  private static final int MIN_WINDOW_BYTES = 16;
  private static final int SLOTS = 16384;

  private final RdbInput in;
  private final RdbVersion version;
  private final @Nullable RdbType[] types;
  private final RdbString key = new RdbString();
  private final RdbString text = new RdbString();
  private final HashTemplates templates = new HashTemplates();
  private boolean usable = true;

  private int database;
  private long expiryMillis = Record.NO_EXPIRY;
  private Heat heat = Heat.UNKNOWN;

  /// Reads the magic.
  public RdbReader(ReadableByteChannel in) throws IOException {
    this(in, WINDOW_BYTES);
  }

  /// Reads the magic.
  ///
  /// @param windowBytes memory to read through, at least 16; a record that is larger takes more
  ///   while it is the current one
  public RdbReader(ReadableByteChannel in, int windowBytes) throws IOException {
    if (windowBytes < MIN_WINDOW_BYTES) {
      throw new IllegalArgumentException("window too small: windowBytes=" + windowBytes);
    }
    this.in = new RdbInput(in, windowBytes);
    version = readMagic();
    types = RdbType.table(version);
  }

  /// The version that the magic announced.
  public RdbVersion version() {
    return version;
  }

  /// How many bytes of the stream the items so far took.
  public long offset() {
    return in.offset();
  }

  /// The next item; [RdbItem.End] is the last.
  ///
  /// @throws IllegalStateException if there was an end or an error before
  public RdbItem next() throws IOException {
    if (!usable) {
      throw new IllegalStateException("RDB stream is over: offset=" + offset());
    }
    usable = false;
    RdbItem item = read();
    usable = !(item instanceof RdbItem.End);
    return item;
  }

  /// Gives up the memory; the channel stays open. No view may be used any more.
  @Override
  public void close() {
    usable = false;
    in.close();
  }

  private RdbVersion readMagic() throws IOException {
    in.begin();
    in.skip(RdbFormat.MAGIC_BYTES);
    String magic = StandardCharsets.ISO_8859_1.decode(in.view(0, RdbFormat.MAGIC_BYTES)).toString();
    RdbVersion announced;
    try {
      announced = RdbVersion.parse(magic);
    } catch (IllegalArgumentException e) {
      throw new CorruptData("not an RDB: offset=0", "an RDB begins with REDIS or VALKEY", e);
    }
    if (!RdbFormat.readable(announced)) {
      throw new UnsupportedFormat(
          "unknown RDB version: offset=0 version=%s known=%s"
              .formatted(announced, RdbFormat.known()),
          "nothing was stored; use a release of Ringkeep that knows it, and keep an RDB file itself until"
              + " then");
    }
    return announced;
  }

  private RdbItem read() throws IOException {
    while (true) {
      in.begin();
      int opcode = in.u8();
      switch (opcode) {
        case RdbFormat.OPCODE_EXPIRETIME_MS -> expiryMillis = in.i64();
        case RdbFormat.OPCODE_EXPIRETIME -> expiryMillis = in.i32() * 1000L;
        case RdbFormat.OPCODE_IDLE -> heat = new Heat.Idle(in.amount());
        case RdbFormat.OPCODE_FREQ -> heat = new Heat.Frequency(in.u8());
        case RdbFormat.OPCODE_SELECTDB -> database = in.count();
        case RdbFormat.OPCODE_RESIZEDB -> {
          return new RdbItem.ResizeHint(database, in.amount(), in.amount());
        }
        case RdbFormat.OPCODE_AUX -> {
          return readAux();
        }
        case RdbFormat.OPCODE_MODULE_AUX -> {
          return readModuleAux();
        }
        case RdbFormat.OPCODE_FUNCTION2 -> {
          text.read(in);
          return new RdbItem.FunctionLibrary(text.view(in));
        }
        case RdbFormat.OPCODE_SLOT_INFO -> {
          return new RdbItem.SlotInfo(readSlot(), in.amount(), in.amount());
        }
        case RdbFormat.OPCODE_SLOT_IMPORT_OR_KEY_META -> {
          if (version.family() != Family.VALKEY) {
            throw unsupported(opcode);
          }
          return readSlotImport();
        }
        case RdbFormat.OPCODE_HASH_TEMPLATE -> {
          if (!HashTemplates.in(version)) {
            throw unsupported(opcode);
          }
          templates.define(in, text);
        }
        case RdbFormat.OPCODE_EOF -> {
          return readEnd();
        }
        default -> {
          return readEntry(opcode);
        }
      }
    }
  }

  private RdbItem readEntry(int number) throws IOException {
    if (HashTemplates.named(version, number)) {
      key.read(in);
      return entry(RdbType.HASH.number(), readTemplated(number));
    }
    RdbType type = number < types.length ? types[number] : null;
    if (type == null) {
      throw unsupported(number);
    }
    key.read(in);
    long from = in.offset();
    RdbSlicer.skipValue(in, type);
    return entry(number, in.view(from, (int) (in.offset() - from)));
  }

  /// The value of a hash with a template, as a hash without one.
  private ByteBuffer readTemplated(int number) throws IOException {
    long from = in.offset();
    templates.skip(in, number);
    ByteBuffer value = in.view(from, (int) (in.offset() - from));
    try {
      return templates.plain(number, value);
    } catch (CorruptData e) {
      throw new CorruptData(
          "damaged hash with a template in RDB: offset=%d: %s".formatted(from, e.getMessage()),
          null,
          e);
    }
  }

  private RdbItem entry(int number, ByteBuffer value) {
    Record record = new Record(database, key.view(in), expiryMillis, heat, number, version, value);
    expiryMillis = Record.NO_EXPIRY;
    heat = Heat.UNKNOWN;
    return new RdbItem.Entry(record);
  }

  private RdbItem readAux() throws IOException {
    key.read(in);
    text.read(in);
    return new RdbItem.Aux(key.text(in), text.view(in));
  }

  private RdbItem readModuleAux() throws IOException {
    long from = in.offset();
    long module = in.length();
    RdbSlicer.skipModuleParts(in);
    return new RdbItem.ModuleAux(
        RdbFormat.moduleName(module), in.view(from, (int) (in.offset() - from)));
  }

  private RdbItem readSlotImport() throws IOException {
    text.read(in);
    int ranges = in.count();
    List<SlotRange> slots = new ArrayList<>();
    for (int i = 0; i < ranges; i++) {
      long from = in.offset();
      int first = readSlot();
      int last = readSlot();
      if (first > last) {
        throw RdbInput.damaged(
            "impossible slot range in RDB", from, "first=" + first + " last=" + last);
      }
      slots.add(new SlotRange(first, last));
    }
    return new RdbItem.SlotImport(text.text(in), List.copyOf(slots));
  }

  private int readSlot() throws IOException {
    long from = in.offset();
    long slot = in.length();
    if (slot < 0 || slot >= SLOTS) {
      throw RdbInput.damaged("impossible slot in RDB", from, "slot=" + Long.toUnsignedString(slot));
    }
    return (int) slot;
  }

  private RdbItem readEnd() throws IOException {
    long actual = in.checksum();
    ChecksumState state = ChecksumState.ABSENT;
    if (RdbFormat.hasChecksum(version)) {
      long from = in.offset();
      long expected = in.i64();
      if (expected != 0 && expected != actual) {
        throw RdbInput.damaged(
            "RDB checksum mismatch",
            from,
            "expected=%016x actual=%016x".formatted(expected, actual));
      }
      state = expected == 0 ? ChecksumState.ABSENT : ChecksumState.VERIFIED;
    }
    long bytes = in.offset();
    if (!in.exhausted()) {
      throw new CorruptData(
          "bytes behind the end of the RDB: offset=" + bytes,
          "an append-only file with an RDB in front is no RDB",
          null);
    }
    return new RdbItem.End(state, bytes);
  }

  private UnsupportedFormat unsupported(int number) {
    String what =
        switch (number) {
          case RdbFormat.OPCODE_SLOT_IMPORT_OR_KEY_META ->
              "module data attached to a key, or an unknown opcode";
          case RdbFormat.OPCODE_HASH_TEMPLATE ->
              "hash template of Redis 8.10, or an unknown opcode";
          case RdbFormat.OPCODE_FUNCTION_PRE_GA ->
              "function library of Redis 7.0 release candidates";
          default ->
              number < RdbFormat.OPCODE_HASH_TEMPLATE
                  ? "unknown RDB value type"
                  : "unknown RDB opcode";
        };
    return new UnsupportedFormat(
        "%s: offset=%d number=%d version=%s".formatted(what, in.offset() - 1, number, version),
        null);
  }
}
