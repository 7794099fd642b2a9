package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.compact.Compact;
import io.ringkeep.lookup.KeyHistory;
import io.ringkeep.lookup.KeyLookup;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.Part;
import io.ringkeep.lookup.SnapshotDiff;
import io.ringkeep.lookup.ValueParts;
import io.ringkeep.lookup.Which;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.Slot;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.retention.Forget;
import io.ringkeep.retention.ForgetRequest;
import io.ringkeep.retention.Prune;
import io.ringkeep.story.LifeModel.CacheKey;
import io.ringkeep.story.LifeModel.Value;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.Raw;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/// A cache lives through everything: writes of every type, deletes, expiries, a restart, a
/// failover, FLUSHDB, a move into a cluster, reshards from three shards to five to two. A backup
/// after each tenth of its life is the truth for ever.
class LongLifeIT {
  private static final boolean FULL = System.getProperty("ringkeep.proof", "").equals("full");
  private static final int STEPS = FULL ? 5_000 : 300;
  private static final int TENTHS = 10;
  private static final int LOOKUPS = FULL ? 400 : 40;
  private static final int DIFFS = FULL ? 20 : 4;
  private static final String BRIEF = "brief:";

  /// A snapshot, and what the cache held then.
  ///
  /// @param oracle as the server says it, what had little time left included
  private record Taken(
      String id, SortedMap<CacheKey, Value> model, Contents oracle, String digest) {}

  private final long seed = Seeds.seed("LongLifeIT");
  private final Random random = new Random(seed);
  private final LifeModel model = new LifeModel(random);
  private final List<Taken> taken = new ArrayList<>();
  private final Map<TestServer, Jedis> clients = new HashMap<>();

  @Test
  void life_ofEverything_everySnapshotStaysWhatItWas() throws Exception {
    try (Story story = Story.inMemory()) {
      liveAlone(story);
      liveInACluster(story);
      assertThat(taken).hasSize(TENTHS);
      compareWithTheModel(story);

      restoreEach(story, FULL ? 1 : 3);
      Compact.all(story.repository(), "default", Progress.silent());
      Compact.one(story.repository(), "default", "latest", Progress.silent());
      compareWithTheModel(story);
      forgetSome(story);
      restoreEach(story, 1);
    }
  }

  private void liveAlone(Story story) throws Exception {
    try (TestServer first = TestServer.start(Engines.redis70());
        TestServer replica = TestServer.builder(Engines.redis70()).replicaOf(first).start()) {
      Function<CacheKey, TestServer> owner = _ -> first;
      tenth(owner, 0, 3);
      first.awaitReplicas(1); // which is read
      backup(story, first.uri(), Oracle.read(first));

      tenth(owner, 0, 3);
      closeClients();
      first.restart();
      replica.awaitLinkUp();
      first.awaitReplicas(1);
      backup(story, first.uri(), Oracle.read(first));

      tenth(owner, 0, 3);
      first.awaitReplicas(1);
      first.text("WAIT", "1", "60000");
      closeClients();
      first.kill();
      replica.text("REPLICAOF", "NO", "ONE");
      Function<CacheKey, TestServer> promoted = _ -> replica;
      backup(story, replica.uri(), Oracle.read(replica));

      tenth(promoted, 0, 3);
      command(replica, 3, List.of("FLUSHDB"));
      model.flush(key -> key.database() == 3);
      tenth(promoted, 0);
      backup(story, replica.uri(), Oracle.read(replica));
      closeClients();
    }
  }

  private void liveInACluster(Story story) throws Exception {
    try (TestCluster cluster =
        TestCluster.builder(Engines.redis70())
            .primaries(5)
            .servers(server -> server.config("cluster-allow-replica-migration", "no"))
            .start()) {
      Resharding.spread(cluster, 3);
      story.restore(cluster.uri());
      Function<CacheKey, TestServer> owner = key -> cluster.owner(Slot.of(key.bytes()));
      tenth(owner, 0);
      backup(story, cluster.uri(), Oracle.read(cluster));

      tenth(owner, 0);
      reshard(cluster, owner, 5);
      backup(story, cluster.uri(), Oracle.read(cluster));

      tenth(owner, 0);
      TestServer flushed = owner.apply(model.anyKey(0));
      model.flush(key -> owner.apply(key) == flushed);
      command(flushed, 0, List.of("FLUSHDB"));
      backup(story, cluster.uri(), Oracle.read(cluster));

      tenth(owner, 0);
      closeClients();
      flushed.restart();
      cluster.awaitOk();
      backup(story, cluster.uri(), Oracle.read(cluster));

      tenth(owner, 0);
      reshard(cluster, owner, 2);
      backup(story, cluster.uri(), Oracle.read(cluster));

      tenth(owner, 0);
      backup(story, cluster.uri(), Oracle.read(cluster));
      closeClients();
    }
  }

