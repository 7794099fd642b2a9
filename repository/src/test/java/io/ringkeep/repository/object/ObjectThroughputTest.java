package io.ringkeep.repository.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.repository.ChildJvm;
import io.ringkeep.repository.crypto.DataKey;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.store.memory.MemoryStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A backup is a short process: encryption must be fast from its first second. (AES-GCM on heap
/// arrays runs at some 50 MB/s there.)
class ObjectThroughputTest {
  private static final int MEBIBYTES = 64;

  @Test
  void write_inAColdProcess_isFast() throws Exception {
    try (ChildJvm child = ChildJvm.start(ColdWriter.class)) {
      long millis = Long.parseLong(child.line());

      System.out.printf(
          "encrypt %d MiB from cold: %d ms, %d MiB/s%n",
          MEBIBYTES, millis, MEBIBYTES * 1000 / Math.max(1, millis));
      // Loose, for a busy machine; typical is a tenth of it.
      assertThat(Duration.ofMillis(millis)).isLessThan(Duration.ofSeconds(15));
    }
  }

  /// Seals as much as a short backup, discarding it, and prints the milliseconds.
  static final class ColdWriter {
    public static void main(String[] arguments) throws Exception {
      ByteBuffer content = ByteBuffer.allocateDirect(1 << 20);
      SealedObjects objects =
          new SealedObjects(
              new MemoryStore(),
              "0".repeat(32),
              Encryption.AES_256_GCM,
              Optional.of(DataKey.random(new Random(1))),
              new Random(2));
      long begun = System.nanoTime();
      for (int i = 0; i < MEBIBYTES; i++) {
        try (ObjectWriter writer = objects.create("object-" + i, ObjectKind.RUN_DATA)) {
          writer.write(content.clear());
        }
      }
      System.out.println(Duration.ofNanos(System.nanoTime() - begun).toMillis());
    }
  }
}
