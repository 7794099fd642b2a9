package io.ringkeep.testkit;

import java.util.ArrayList;
import java.util.List;

/// Sorted sets: every kind of score, packed and as skip lists; places.
final class SortedSetSamples implements SampleType {
  private static final List<String> SCORES =
      List.of(
          "0",
          "-0",
          "1",
          "-1",
          "0.1",
          "-0.1",
          "3.141592653589793",
          "1e300",
          "-1e300",
          "5e-324",
          "1.7976931348623157e308",
          "4503599627370495.5",
          "9007199254740991",
          "9007199254740992",
          "9007199254740994",
          "100000000000000000",
          "-100000000000000000",
          "9223372036854775807",
          "-9223372036854775808",
          "inf",
          "-inf");

  private final DatasetWriter writer;
  private final Samples samples;

  SortedSetSamples(DatasetWriter writer, Samples samples) {
    this.writer = writer;
    this.samples = samples;
  }

  @Override
  public int weight() {
    return 12;
  }

  @Override
  public void writeBorders(int database) {
    add(database, "scores:packed", scored(SCORES));
    List<Object> skipList = scored(SCORES);
    skipList.addAll(List.of("7", "x".repeat(100)));
    add(database, "scores:skiplist", skipList);
    for (int count : List.of(1, 127, 128, 129, 2_000)) {
      add(database, "count:" + count, Samples.list(count, i -> List.of(i / 2.0, "member " + i)));
    }
    for (int length : List.of(0, 63, 64, 65, 16_384)) {
      add(database, "length:" + length, List.of(1, "x".repeat(length), 2, "short"));
    }
    add(database, "integers", Samples.list(20, i -> List.of(i, Samples.INTEGERS.get(i))));
    add(database, "same-score", Samples.list(50, i -> List.of(1, "member " + i)));
    add(database, "all-bytes", List.of(1, Samples.allBytes()));
    DatasetKey places = new DatasetKey(database, Raw.bytes("border:geo"));
    writer.send(
        places, "GEOADD", places, 13.361389, 38.115556, "Palermo", 116.4, 39.9, "北京", -180, -85,
        "x");
  }

  private static List<Object> scored(List<String> scores) {
    List<Object> words = new ArrayList<>();
    for (String score : scores) {
      words.add(score);
      words.add("scored " + score);
    }
    return words;
  }

  @Override
  public void write(DatasetKey key) {
    int count = samples.chance(5) ? samples.between(130, 500) : samples.between(1, 30);
    writer.send(
        key, "ZADD", key, Samples.list(count, _ -> List.of(samples.score(), samples.value())));
  }

  private void add(int database, String name, List<?> scoresAndMembers) {
    DatasetKey key = new DatasetKey(database, Raw.bytes("border:zset:" + name));
    writer.send(key, "ZADD", key, scoresAndMembers);
  }
}
