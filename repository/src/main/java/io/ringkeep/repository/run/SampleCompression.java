package io.ringkeep.repository.run;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.util.List;

/// How far a backup would compress some bytes.
public final class SampleCompression {
  private SampleCompression() {}

  /// Stored bytes for each byte of `parts`, cut into blocks and compressed as a backup does.
  ///
  /// @param parts keys and values, each from position to limit; not empty
  public static double ratio(List<ByteBuffer> parts) {
    long content = 0;
    long stored = 0;
    ByteBuffer block = ByteBuffer.allocate(RunFormat.BLOCK_BYTES);
    for (ByteBuffer part : parts) {
      ByteBuffer rest = part.duplicate();
      content += rest.remaining();
      while (rest.hasRemaining()) {
        int count = Math.min(rest.remaining(), block.remaining());
        block.put(rest.slice(rest.position(), count));
        rest.position(rest.position() + count);
        if (!block.hasRemaining()) {
          stored += compressed(block);
        }
      }
    }
    return (double) (stored + compressed(block)) / Math.max(1, content);
  }

  private static long compressed(ByteBuffer block) {
    byte[] content = new byte[block.flip().remaining()];
    block.get(content).clear();
    return content.length == 0
        ? 0
        : Zstd.compress(content, WriteOptions.standard().compressionLevel()).length;
  }
}