  private void reshard(TestCluster cluster, Function<CacheKey, TestServer> owner, int shards) {
    Resharding.spread(cluster, shards);
    model.expiriesAre(key -> {
      long far = Raw.number(owner.apply(key).call("PEXPIRETIME", key.name()));
      assertThat(far).as("%s", key).isGreaterThan(LifeModel.FAR_MILLIS);
      return far;
    });
  }

  /// Lives for a tenth, in these databases.
  private void tenth(Function<CacheKey, TestServer> owner, int... databases) {
    Map<CacheKey, TestServer> owners = new HashMap<>();
    for (int step = 0; step < STEPS / TENTHS; step++) {
      int database = databases[random.nextInt(databases.length)];
      model.step(
          database, (key, words) -> command(owners.computeIfAbsent(key, owner), database, words));
    }
    // Not in the model: it is there or not when it is read, and gone when it is restored.
    CacheKey brief = new CacheKey(0, BRIEF + "{" + random.nextInt(24) + "}");
    command(owner.apply(brief), 0, List.of("SET", brief.name(), "x", "PX", "1500"));
  }

  private void command(TestServer server, int database, List<String> words) {
    Jedis jedis = clients.computeIfAbsent(server, TestServer::client);
    if (jedis.getDB() != database) {
      jedis.select(database);
    }
    Raw.call(jedis, words.toArray(String[]::new));
  }

  private void closeClients() {
    clients.values().forEach(Jedis::close);
    clients.clear();
  }

  private void backup(Story story, String uri, Contents oracle) throws Exception {
    BackupResult result = story.backup(Story.adopting(story.request(uri, /* full= */ false, true)));
    taken.add(new Taken(result.manifest().id(), model.copy(), oracle, result.manifest().digest()));
  }

  private void restoreEach(Story story, int every) throws Exception {
    try (TestServer target = TestServer.start(Engines.redis70())) {
      for (int i = 0; i < taken.size(); i += every) {
        Taken one = taken.get(i);
        target.text("FLUSHALL");

        RestoreResult restored = story.restore(request(target, one.id()));

        String what = "seed %d, snapshot %d of %d".formatted(seed, i + 1, taken.size());
        assertThat(restored.proven()).as(what).isTrue();
        assertThat(restored.plan().manifest().digest()).as(what).isEqualTo(one.digest());
        Contents held = Oracle.read(target);
        // What had little time left is the whole difference.
        assertThat(one.oracle().differences(held)).as(what).allMatch(line -> line.contains(BRIEF));
        assertThat(held.keys()).as(what).isEqualTo(one.model().size());
      }
    }
  }

  private static RestoreRequest request(TestServer target, String snapshot) {
    RestoreRequest plain = Story.restoreRequest(target.uri(), Existing.REFUSE, Loader.AUTO);
    return new RestoreRequest(
        plain.cache(),
        snapshot,
        plain.target(),
        plain.connection(),
        plain.existing(),
        plain.loader(),
        plain.proof(),
        plain.advertise(),
        plain.timeout());
  }

  /// Forgets a third of the snapshots, in no order, and frees what they had.
  private void forgetSome(Story story) throws Exception {
    List<String> gone = new ArrayList<>();
    for (int i = 0; i < TENTHS / 3; i++) {
      gone.add(taken.remove(random.nextInt(taken.size() - 1)).id());
    }
    Forget.run(
        Forget.plan(
            new ForgetRequest("default", Optional.empty(), gone, /* allowNone= */ false),
            story.repository(),
            Story.CLOCK),
        story.repository(),
        Story.CLOCK);
    Prune.Result pruned =
        Prune.run(
            story.repository(),
            "default",
            new Prune.Request(Duration.ZERO, Duration.ZERO, OptionalLong.empty(), false),
            Story.CLOCK,
            Progress.silent());
    assertThat(pruned.objects()).isPositive();
  }

  private void compareWithTheModel(Story story) throws Exception {
    for (int i = 0; i < LOOKUPS; i++) {
      CacheKey key = model.anyKey(random.nextInt(4) == 0 ? 3 : 0);
      compareGet(story, key, taken.get(random.nextInt(taken.size())));
      compareHistory(story, key);
    }
    for (int i = 0; i < DIFFS; i++) {
      compareDiff(
          story, taken.get(random.nextInt(taken.size())), taken.get(random.nextInt(taken.size())));
    }
  }

