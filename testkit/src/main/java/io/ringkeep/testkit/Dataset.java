package io.ringkeep.testkit;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// A mixed dataset that a seed decides: the same seed gives servers of one version the same data,
/// whatever their shape.
///
/// It has one key for each border at which servers change how they store a value (kept in its first
/// database), and any number of random keys of every type over all its databases, a third of them
/// with an absolute expiry in the far future; fields that expire, streams with groups and pending
/// entries, and function libraries where the server has them. On a cluster all keys go to database
/// 0, each to the owner of its slot.
///
/// ```java
/// Dataset.of(seed, 1_000).writeTo(server);
/// ```
public final class Dataset {
  /// All expiries lie after it.
  private static final long FAR_FUTURE_MILLIS =
      Instant.parse("2100-01-01T00:00:00Z").toEpochMilli();

  private static final List<String> FUNCTIONS =
      List.of(
          """
          #!lua name=ringkeep_echo
          redis.register_function('ringkeep_echo', function(keys, args) return args[1] end)
          """,
          """
          #!lua name=ringkeep_count
          local function count(keys) return redis.call('INCR', keys[1]) end
          redis.register_function('ringkeep_count', count)
          """);

  private static final int EXPIRING_PERCENT = 33;
  private static final int EXPIRING_SOON_PERCENT = 5;

  private final long seed;
  private final int randomKeys;
  private final List<Integer> databases;
  private final boolean functions;
  private final boolean vectorSets;
  private final Optional<Instant> soon;

  private Dataset(
      long seed,
      int randomKeys,
      List<Integer> databases,
      boolean functions,
      boolean vectorSets,
      Optional<Instant> soon) {
    this.seed = seed;
    this.randomKeys = randomKeys;
    this.databases = databases;
    this.functions = functions;
    this.vectorSets = vectorSets;
    this.soon = soon;
  }

  /// Every type and border, databases 0, 3 and 15, functions.
  ///
  /// @param randomKeys how many keys there are beside those at borders
  public static Dataset of(long seed, int randomKeys) {
    return new Dataset(
        seed,
        randomKeys,
        List.of(0, 3, 15),
        /* functions= */ true,
        /* vectorSets= */ false,
        Optional.empty());
  }

  /// In these databases instead of 0, 3 and 15.
  public Dataset withDatabases(Integer... numbers) {
    return new Dataset(seed, randomKeys, List.of(numbers), functions, vectorSets, soon);
  }

  /// Without function libraries.
  public Dataset withoutFunctions() {
    return new Dataset(seed, randomKeys, databases, /* functions= */ false, vectorSets, soon);
  }

  /// With vector sets where the server has them (Redis 8): values of a module.
  public Dataset withVectorSets() {
    return new Dataset(seed, randomKeys, databases, functions, /* vectorSets= */ true, soon);
  }

  /// With some of the random keys expiring within the second after `moment`.
  public Dataset withSomeExpiringAt(Instant moment) {
    return new Dataset(seed, randomKeys, databases, functions, vectorSets, Optional.of(moment));
  }

  /// Adds it to what the server holds.
  public void writeTo(TestServer server) {
    try (DatasetWriter writer = new DatasetWriter(server)) {
      write(writer, databases, vectorSets && knowsVectorSets(server));
    }
  }

  /// Adds it to what the cluster holds, all in database 0.
  public void writeTo(TestCluster cluster) {
    try (DatasetWriter writer = new DatasetWriter(cluster)) {
      write(writer, List.of(0), vectorSets && knowsVectorSets(cluster.servers().getFirst()));
    }
  }

  private static boolean knowsVectorSets(TestServer server) {
    return Raw.list(server.call("COMMAND", "INFO", "VADD")).getFirst() != null;
  }

  private void write(DatasetWriter writer, List<Integer> into, boolean withVectorSets) {
    Random random = new Random(seed);
    Samples samples = new Samples(random);
    List<SampleType> types =
        List.of(
            new StringSamples(writer, samples),
            new ListSamples(writer, samples),
            new SetSamples(writer, samples),
            new SortedSetSamples(writer, samples),
            new HashSamples(writer, samples),
            new StreamSamples(writer, samples));
    for (SampleType type : types) {
      type.writeBorders(into.getFirst());
    }
    if (withVectorSets) {
      writeVectorSet(writer, samples, into.getFirst());
    }
    if (functions && writer.engine().hasFunctions()) {
      FUNCTIONS.forEach(library -> writer.sendToAll("FUNCTION", "LOAD", "REPLACE", library));
    }
    int weights = types.stream().mapToInt(SampleType::weight).sum();
    for (int i = 0; i < randomKeys; i++) {
      DatasetKey key = new DatasetKey(pick(into, random), name(i, random, samples));
      pick(types, random.nextInt(weights)).write(key);
      writeExpiry(writer, random, key);
    }
  }

  private static SampleType pick(List<SampleType> types, int weight) {
    int left = weight;
    for (SampleType type : types) {
      left -= type.weight();
      if (left < 0) {
        return type;
      }
    }
    throw new IllegalStateException("weights do not add up");
  }

  /// Most keys live in the first database.
  private static int pick(List<Integer> from, Random random) {
    return random.nextInt(100) < 60 ? from.getFirst() : from.get(random.nextInt(from.size()));
  }

  private static byte[] name(int number, Random random, Samples samples) {
    return switch (random.nextInt(10)) {
      case 0 -> Raw.bytes("user:{%d}:%s:%d".formatted(number / 10, samples.word(), number));
      case 1 -> Raw.bytes(Integer.toString(-100 - number));
      case 2 -> binaryName(number, samples.bytes(24));
      default -> Raw.bytes("%s:%s:%d".formatted(samples.word(), samples.word(), number));
    };
  }

  /// Any bytes, and behind them the number that makes the name unique.
  private static byte[] binaryName(int number, byte[] bytes) {
    return ByteBuffer.allocate(bytes.length + 5).put(bytes).put((byte) 0xff).putInt(number).array();
  }

  private void writeExpiry(DatasetWriter writer, Random random, DatasetKey key) {
    int percent = random.nextInt(100);
    long farOff = FAR_FUTURE_MILLIS + random.nextInt(Integer.MAX_VALUE);
    if (soon.isPresent() && percent < EXPIRING_SOON_PERCENT) {
      writer.send(key, "PEXPIREAT", key, soon.get().toEpochMilli() + farOff % 1000);
    } else if (percent < EXPIRING_PERCENT) {
      writer.send(key, "PEXPIREAT", key, farOff);
    }
  }

  private static void writeVectorSet(DatasetWriter writer, Samples samples, int database) {
    DatasetKey key = new DatasetKey(database, Raw.bytes("border:vectorset"));
    for (int i = 0; i < 20; i++) {
      List<Double> vector = Samples.list(4, _ -> samples.score());
      writer.send(key, "VADD", key, "VALUES", vector.size(), vector, "element:" + i);
    }
  }
}
