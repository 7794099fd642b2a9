package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.lookup.KeyHistory;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Period;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.KeyLookup;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.LiveComparison;
import io.ringkeep.lookup.Part;
import io.ringkeep.lookup.SnapshotDiff;
import io.ringkeep.lookup.Undelete;
import io.ringkeep.lookup.ValueChange;
import io.ringkeep.lookup.ValueParts;
import io.ringkeep.lookup.Which;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.restore.TtlPolicy;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Dataset;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/// Somebody looks for a key in snapshots, without restoring any.
class LookupIT {
  private static final HexFormat HEX = HexFormat.of();

  static Stream<Engine> engines() {
    return Engines.few();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void get_everyKeyOfEveryType_isWhatTheServerSays(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(4, 60).writeTo(server);
      story.backup(server.uri());

      int compared = 0;
      for (int database : List.of(0, 3, 15)) {
        try (Jedis jedis = server.client()) {
          Raw.call(jedis, "SELECT", Integer.toString(database));
          for (Object key : Raw.list(Raw.call(jedis, "KEYS", "*"))) {
            byte[] name = (byte[]) key;
            assertThat(stored(story, database, name))
                .as("database %d key %s", database, HEX.formatHex(name))
                .isEqualTo(asked(jedis, name));
            compared++;
          }
        }
      }
      assertThat(compared).isGreaterThan(100);
    }
  }

  /// What a person sees of a stored key: type, expiry, parts.
  private static List<String> stored(Story story, int database, byte[] name) throws Exception {
    return KeyLookup.get(
        story.repository(),
        "default",
        new Which.Named("latest"),
        new KeyName(database, ByteBuffer.wrap(name)),
        found -> {
          List<String> parts = new ArrayList<>();
          ValueParts.Count count =
              ValueParts.read(
                  found.record(), ValueParts.Limits.ALL, part -> parts.addAll(text(part)));
          assertThat(count.shown()).isEqualTo(count.elements());
          return parts;
        });
  }

  private static List<String> text(Part part) {
    return switch (part) {
      case Part.Text(Part.Bytes value) -> List.of(hex(value));
      case Part.Item(_, Part.Bytes value) -> List.of(hex(value));
      case Part.Member(Part.Bytes member) -> List.of(hex(member));
      case Part.Scored(Part.Bytes member, double score) ->
          List.of((score + 0.0) + " " + hex(member));
      case Part.Field(Part.Bytes name, Part.Bytes value, _) ->
          List.of(hex(name) + "=" + hex(value));
      case Part.Entry entry ->
          Stream.concat(
                  Stream.of(entry.id().toString()),
                  entry.fields().stream().flatMap(List::stream).map(LookupIT::hex))
              .toList();
      case Part.State(_) -> List.of();
      case Part.Group group ->
          List.of(
              "group %s %s %d %d"
                  .formatted(
                      hex(group.name()),
                      group.lastDelivered(),
                      group.pending(),
                      group.consumers().size()));
      case Part.Cell(long index, Part.Bytes value) ->
          List.of(Long.toUnsignedString(index) + "=" + hex(value));
      case Part.Next(_) -> List.of();
      case Part.Opaque(Part.Bytes raw) -> List.of(hex(raw));
    };
  }

  private static String hex(Part.Bytes bytes) {
    assertThat(bytes.cut()).isFalse();
    return HEX.formatHex(bytes.head());
  }

  /// The same as the server tells it.
  private static List<String> asked(Jedis jedis, byte[] name) {
    return switch (Raw.text(call(jedis, "TYPE", name))) {
      case "string" -> hexes(List.of(call(jedis, "GET", name)));
      case "list" -> hexes(Raw.list(call(jedis, "LRANGE", name, "0", "-1")));
      case "set" -> hexes(Raw.list(call(jedis, "SMEMBERS", name))).stream().sorted().toList();
      case "zset" -> {
        List<String> members = new ArrayList<>();
        List<Object> words = Raw.list(call(jedis, "ZRANGE", name, "0", "-1", "WITHSCORES"));
        for (int i = 0; i < words.size(); i += 2) {
          String score = Raw.text(words.get(i + 1)).replace("inf", "Infinity");
          members.add(
              (Double.parseDouble(score) + 0.0) + " " + HEX.formatHex((byte[]) words.get(i)));
        }
        yield members;
      }
      case "hash" -> {
        TreeMap<String, String> fields = new TreeMap<>();
        List<String> words = hexes(Raw.list(call(jedis, "HGETALL", name)));
        for (int i = 0; i < words.size(); i += 2) {
          fields.put(words.get(i), words.get(i + 1));
        }
        yield fields.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
      }
      case "stream" -> stream(jedis, name);
      default -> throw new AssertionError("unexpected type");
    };
  }

