package io.ringkeep.redis.rdb;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/// A line of `golden/fingerprints.txt`: a record that a server wrote, and what its fingerprint is.
record GoldenRecord(String name, Record record, String fingerprint) {
  private static final Pattern BAR = Pattern.compile(" \\| ?");

  static List<GoldenRecord> all() {
    try (InputStream in =
        Objects.requireNonNull(
            GoldenRecord.class.getResourceAsStream("/golden/fingerprints.txt"))) {
      List<GoldenRecord> all = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (!line.startsWith("#")) {
          all.add(parse(BAR.split(line)));
        }
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GoldenRecord parse(String[] parts) {
    return new GoldenRecord(
        parts[0],
        new Record(
            Integer.parseInt(parts[2]),
            direct(parts[3]),
            Long.parseLong(parts[4]),
            Heat.UNKNOWN,
            Integer.parseInt(parts[5]),
            RdbVersion.parse(parts[1]),
            direct(parts[6])),
        parts[7]);
  }

  private static ByteBuffer direct(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    return ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
  }
}
