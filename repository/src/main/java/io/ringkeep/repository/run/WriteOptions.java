package io.ringkeep.repository.run;

/// What a backup may use, and how hard it compresses.
///
/// @param memoryBytes budget off the heap for gathering records, shared by all shards
/// @param compressionLevel of zstd; negative is faster
/// @param objectBytes content at which a data object ends
/// @param threads that sort, compress and write
public record WriteOptions(long memoryBytes, int compressionLevel, long objectBytes, int threads) {
  /// 512 MiB, zstd 1, objects of 16 MiB, a thread for each processor up to four.
  public static WriteOptions standard() {
    return new WriteOptions(
        512L << 20, 1, 16L << 20, Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4));
  }
}
