package io.ringkeep.repository.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.repository.Seeds;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.ExpiryCount;
import io.ringkeep.repository.manifest.TypeCount;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentCounterTest {
  private static final Instant START = Instant.parse("2026-11-23T06:00:00Z");

  private final Random random = Seeds.random("ContentCounterTest");

  @Test
  void contents_recordsOfManyKinds_countsEach() {
    ContentCounter one = new ContentCounter(START);
    ContentCounter two = new ContentCounter(START);
    one.count(record(0, 1, RdbVersion.redis(11), -1, 10));
    one.count(record(0, 1, RdbVersion.redis(11), 5, 20));
    two.count(record(0, 1, RdbVersion.redis(11), 6, 90));
    two.count(record(3, 1, RdbVersion.redis(11), -1, 0));
    two.count(record(3, 22, RdbVersion.valkey(80), -1, 0));
    one.add(two);
    Contents contents = one.contents(List.of());
    assertThat(contents.records()).isEqualTo(5);
    assertThat(contents.expiring()).isEqualTo(2);
    assertThat(contents.largestValueBytes()).isEqualTo(90);
    assertThat(contents.types())
        .containsExactly(
            new TypeCount("REDIS0011", 1, 0, 3),
            new TypeCount("REDIS0011", 1, 3, 1),
            new TypeCount("VALKEY080", 22, 3, 1));
  }

  @Test
  void expiries_anyMoments_lieInSpansThatTouchAndHoldThem() {
    for (int round = 0; round < 2000; round++) {
      ContentCounter counter = new ContentCounter(START);
      long expiry = START.toEpochMilli() + random.nextLong(1L << random.nextInt(1, 44));
      if (random.nextInt(10) == 0) {
        expiry = random.nextLong(START.toEpochMilli());
      }
      counter.count(record(0, 0, RdbVersion.redis(9), expiry, 0));
      ExpiryCount span = counter.contents(List.of()).expiries().getFirst();
      assertThat(span.records()).isEqualTo(1);
      assertThat(Instant.ofEpochMilli(expiry)).isBetween(span.from(), span.until().minusMillis(1));
      Duration ahead = Duration.between(START, span.from());
      Duration width = Duration.between(span.from(), span.until());
      if (!ahead.isNegative() && ahead.toDays() < 3) {
        assertThat(width).isEqualTo(Duration.ofHours(1));
      } else if (!ahead.isNegative() && ahead.toDays() < 90) {
        assertThat(width).isEqualTo(Duration.ofDays(1));
      } else if (!ahead.isNegative() && ahead.toDays() < 3600) {
        assertThat(width).isEqualTo(Duration.ofDays(30));
      }
    }
  }

  @Test
  void expiredBy_anyMoment_isRightToASpan() {
    ContentCounter counter = new ContentCounter(START);
    List<Long> expiries =
        random
            .longs(5000, 0, Duration.ofDays(80).toMillis())
            .mapToObj(ahead -> START.toEpochMilli() + ahead)
            .toList();
    expiries.forEach(expiry -> counter.count(record(0, 0, RdbVersion.redis(9), expiry, 0)));
    Contents contents = counter.contents(List.of());
    for (int hour = 0; hour < 100 * 24; hour += 7) {
      Instant moment = START.plus(Duration.ofHours(hour));
      long expired = expiries.stream().filter(expiry -> expiry <= moment.toEpochMilli()).count();
      // A day's span holds 63 of them.
      assertThat(contents.expiredBy(moment)).isBetween(expired - 40, expired + 40);
    }
    assertThat(contents.expiredBy(START.minusSeconds(1))).isZero();
    assertThat(contents.expiredBy(START.plus(Duration.ofDays(81)))).isEqualTo(5000);
  }

  private static Record record(
      int database, int type, RdbVersion version, long expiry, int valueBytes) {
    return new Record(
        database,
        TestRecords.bytes("k"),
        expiry,
        Heat.UNKNOWN,
        type,
        version,
        ByteBuffer.allocate(valueBytes));
  }
}
