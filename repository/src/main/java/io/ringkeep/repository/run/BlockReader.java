package io.ringkeep.repository.run;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.RecordHasher;
import java.nio.ByteBuffer;

/// Opens stored blocks: compares every checksum, uncompresses, finds the entries.
///
/// Used by one thread at a time.
final class BlockReader implements AutoCloseable {
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
  private final RecordHasher hasher;

  BlockReader(RecordHasher hasher) {
    this.hasher = hasher;
  }

  /// Opens the block that lies in `stored` from `start` to `end`.
  ///
  /// @param entries how many entries the index promises
  /// @return false if the block ends inside a key, so that [#join] must come before anything else
  /// @throws CorruptData if it is not what was written
  boolean open(
      ByteBuffer stored,
      int start,
      int end,
      String run,
      int entries,
      BlockPlace place,
      DecodedBlock into) {
    BlockHeader header = BlockHeader.read(stored, start, end, run, place);
    if (header.entries() != entries) {
      throw place.damaged("index counts other entries than the block", entries, header.entries());
    }
    uncompress(stored, start, header, place, into, 0);
    boolean parsed =
        into.parse(header.payloadLength(), header.tableLength(), header.continued(), hasher, place);
    if (parsed && into.entries() != entries) {
      throw place.damaged("block has other entries than its header says", entries, into.entries());
    }
    return parsed;
  }

  /// Appends the piece that continues the only record of `into`; with the last piece the record is
  /// complete.
  void join(
      ByteBuffer stored, int start, int end, String run, BlockPlace place, DecodedBlock into) {
    BlockHeader header = BlockHeader.read(stored, start, end, run, place);
    if (header.entries() != 0 || header.tableLength() != 0) {
      throw place.damaged("block begins entries where it should continue one", 0, header.entries());
    }
    // The table stands behind the payload and moves on with its end.
    byte[] table = into.table();
    int payload = into.payloadLength();
    uncompress(stored, start, header, place, into, payload);
    payload += header.payloadLength();
    into.space(payload, table.length).put(payload, table);
    if (header.continued()) {
      into.extend(payload);
    } else {
      into.parse(payload, table.length, /* continued= */ false, hasher, place);
    }
  }

  /// Puts payload and table at index `at` of the body.
  private void uncompress(
      ByteBuffer stored,
      int start,
      BlockHeader header,
      BlockPlace place,
      DecodedBlock into,
      int at) {
    int length = Math.addExact(header.payloadLength(), header.tableLength());
    ByteBuffer body = into.space(at, length);
    int from = start + RunFormat.BLOCK_HEADER_BYTES;
    int actual;
    if (header.compression() == BlockHeader.ZSTD) {
      try {
        actual =
            decompressor.decompressDirectByteBuffer(
                body, at, length, stored, from, header.storedLength());
      } catch (ZstdException e) {
        throw place.damaged("block does not uncompress", e);
      }
    } else if (header.compression() == BlockHeader.PLAIN) {
      actual = header.storedLength();
      body.put(at, stored, from, Math.min(actual, length));
    } else {
      throw place.damaged("unknown compression", "0 or 1", header.compression());
    }
    if (actual != length) {
      throw place.damaged("block has another length", length, actual);
    }
    int crc = RunFormat.crc32c(body, at, at + length);
    if (crc != header.bodyCrc()) {
      throw place.damaged(
          "block checksum mismatch", BlockHeader.hex(header.bodyCrc()), BlockHeader.hex(crc));
    }
  }

  @Override
  public void close() {
    decompressor.close();
  }
}
