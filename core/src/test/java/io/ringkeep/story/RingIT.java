package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.RestoreOptions;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.UndoSnapshot;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/// A ring of standalone servers: backed up whole, and restored onto rings of other sizes where
/// clients then look.
class RingIT {
  private static final int KEYS = 600;
  private static final long FAR_MILLIS = 4_102_444_800_000L;

  private final List<TestServer> started = new ArrayList<>();

  @AfterEach
  void stop() {
    started.forEach(TestServer::close);
  }

  private PublishedRing ring(int... weights) {
    List<TestServer> servers = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      servers.add(TestServer.start(i % 2 == 0 ? Engines.redis70() : Engines.redis62()));
    }
    started.addAll(servers);
    return new PublishedRing(List.copyOf(servers), weights);
  }

  private static String uri(PublishedRing ring, int... weights) {
    List<String> servers = new ArrayList<>();
    for (int i = 0; i < ring.servers().size(); i++) {
      String address = ring.servers().get(i).address();
      servers.add(weights[i] == 1 ? address : address + ":" + weights[i]);
    }
    return servers.stream().collect(Collectors.joining(",", "redis-ketama://", "/spymemcached"));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Names as applications have them, and such as are no text.
  private static List<byte[]> names() {
    Random random = new Random(Seeds.seed("RingIT"));
    List<byte[]> names = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      byte[] name = ascii("user:{" + i % 7 + "}:" + i);
      if (i % 3 == 0) {
        byte[] any = new byte[6];
        random.nextBytes(any);
        name = Arrays.copyOf(name, name.length + any.length);
        System.arraycopy(any, 0, name, name.length - any.length, any.length);
      }
      names.add(name);
    }
    return names;
  }

  /// Writes each key where a client of the ring does: of some types, with expiries, in two
  /// databases.
  private static void fill(PublishedRing ring, List<byte[]> names) {
    for (int i = 0; i < names.size(); i++) {
      try (Jedis client = ring.owner(names.get(i)).client()) {
        client.select(i % 5 == 0 ? 3 : 0);
        if (i % 2 == 0) {
          client.set(names.get(i), ascii("value " + i));
        } else {
          client.hset(names.get(i), ascii("field"), ascii("value " + i));
        }
        if (i % 4 == 0) {
          client.pexpireAt(names.get(i), FAR_MILLIS);
        }
      }
    }
  }

  /// Reads each key where a client of the ring does; no server has any other.
  private static void requireAll(PublishedRing ring, List<byte[]> names) {
    for (int i = 0; i < names.size(); i++) {
      try (Jedis client = ring.owner(names.get(i)).client()) {
        client.select(i % 5 == 0 ? 3 : 0);
        byte[] value =
            i % 2 == 0 ? client.get(names.get(i)) : client.hget(names.get(i), ascii("field"));
        assertThat(value).as("key %d", i).isEqualTo(ascii("value " + i));
        long left = client.pttl(names.get(i));
        assertThat(left > 0).as("key %d", i).isEqualTo(i % 4 == 0);
      }
    }
    long keys = 0;
    for (TestServer server : ring.servers()) {
      long own = server.keys(0) + server.keys(3);
      assertThat(own).isPositive();
      keys += own;
    }
    assertThat(keys).isEqualTo(names.size());
  }

  @Test
  void restore_ontoRingsOfOtherSizes_putsEachKeyWhereClientsLookForIt() throws Exception {
    PublishedRing three = ring(1, 1, 1);
    List<byte[]> names = names();
    fill(three, names);
    try (Story story = Story.inMemory()) {
      BackupResult backup = story.backup(uri(three, 1, 1, 1));
      assertThat(backup.manifest().records()).isEqualTo(KEYS);
      assertThat(backup.manifest().topology()).isEqualTo("ketama");
      assertThat(backup.manifest().shards()).hasSize(3);
      assertThat(backup.warnings()).noneMatch(warning -> warning.contains("left out"));

      for (int[] weights :
          List.of(new int[] {1, 1, 1, 1}, new int[] {1, 3, 2, 1}, new int[] {1, 1})) {
        PublishedRing other = ring(weights);
        RestoreResult restored = story.restore(uri(other, weights));
        assertThat(restored.proven()).isTrue();
        requireAll(other, names);
      }
      // Back onto itself, over what is there; and what changed since is all that is stored.
      three.servers().getFirst().text("SET", "soon gone", "1");
      story.restore(Story.restoreRequest(uri(three, 1, 1, 1), Existing.REPLACE, Loader.AUTO));
      requireAll(three, names);
      try (Jedis client = three.owner(ascii("one more")).client()) {
        client.set("one more", "1");
      }
      assertThat(story.backup(uri(three, 1, 1, 1)).manifest().added().changed()).isEqualTo(1);
    }
  }

  /// `KeyRingTest` proves where these clients look.
  @Test
  void restore_ontoRingsOfOtherClients_putsEachKeyWhereTheyLookForIt() throws Exception {
    PublishedRing two = ring(1, 1);
    List<byte[]> names = names();
    fill(two, names);
    PublishedRing three = ring(1, 1, 1);
    try (Story story = Story.inMemory()) {
      story.backup(uri(two, 1, 1));
      for (String rules : List.of("twemproxy", "twemproxy/murmur/{}", "jedis")) {
        RedisUri uri =
            RedisUri.parse(uri(three, 1, 1, 1).replaceFirst("/spymemcached", "=alpha/" + rules));
        assertThat(
                story
                    .restore(Story.restoreRequest(uri.toString(), Existing.REPLACE, Loader.AUTO))
                    .proven())
            .isTrue();
        KeyRing ring = new KeyRing(uri.ring().orElseThrow());
        for (int i = 0; i < names.size(); i++) {
          TestServer owner = three.servers().get(ring.owner(ByteBuffer.wrap(names.get(i))));
          try (Jedis client = owner.client()) {
            client.select(i % 5 == 0 ? 3 : 0);
            assertThat(client.exists(names.get(i))).as("%s key %d", rules, i).isTrue();
          }
        }
      }
    }
  }

  @Test
  void backup_keysThatAGrownRingLeftBehind_areNamedAndNotTaken() throws Exception {
    PublishedRing four = ring(1, 1, 1, 1);
    List<byte[]> names = names();
    fill(four, names);
    // What the key was before the ring grew, on the server that had it then.
    TestServer owner = four.owner(ascii("user:moved"));
    TestServer former =
        four.servers().stream().filter(server -> server != owner).findFirst().orElseThrow();
    owner.text("SET", "user:moved", "now");
    former.text("SET", "user:moved", "then");
    try (Story story = Story.inMemory()) {
      BackupResult backup = story.backup(uri(four, 1, 1, 1, 1));

      assertThat(backup.manifest().records()).isEqualTo(KEYS + 1);
      assertThat(backup.warnings())
          .anyMatch(warning ->
              warning.contains(
                  "left out: server=" + former.address() + " keys=1 first=user:moved"));
      TestServer target = TestServer.start(Engines.redis70());
      started.add(target);
      story.restore(target.uri());
      assertThat(target.text("GET", "user:moved")).isEqualTo("now");
    }
  }

  @Test
  void restore_overKeysThatNoUndoSnapshotWouldHave_isRefusedUnlessNoneIsWanted() throws Exception {
    PublishedRing three = ring(1, 1, 1);
    List<byte[]> names = names();
    fill(three, names);
    String uri = uri(three, 1, 1, 1);
    try (Story story = Story.inMemory()) {
      story.backup(uri);
      TestServer owner = three.owner(ascii("user:left"));
      TestServer other =
          three.servers().stream().filter(server -> server != owner).findFirst().orElseThrow();
      other.text("SET", "user:left", "here alone");
      RestoreRequest replace = Story.restoreRequest(uri, Existing.REPLACE, Loader.AUTO);

      assertThatThrownBy(
              () -> story.restore(replace.with(RestoreOptions.PLAIN.with(to -> to.undo(true)))))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("left out: server=" + other.address() + " keys=1 first=user:left")
          .satisfies(e ->
              assertThat(((InvalidRequest) e).hint().orElseThrow())
                  .contains("nothing was changed")
                  .contains("--no-undo"));
      assertThat(other.text("GET", "user:left")).isEqualTo("here alone");
      assertThat(story.repository().snapshots(UndoSnapshot.cache("default")).references())
          .isEmpty();

      story.restore(replace);
      assertThat(other.text("EXISTS", "user:left")).isEqualTo("0");
      story.restore(replace.with(RestoreOptions.PLAIN.with(to -> to.undo(true))));
      requireAll(three, names);
    }
  }

  @Test
  void ring_thatIsNotTheClients_isRefusedAndNothingIsCommitted() throws Exception {
    PublishedRing three = ring(1, 1, 1);
    fill(three, names());
    String uri = uri(three, 1, 1, 1);
    try (Story story = Story.inMemory()) {
      // Other names of the same servers are another ring.
      assertThatThrownBy(() -> story.backup(uri.replaceAll("(:[0-9]+)", "$1=other$1")))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining("keys are not where this ring looks for them");
      // So is the same ring of another client.
      assertThatThrownBy(() -> story.backup(uri.replace("spymemcached", "jedis")))
          .isInstanceOf(InvalidRequest.class);
      assertThat(story.repository().snapshots("default").references()).isEmpty();
      assertThatThrownBy(() -> story.restore(uri)).isInstanceOf(NotFound.class);

      story.backup(uri);
      assertThatThrownBy(() -> story.restore(uri))
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining("key");
      TestServer gone = three.servers().get(1);
      gone.kill();
      assertThatThrownBy(() -> story.backup(uri))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining(gone.address());
      assertThat(story.repository().snapshots("default").references()).hasSize(1);
    }
  }
}
