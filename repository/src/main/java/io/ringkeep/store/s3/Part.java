package io.ringkeep.store.s3;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import software.amazon.awssdk.core.sync.RequestBody;

/// Bytes on their way into a bucket: up to 20 MiB outside the heap, in chunks that are used again.
///
/// Filled by one thread, then sent by another.
final class Part {
  /// One part takes an object of a run whole: a single request creates it.
  static final int BYTES = 20 << 20;

  private static final int CHUNK_BYTES = 4 << 20;

  private final Chunks chunks;
  private final List<ByteBuffer> filled = new ArrayList<>();
  private int sizeBytes;

  Part(Chunks chunks) {
    this.chunks = chunks;
  }

  boolean full() {
    return sizeBytes == BYTES;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  /// Takes as much as there is room for.
  void take(ByteBuffer content) {
    while (content.hasRemaining() && !full()) {
      if (filled.isEmpty() || !filled.getLast().hasRemaining()) {
        filled.add(chunks.take());
      }
      ByteBuffer chunk = filled.getLast();
      int count = Math.min(chunk.remaining(), content.remaining());
      chunk.put(chunk.position(), content, content.position(), count);
      chunk.position(chunk.position() + count);
      content.position(content.position() + count);
      sizeBytes += count;
    }
  }

  /// What was taken so far, as often as the client asks for it.
  RequestBody body() {
    return body(filled.stream().map(chunk -> chunk.duplicate().flip()).toList());
  }

  /// The content of buffers, from position to limit, as often as the client asks for it.
  static RequestBody body(List<ByteBuffer> buffers) {
    long length = buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    return RequestBody.fromContentProvider(
        () -> new BufferStream(buffers), length, "application/octet-stream");
  }

  /// Gives the memory back. Nobody may be sending it any more.
  void free() {
    filled.forEach(chunks::give);
    filled.clear();
    sizeBytes = 0;
  }

  /// Memory of all parts of a store. Some is kept for the next ones: making direct buffers is slow.
  static final class Chunks {
    private static final int MOST_KEPT = 16;

    private final Deque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

    ByteBuffer take() {
      ByteBuffer chunk = free.pollFirst();
      return chunk != null ? chunk.clear() : ByteBuffer.allocateDirect(CHUNK_BYTES);
    }

    void give(ByteBuffer chunk) {
      if (free.size() < MOST_KEPT) {
        free.addFirst(chunk);
      }
    }
  }
}
