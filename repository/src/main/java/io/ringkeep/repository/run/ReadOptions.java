package io.ringkeep.repository.run;

/// What reading a snapshot may use.
///
/// @param memoryBytes about how much may be fetched ahead by each cursor, off the heap
/// @param threads that fetch, decrypt and uncompress, shared by all cursors
public record ReadOptions(long memoryBytes, int threads) {
  /// 96 MiB, a thread for each processor up to four.
  public static ReadOptions standard() {
    return new ReadOptions(96L << 20, Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4));
  }
}