  private static List<String> stream(Jedis jedis, byte[] name) {
    List<String> parts = new ArrayList<>();
    for (Object entry : Raw.list(call(jedis, "XRANGE", name, "-", "+"))) {
      List<Object> pair = Raw.list(entry);
      parts.add(Raw.text(pair.get(0)));
      parts.addAll(hexes(Raw.list(pair.get(1))));
    }
    List<String> groups = new ArrayList<>();
    for (Object group : Raw.list(call(jedis, "XINFO", "GROUPS", name))) {
      Map<String, Object> fields = Raw.map(group);
      groups.add(
          "group %s %s %d %d"
              .formatted(
                  HEX.formatHex((byte[]) fields.get("name")),
                  Raw.text(fields.get("last-delivered-id")),
                  Raw.number(fields.get("pending")),
                  Raw.number(fields.get("consumers"))));
    }
    parts.addAll(groups);
    return parts;
  }

  private static Object call(Jedis jedis, String command, Object... arguments) {
    byte[][] words = new byte[arguments.length + 1][];
    words[0] = bytes(command);
    for (int i = 0; i < arguments.length; i++) {
      words[i + 1] = arguments[i] instanceof byte[] raw ? raw : bytes(arguments[i].toString());
    }
    return Objects.requireNonNull(Raw.call(jedis, words));
  }

  private static List<String> hexes(List<Object> replies) {
    return replies.stream().map(reply -> HEX.formatHex((byte[]) reply)).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Some keys through seven snapshots, as the server and a model in memory have them.
  @Test
  void history_randomWrites_tellsWhatTheModelSays() throws Exception {
    long seed = Seeds.seed("LookupIT");
    Random random = new Random(seed);
    int keys = 24;
    List<Map<String, Map<String, String>>> models = new ArrayList<>();
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      Map<String, Map<String, String>> model = new TreeMap<>();
      for (int round = 0; round < 7; round++) {
        for (int step = 0; step < 20; step++) {
          write(server, model, "key:" + random.nextInt(keys), random);
        }
        Map<String, Map<String, String>> kept = new TreeMap<>();
        model.forEach((key, fields) -> kept.put(key, new TreeMap<>(fields)));
        models.add(kept);
        story.backup(server.uri());
      }
      for (int key = 0; key < keys; key++) {
        compareHistory(story, "key:" + key, models);
      }
      for (int pair = 0; pair < 6; pair++) {
        compareDiff(story, models, random.nextInt(models.size()), random.nextInt(models.size()));
      }
    }
  }

  private static void compareDiff(
      Story story, List<Map<String, Map<String, String>>> models, int before, int after)
      throws Exception {
    List<String> ids =
        story.repository().snapshots("default").references().stream()
            .map(SnapshotReference::id)
            .toList();
    TreeSet<String> expected = new TreeSet<>();
    models
        .get(before)
        .forEach((key, fields) -> {
          Map<String, String> now = models.get(after).get(key);
          if (now == null) {
            expected.add("REMOVED " + key);
          } else if (!now.equals(fields)) {
            expected.add("CHANGED " + key + " " + change(fields, now));
          }
        });
    models.get(after).keySet().stream()
        .filter(key -> !models.get(before).containsKey(key))
        .forEach(key -> expected.add("ADDED " + key));
    TreeSet<String> actual = new TreeSet<>();
    SnapshotDiff.Result result =
        SnapshotDiff.run(
            story.repository(),
            "default",
            new Which.Named(ids.get(before)),
            new Which.Named(ids.get(after)),
            /* values= */ true,
            difference ->
                actual.add(
                    difference.kind()
                        + " "
                        + difference.key().key()
                        + difference.change().map(change -> " " + change(change)).orElse("")));

    assertThat(actual).as("%d to %d", before, after).isEqualTo(expected);
    assertThat(result.slots()).as("no slot is read in vain").isEqualTo(expected.size());
  }

