package io.ringkeep.repository.run;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.ringkeep.model.RdbVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Puts ordered entries into blocks, see [RunFormat], and compresses them.
///
/// Used by one thread at a time; its buffers and its compressor serve one run after the other.
final class BlockWriter implements AutoCloseable {

  /// Takes finished blocks.
  @FunctionalInterface
  interface Sink {
    /// Takes one block.
    ///
    /// @param position of the first entry that begins in the block, or of the record it continues
    /// @param entries number of entries that begin in the block
    /// @param stored the block from position to limit; reused afterwards
    void block(long position, int entries, ByteBuffer stored) throws IOException;
  }

  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private final OffHeapBuffer body =
      new OffHeapBuffer(2 * RunFormat.BLOCK_BYTES + RunFormat.PIECE_BYTES);
  private final OffHeapBuffer tombstones = new OffHeapBuffer(RunFormat.BLOCK_BYTES);
  private final OffHeapBuffer stored = new OffHeapBuffer(2 * RunFormat.BLOCK_BYTES);
  private int[] valueLengths = new int[1024];

  private String run = "";
  private @Nullable Sink sink;
  private int blockNumber;
  private long firstPosition;
  private int payloadLength;
  private int records;
  private int tombstonesLength;
  private int tombstoneCount;
  private int recordsSinceTombstone;
  private int database;
  private @Nullable RdbVersion version;

  /// A writer without a run.
  ///
  /// @param level of zstd; negative is faster
  BlockWriter(int level) {
    compressor.setLevel(level).setContentSize(true);
  }

  /// Begins a run.
  void begin(String runId, Sink blocks) {
    run = runId;
    sink = blocks;
    blockNumber = 0;
    clear();
  }

  /// Adds a record whose head (expiry, heat, type, key) and value lie one behind the other.
  void record(
      long position,
      int recordDatabase,
      RdbVersion recordVersion,
      int headLength,
      int valueLength,
      ByteSource source,
      long at)
      throws IOException {
    long length = (long) headLength + valueLength;
    if (length > RunFormat.PIECE_BYTES) {
      flush();
      open(position);
      putContext(recordDatabase, recordVersion);
      putValueLength(valueLength);
      putPieces(source, at, length);
      return;
    }
    makeRoom(position, (int) length);
    putContext(recordDatabase, recordVersion);
    putValueLength(valueLength);
    source.copy(at, (int) length, body.get(), payloadLength);
    payloadLength += (int) length;
  }

  /// Notes that a key of older runs is gone.
  void tombstone(long position, int keyDatabase, ByteBuffer key) throws IOException {
    makeRoom(position, key.remaining());
    int at = tombstonesLength;
    ByteBuffer into =
        tombstones.atLeast(at + key.remaining() + 3 * RunFormat.MOST_VARINT_BYTES, at);
    at = RunFormat.putVarint(into, at, recordsSinceTombstone);
    at = RunFormat.putVarint(into, at, keyDatabase);
    at = RunFormat.putVarint(into, at, key.remaining());
    into.put(at, key, key.position(), key.remaining());
    tombstonesLength = at + key.remaining();
    tombstoneCount++;
    recordsSinceTombstone = 0;
  }

  /// Ends the block that is open, if any.
  void flush() throws IOException {
    if (records + tombstoneCount > 0) {
      emit(/* continued= */ false);
    }
  }

  @Override
  public void close() {
    compressor.close();
    body.close();
    tombstones.close();
    stored.close();
  }

  private void makeRoom(long position, int length) throws IOException {
    if (payloadLength + tombstonesLength + length > RunFormat.BLOCK_BYTES) {
      flush();
    }
    if (records + tombstoneCount == 0) {
      open(position);
    }
  }

  private void open(long position) {
    firstPosition = position;
  }

  private void putContext(int recordDatabase, RdbVersion recordVersion) {
    if (!recordVersion.equals(version)) {
      payloadLength = RdbBody.putVersion(body.get(), payloadLength, recordVersion);
      version = recordVersion;
    }
    if (recordDatabase != database) {
      payloadLength = RdbBody.putDatabase(body.get(), payloadLength, recordDatabase);
      database = recordDatabase;
    }
  }

  private void putValueLength(int length) {
    if (records == valueLengths.length) {
      valueLengths = Arrays.copyOf(valueLengths, 2 * records);
    }
    valueLengths[records++] = length;
    recordsSinceTombstone++;
  }

  private void putPieces(ByteSource source, long at, long length) throws IOException {
    long position = firstPosition;
    long done = 0;
    while (done < length) {
      int piece = (int) Math.min(RunFormat.PIECE_BYTES, length - done);
      source.copy(at + done, piece, body.get(), payloadLength);
      payloadLength += piece;
      done += piece;
      open(position);
      emit(/* continued= */ done < length);
    }
  }

  private void emit(boolean continued) throws IOException {
    int tableEnd = putTable();
    int tableLength = tableEnd - payloadLength;
    ByteBuffer content = body.get();
    int bound = (int) Zstd.compressBound(tableEnd);
    ByteBuffer into = stored.atLeast(RunFormat.BLOCK_HEADER_BYTES + bound, 0).clear();
    int compressed =
        compressor.compressDirectByteBuffer(
            into, RunFormat.BLOCK_HEADER_BYTES, bound, content, 0, tableEnd);
    boolean worthIt = compressed < tableEnd;
    if (!worthIt) {
      into.put(RunFormat.BLOCK_HEADER_BYTES, content, 0, tableEnd);
    }
    int storedLength = worthIt ? compressed : tableEnd;
    int entries = records + tombstoneCount;
    new BlockHeader(
            storedLength,
            payloadLength,
            tableLength,
            entries,
            worthIt ? BlockHeader.ZSTD : BlockHeader.PLAIN,
            continued,
            RunFormat.crc32c(content, 0, tableEnd),
            blockNumber)
        .put(into, 0, run);
    blockNumber++;
    long position = firstPosition;
    clear();
    if (sink == null) {
      throw new IllegalStateException("a block outside a run");
    }
    sink.block(position, entries, into.limit(RunFormat.BLOCK_HEADER_BYTES + storedLength));
  }

  /// Writes the table behind the payload and returns its end. A piece that continues a record has
  /// none.
  private int putTable() {
    if (records + tombstoneCount == 0) {
      return payloadLength;
    }
    int most = payloadLength + (records + 2) * RunFormat.MOST_VARINT_BYTES + tombstonesLength;
    ByteBuffer into = body.atLeast(most, payloadLength);
    int at = RunFormat.putVarint(into, payloadLength, records);
    for (int i = 0; i < records; i++) {
      at = RunFormat.putVarint(into, at, valueLengths[i]);
    }
    at = RunFormat.putVarint(into, at, tombstoneCount);
    into.put(at, tombstones.get(), 0, tombstonesLength);
    return at + tombstonesLength;
  }

  private void clear() {
    payloadLength = 0;
    records = 0;
    tombstonesLength = 0;
    tombstoneCount = 0;
    recordsSinceTombstone = 0;
    database = -1;
    version = null;
  }
}
