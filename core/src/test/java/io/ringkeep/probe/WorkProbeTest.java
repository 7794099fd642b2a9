package io.ringkeep.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/// Our own work is timed by its fastest round, within seconds, whatever the sample's size.
class WorkProbeTest {
  private static final long SECOND = 1_000_000_000L;

  /// About two mebibytes are worked on in a round.
  private static final double ROUND_MIB = 2;

  private static List<Record> strings(int count, int bytes) {
    Random random = new Random(1);
    List<Record> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ByteBuffer value = ByteBuffer.allocate(Integer.BYTES + 1 + bytes);
      // 32-bit length, then the bytes: `rdb.h`, RDB_32BITLEN.
      value.put((byte) 0x80).putInt(bytes);
      byte[] content = new byte[bytes];
      random.nextBytes(content);
      records.add(
          new Record(
              0,
              ByteBuffer.wrap(("key:" + i).getBytes(StandardCharsets.US_ASCII)),
              Record.NO_EXPIRY,
              Heat.UNKNOWN,
              0,
              RdbVersion.redis(10),
              value.put(content).flip()));
    }
    return records;
  }

  /// A clock on which a round takes what it is told, and all else no time.
  private static final class RoundClock implements LongSupplier {
    private final IntToLongFunction nanosOfRound;
    private long now;
    private int asked;
    private int rounds;

    RoundClock(IntToLongFunction nanosOfRound) {
      this.nanosOfRound = nanosOfRound;
    }

    /// Asked once at first, then when a round begins, when it ends and behind it.
    @Override
    public long getAsLong() {
      if (asked % 3 == 2) {
        now += nanosOfRound.applyAsLong(rounds++);
      }
      asked++;
      return now;
    }
  }

  private static double secondsPerMib(List<Record> sample, RoundClock clock) throws IOException {
    return WorkProbe.of(sample, clock).orElseThrow().secondsPerMib();
  }

  @Test
  void work_roundsOfDifferentLengths_isThatOfTheFastest() throws IOException {
    RoundClock clock = new RoundClock(round -> round == 7 ? SECOND / 10 : SECOND / 2);

    assertThat(secondsPerMib(strings(1_000, 100), clock)).isCloseTo(0.1 / ROUND_MIB, within(0.005));
  }

  @Test
  void work_samplesOfAnySize_takesAsManyBytes() throws IOException {
    for (List<Record> sample :
        List.of(strings(1, 64), strings(50_000, 100), strings(300, 100_000), strings(1, 1 << 20))) {
      RoundClock clock = new RoundClock(_ -> SECOND);
      // The last record of a round may be large.
      assertThat(secondsPerMib(sample, clock)).isBetween(0.6 / ROUND_MIB, 1.01 / ROUND_MIB);
    }
  }

  @Test
  void work_tinyRecords_takesFewerBytes() throws IOException {
    // 30,000 records of some 20 bytes.
    assertThat(secondsPerMib(strings(10, 1), new RoundClock(_ -> SECOND))).isBetween(1.5, 2.5);
  }

  @Test
  void work_slowHost_endsAfterSomeSeconds() throws IOException {
    RoundClock slow = new RoundClock(_ -> 3 * SECOND);
    secondsPerMib(strings(10, 10), slow);

    assertThat(slow.now).isLessThan(12 * SECOND);
  }

  @Test
  void work_noSample_isNotKnown() throws IOException {
    assertThat(WorkProbe.of(List.of(), System::nanoTime)).isEmpty();
  }

  @Test
  void work_onAHostWhoseRoundsAreEndless_endsAfterTheFirst() throws IOException {
    RoundClock clock = new RoundClock(_ -> 20 * SECOND);

    secondsPerMib(strings(1_000, 100), clock);

    assertThat(clock.rounds).isEqualTo(1);
  }

  @Test
  void work_onManyTinyRecords_isOfSomeFromAllOfThem() throws IOException {
    List<Record> sample = new ArrayList<>(strings(30_000, 1));
    sample.addAll(strings(60_000, 40).subList(30_000, 60_000));
    RoundClock clock = new RoundClock(_ -> SECOND / 2);
    RoundClock other = new RoundClock(_ -> SECOND / 2);

    assertThat(secondsPerMib(sample, clock))
        .isCloseTo(secondsPerMib(sample.reversed(), other), withinPercentage(5));
  }
}