  /// Issue: a key deleted between two backups is found, shown, and brought back into a cluster that
  /// has moved on.
  @Test
  void undelete_intoAClusterThatHasMovedOn_bringsThatKeyBackAndTouchesNoOther() throws Exception {
    try (TestCluster cluster = TestCluster.start(Engines.redis70(), 3);
        Story story = Story.inMemory()) {
      TestServer owner = cluster.owner(Slot.of(ByteBuffer.wrap(bytes("cart:{17}"))));
      Dataset.of(5, 60).writeTo(cluster);
      owner.call("HSET", "cart:{17}", "item", "book", "count", "1");
      story.backup(cluster.uri());
      String first = story.repository().snapshots("default").references().getFirst().id();
      owner.call("HSET", "cart:{17}", "count", "2");
      story.backup(cluster.uri());
      owner.call("DEL", "cart:{17}");
      story.backup(cluster.uri());
      owner.call("SET", "later:{17}", "moved on");
      Contents before = Oracle.read(cluster);

      List<Undelete.Restored> restored =
          undelete(story, cluster, Undelete.Present.REFUSE, Optional.empty());

      assertThat(restored.getFirst().proven()).isTrue();
      assertThat(owner.text("HGET", "cart:{17}", "count")).isEqualTo("2");
      assertThatThrownBy(() -> undelete(story, cluster, Undelete.Present.REFUSE, Optional.empty()))
          .isInstanceOf(TargetRefused.class);
      undelete(story, cluster, Undelete.Present.REPLACE, Optional.of(new Which.Named(first)));
      assertThat(owner.text("HGET", "cart:{17}", "count")).isEqualTo("1");
      owner.call("DEL", "cart:{17}");
      assertThat(before.differences(Oracle.read(cluster))).isEmpty();
    }
  }

  private static List<Undelete.Restored> undelete(
      Story story, TestCluster cluster, Undelete.Present present, Optional<Which> which)
      throws Exception {
    return Undelete.run(
        new Undelete.Request(
            "default",
            which,
            List.of(new KeyName(0, ByteBuffer.wrap(bytes("cart:{17}")))),
            RedisUri.parse(cluster.uri()),
            ConnectionOptions.DEFAULT,
            present,
            new TtlPolicy.Absolute(),
            /* dropUnsupported= */ false),
        story.repository(),
        Story.CLOCK);
  }

  private static void write(
      TestServer server, Map<String, Map<String, String>> model, String key, Random random) {
    String field = "f" + random.nextInt(6);
    String value = Integer.toString(random.nextInt(3));
    switch (random.nextInt(8)) {
      case 0 -> {
        server.call("DEL", key);
        model.remove(key);
      }
      case 1, 2 -> {
        server.call("HDEL", key, field);
        if (model.containsKey(key)) {
          model.get(key).remove(field);
          if (model.get(key).isEmpty()) {
            model.remove(key);
          }
        }
      }
      default -> {
        server.call("HSET", key, field, value);
        model.computeIfAbsent(key, _ -> new TreeMap<>()).put(field, value);
      }
    }
  }

  private static void compareHistory(
      Story story, String key, List<Map<String, Map<String, String>>> models) throws Exception {
    List<String> expected = new ArrayList<>();
    Map<String, String> before = null;
    Map<String, String> newest = Map.of();
    for (Map<String, Map<String, String>> model : models) {
      Map<String, String> now = model.get(key);
      boolean known = !newest.isEmpty();
      if (now != null && !now.equals(before)) {
        expected.add(
            "version %d%s"
                .formatted(
                    now.size(), known && !now.equals(newest) ? " " + change(newest, now) : ""));
        newest = now;
      } else if (now == null && before != null) {
        expected.add("absent");
      }
      before = now;
    }
    if (expected.isEmpty()) {
      assertThatThrownBy(() -> history(story, key)).isInstanceOf(NotFound.class);
      return;
    }
    List<String> actual = new ArrayList<>();
    for (Period period : history(story, key).periods()) {
      actual.add(
          switch (period.state()) {
            case Version version ->
                "version %d%s"
                    .formatted(
                        version.elements(),
                        version.change().map(change -> " " + change(change.value())).orElse(""));
            case Absent _ -> "absent";
            case KeyHistory.Unreadable _ -> "unreadable";
          });
    }
    assertThat(actual).as(key).isEqualTo(expected);
  }

