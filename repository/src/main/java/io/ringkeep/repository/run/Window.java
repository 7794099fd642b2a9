package io.ringkeep.repository.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Neighbouring blocks of one run that are fetched with one read and opened together.
///
/// Filled in the background, then read by the cursor, then filled again.
final class Window implements AutoCloseable {
  /// What a block may leave behind for the next one.
  private static final int MOST_KEPT_BYTES = 4 * RunFormat.PIECE_BYTES;

  private final StoredRun run;
  private final OffHeapBuffer stored = new OffHeapBuffer(RunFormat.BLOCK_BYTES);
  private final List<DecodedBlock> blocks = new ArrayList<>();
  private int first;
  private int count;

  Window(StoredRun run) {
    this.run = run;
  }

  /// Number of blocks that are open.
  int count() {
    return count;
  }

  /// The `i`-th of them.
  DecodedBlock block(int i) {
    return blocks.get(i);
  }

  /// Fetches and opens blocks `from`, inclusive, to `to`, exclusive, all of one object.
  void fill(int from, int to, RunData data, BlockReader reader) throws IOException {
    RunIndex index = run.index();
    first = from;
    count = 0;
    ByteBuffer bytes = data.read(from, to, stored);
    int at = 0;
    for (int block = from; block < to; block++) {
      int end = at + index.storedLength(block);
      DecodedBlock into = emptyBlock();
      BlockPlace place = run.place(block);
      boolean parsed =
          reader.open(bytes, at, end, run.descriptor().id(), index.entries(block), place, into);
      if (!parsed) {
        join(count - 1, data, reader);
      }
      if (into.position(0) != index.position(block)) {
        throw place.damaged(
            "block begins at another position than the index says",
            "%016x".formatted(index.position(block)),
            "%016x".formatted(into.position(0)));
      }
      at = end;
    }
  }

  /// Appends the pieces that continue the last record of the `i`-th block.
  void join(int i, RunData data, BlockReader reader) throws IOException {
    DecodedBlock whole = blocks.get(i);
    for (int block = first + i + 1; !whole.complete(); block++) {
      ByteBuffer bytes = data.read(block, block + 1, stored);
      reader.join(
          bytes,
          0,
          run.index().storedLength(block),
          run.descriptor().id(),
          run.place(block),
          whole);
    }
  }

  private DecodedBlock emptyBlock() {
    if (count < blocks.size() && blocks.get(count).capacity() > MOST_KEPT_BYTES) {
      blocks.set(count, new DecodedBlock()).close();
    }
    if (count == blocks.size()) {
      blocks.add(new DecodedBlock());
    }
    return blocks.get(count++);
  }

  @Override
  public void close() {
    stored.close();
    blocks.forEach(DecodedBlock::close);
  }
}