  private void compareGet(Story story, CacheKey key, Taken in) throws Exception {
    Value expected = in.model().get(key);
    String what = "seed %d, %s in %s".formatted(seed, key, in.id());
    KeyName name = new KeyName(key.database(), key.bytes());
    Which which = new Which.Named(in.id());
    if (expected == null) {
      assertThatThrownBy(
              () -> KeyLookup.get(story.repository(), "default", which, name, _ -> "found"))
          .as(what)
          .isInstanceOf(NotFound.class);
      return;
    }
    Value found =
        KeyLookup.get(
            story.repository(),
            "default",
            which,
            name,
            stored -> {
              List<String> parts = new ArrayList<>();
              ValueParts.read(
                  stored.record(), ValueParts.Limits.ALL, part -> parts.addAll(text(part)));
              return new Value(
                  key.type() == 'l' || key.type() == 'x' ? parts : parts.stream().sorted().toList(),
                  stored.record().expires() ? stored.record().expiryMillis() : Value.FOREVER);
            });
    assertThat(found).as(what).isEqualTo(expected);
  }

  private static List<String> text(Part part) {
    return switch (part) {
      case Part.Text(Part.Bytes value) -> List.of(text(value));
      case Part.Item(_, Part.Bytes value) -> List.of(text(value));
      case Part.Member(Part.Bytes member) -> List.of(text(member));
      case Part.Scored(Part.Bytes member, double score) -> List.of(text(member) + "=" + score);
      case Part.Field(Part.Bytes name, Part.Bytes value, _) ->
          List.of(text(name) + "=" + text(value));
      case Part.Entry entry ->
          List.of(
              entry.id()
                  + " "
                  + text(entry.fields().getFirst().getFirst())
                  + "="
                  + text(entry.fields().getFirst().getLast()));
      case Part.State _ -> List.of();
      case Part.Group group -> List.of("group " + text(group.name()));
      case Part.Cell(long index, Part.Bytes value) -> List.of(index + "=" + text(value));
      case Part.Next _ -> List.of();
      case Part.Opaque(Part.Bytes raw) -> List.of(text(raw));
    };
  }

  private static String text(Part.Bytes bytes) {
    return new String(bytes.head(), StandardCharsets.UTF_8);
  }

  private void compareHistory(Story story, CacheKey key) throws Exception {
    List<String> expected = new ArrayList<>();
    Value before = null;
    for (Taken one : taken) {
      Value now = one.model().get(key);
      if (now != null && !now.equals(before)) {
        expected.add("version from " + one.id());
      } else if (now == null && before != null) {
        expected.add("absent from " + one.id());
      }
      before = now;
    }
    KeyName name = new KeyName(key.database(), key.bytes());
    if (expected.isEmpty()) {
      assertThatThrownBy(() -> KeyHistory.of(story.repository(), "default", name))
          .isInstanceOf(NotFound.class);
      return;
    }
    List<String> told =
        KeyHistory.of(story.repository(), "default", name).periods().stream()
            .map(period ->
                switch (period.state()) {
                  case KeyHistory.Version _ -> "version from " + period.first().id();
                  case KeyHistory.Absent _ -> "absent from " + period.first().id();
                  case KeyHistory.Unreadable _ -> "unreadable";
                })
            .toList();
    assertThat(told)
        .as("seed %d, history of %s%n%s", seed, key, told.equals(expected) ? "" : all(story, name))
        .isEqualTo(expected);
  }

  /// What each snapshot has of a key, for the message of a failure.
  private String all(Story story, KeyName name) throws Exception {
    StringBuilder all = new StringBuilder();
    for (Taken one : taken) {
      all.append(one.id()).append(": ");
      try {
        KeyLookup.get(
            story.repository(),
            "default",
            new Which.Named(one.id()),
            name,
            found -> {
              all.append(
                  "type %d %s".formatted(found.record().type(), found.record().expiryMillis()));
              return ValueParts.read(
                  found.record(), ValueParts.Limits.ALL, part -> all.append(" ").append(part));
            });
      } catch (NotFound e) {
        all.append("not there");
      }
      all.append('\n');
    }
    return all.toString();
  }

  private void compareDiff(Story story, Taken one, Taken other) throws Exception {
    TreeSet<String> expected = new TreeSet<>();
    one.model()
        .forEach((key, value) -> {
          Value now = other.model().get(key);
          if (now == null) {
            expected.add("REMOVED " + key);
          } else if (!now.equals(value)) {
            expected.add("CHANGED " + key);
          }
        });
    other.model().keySet().stream()
        .filter(key -> !one.model().containsKey(key))
        .forEach(key -> expected.add("ADDED " + key));
    TreeSet<String> told = new TreeSet<>();
    SnapshotDiff.run(
        story.repository(),
        "default",
        new Which.Named(one.id()),
        new Which.Named(other.id()),
        /* values= */ false,
        difference -> {
          if (!difference.key().key().startsWith(BRIEF)) {
            told.add(
                difference.kind()
                    + " "
                    + new CacheKey(difference.key().database(), difference.key().key()));
          }
        });
    assertThat(told).as("seed %d, diff %s %s", seed, one.id(), other.id()).isEqualTo(expected);
  }
}
