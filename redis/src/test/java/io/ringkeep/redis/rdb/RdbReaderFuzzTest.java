package io.ringkeep.redis.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.RdbVersion;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Files of real servers and hand-built ones, damaged at random: the reader ends each with an end
/// or a named error, soon, and within the memory that this test has.
class RdbReaderFuzzTest {
  private static final int ROUNDS =
      "full".equals(System.getProperty("ringkeep.proof")) ? 1_000_000 : 20_000;

  @Test
  void damagedStream_neverDoesWorseThanANamedError() throws IOException, URISyntaxException {
    Random random = RdbItems.random("RdbReaderFuzzTest");
    List<byte[]> streams = streams();
    int whole = 0;
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage(streams.get(random.nextInt(streams.size())), random);
      long start = System.nanoTime();
      try {
        RdbItems.of(damaged, random.nextInt(16, 5000), random.nextInt(1, 20_000));
        whole++;
      } catch (CorruptData | UnsupportedFormat e) {
        refused++;
        assertThat(e).hasMessageContaining("offset=");
      } catch (BackupException | IOException e) {
        fail("unexpected kind of error", e);
      } catch (RuntimeException e) {
        fail("round %d: %s".formatted(round, HexFormat.of().formatHex(damaged)), e);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
    assertThat(whole).isPositive();
    assertThat(refused).isPositive();
  }

  private static List<byte[]> streams() throws IOException, URISyntaxException {
    List<byte[]> streams = new ArrayList<>();
    for (Path file : RdbGoldenTest.files().toList()) {
      streams.add(Files.readAllBytes(file));
    }
    for (RdbVersion version :
        List.of(RdbFormat.newest(RdbVersion.Family.REDIS), RdbVersion.valkey(80))) {
      for (RdbType type : RdbType.values()) {
        if (type != RdbType.MODULE_PRE_GA && type.knownTo(version)) {
          RdbBytes stream = RdbBytes.stream(version.magic()).db(0);
          streams.add(stream.key(type.number(), "k", RdbSamples.value(type)).end());
        }
      }
    }
    return streams;
  }

  private static byte[] damage(byte[] stream, Random random) {
    byte[] damaged = stream.clone();
    for (int times = random.nextInt(1, 5); times > 0 && damaged.length > 20; times--) {
      int at = random.nextInt(9, damaged.length);
      switch (random.nextInt(6)) {
        case 0 -> damaged[at] = (byte) random.nextInt();
        case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> damaged[at] = (byte) (0x80 | random.nextInt(4));
        case 3 -> damaged = spliced(damaged, at, random.nextInt(20), 0);
        case 4 -> damaged = spliced(damaged, at, 0, random.nextInt(20));
        default -> damaged = Arrays.copyOf(damaged, at);
      }
    }
    // Half of them with a checksum that agrees, or the absent one.
    return switch (random.nextInt(4)) {
      case 0 -> damaged.length > 8 ? RdbBytes.sealed(damaged) : damaged;
      case 1 -> {
        Arrays.fill(damaged, Math.max(0, damaged.length - 8), damaged.length, (byte) 0);
        yield damaged;
      }
      default -> damaged;
    };
  }

  /// `bytes` with `remove` bytes at `at` taken out and `insert` bytes from before repeated there.
  private static byte[] spliced(byte[] bytes, int at, int remove, int insert) {
    int behind = Math.min(bytes.length, at + remove);
    byte[] spliced = new byte[at + insert + bytes.length - behind];
    System.arraycopy(bytes, 0, spliced, 0, at);
    System.arraycopy(bytes, Math.max(0, at - insert), spliced, at, Math.min(insert, at));
    System.arraycopy(bytes, behind, spliced, at + insert, bytes.length - behind);
    return spliced;
  }
}