  private static KeyHistory.Result history(Story story, String key) throws Exception {
    return KeyHistory.of(
        story.repository(), "default", new KeyName(0, ByteBuffer.wrap(bytes(key))));
  }

  private static String change(Map<String, String> before, Map<String, String> now) {
    TreeSet<String> changes = new TreeSet<>();
    before.forEach((field, value) -> {
      if (!now.containsKey(field)) {
        changes.add("REMOVED " + field);
      } else if (!now.get(field).equals(value)) {
        changes.add("CHANGED " + field);
      }
    });
    now.keySet().stream()
        .filter(field -> !before.containsKey(field))
        .forEach(field -> changes.add("ADDED " + field));
    return changes.toString();
  }

  private static String change(ValueChange change) {
    TreeSet<String> changes = new TreeSet<>();
    for (ValueChange.Sample sample : change.samples()) {
      changes.add(sample.kind() + " " + new String(sample.what().head(), StandardCharsets.UTF_8));
    }
    assertThat(change.added() + change.removed() + change.changed()).isEqualTo(changes.size());
    return changes.toString();
  }

  @Test
  void get_keyOrSnapshotThatIsNotThere_namesWhatIsNear() throws Exception {
    try (TestServer server = TestServer.start(Engines.redis70());
        Story story = Story.inMemory()) {
      server.call("SET", "user:1000:name", "Ada");
      server.call("SET", "order:7", "open");
      story.backup(server.uri());
      server.call("DEL", "order:7");
      story.backup(server.uri());

      assertThatThrownBy(() -> stored(story, 0, bytes("user:100:name")))
          .isInstanceOf(NotFound.class)
          .satisfies(e -> assertThat(hint(e)).contains("nearest of all: user:1000:name"));
      assertThatThrownBy(() -> stored(story, 3, bytes("user:1000:name")))
          .satisfies(e -> assertThat(hint(e)).contains("--db 0"));
      assertThatThrownBy(() -> stored(story, 0, bytes("order:7")))
          .satisfies(e -> assertThat(hint(e)).contains("has it: --snapshot"));
      assertThatThrownBy(() ->
              new Which.At(Story.CLOCK.instant().minus(Duration.ofDays(1)))
                  .of(story.repository(), "default"))
          .isInstanceOf(NotFound.class)
          .satisfies(e -> assertThat(hint(e)).contains("the oldest is"));
    }
  }

  private static String hint(Throwable failure) {
    return ((NotFound) failure).hint().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("engines")
  void compare_liveCacheThatMovedOn_namesWhatDiffers(Engine engine) throws Exception {
    try (TestServer server = TestServer.start(engine);
        Story story = Story.inMemory()) {
      Dataset.of(6, 40).writeTo(server);
      server.call("SET", "gone", "1");
      server.call("SET", "changed", "1");
      server.call("SET", "short", "1");
      Clock later = Clock.offset(Story.CLOCK, Duration.ofHours(1));
      server.call("PEXPIREAT", "short", Long.toString(later.millis() - 60_000));
      story.backup(server.uri());
      assertThat(compare(story, server, Story.CLOCK)).containsExactly("expired 0");
      server.call("DEL", "short");

      server.call("DEL", "gone");
      server.call("SET", "changed", "2");
      server.call("SET", "new", "1");

      assertThat(compare(story, server, later))
          .containsExactly("ADDED new", "CHANGED changed", "REMOVED gone", "expired 1");
    }
  }

  private static Set<String> compare(Story story, TestServer server, Clock clock) throws Exception {
    TreeSet<String> found = new TreeSet<>();
    LiveComparison.Result result =
        LiveComparison.run(
            new LiveComparison.Request(
                "default",
                new Which.Named("latest"),
                RedisUri.parse(server.uri()),
                ConnectionOptions.DEFAULT,
                Duration.ofMinutes(1)),
            story.repository(),
            clock,
            Progress.silent(),
            difference -> found.add(difference.kind() + " " + difference.key().key()));
    found.add("expired " + result.expired());
    return found;
  }
}
