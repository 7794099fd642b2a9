package io.ringkeep.cli;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.RdbWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/// RDB files of strings, as a server would have written them: snapshots that need no server.
final class RdbFiles {
  private static final RdbVersion VERSION = RdbVersion.redis(10);
  private static final int VALUE_BYTES = 60;

  private RdbFiles() {}

  /// Writes keys `<prefix>0` to `<prefix><count-1>` with values by chance.
  static Path write(Path file, String prefix, int count, Random random) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      RdbWriter writer = new RdbWriter(out, VERSION);
      for (int i = 0; i < count; i++) {
        byte[] value = new byte[VALUE_BYTES];
        random.nextBytes(value);
        ByteBuffer encoded = ByteBuffer.allocate(1 + VALUE_BYTES);
        encoded.put((byte) VALUE_BYTES).put(value).flip();
        ByteBuffer key = ByteBuffer.wrap((prefix + i).getBytes(StandardCharsets.US_ASCII));
        writer.record(
            new Record(0, key, Record.NO_EXPIRY, Heat.UNKNOWN, /* type= */ 0, VERSION, encoded));
      }
      writer.finish();
    }
    return file;
  }
}
