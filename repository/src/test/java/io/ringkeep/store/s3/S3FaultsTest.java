package io.ringkeep.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.repository.Seeds;
import io.ringkeep.store.NoSuchStoreException;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.StoreAccessDeniedException;
import io.ringkeep.testkit.HttpRelay;
import io.ringkeep.testkit.HttpRelay.Fate;
import io.ringkeep.testkit.S3Server;
import io.ringkeep.testkit.TcpRelay;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What becomes of calls when the service or the way to it fails.
class S3FaultsTest {
  private static S3Server server;
  private static S3Server open;

  @BeforeAll
  static void startServers() {
    server = S3Server.start();
    open = S3Server.startOpen();
  }

  @AfterAll
  static void stopServers() {
    server.close();
    open.close();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  @Test
  void anything_wrongSecret_isDeniedAtOnceAndSaysWhere() {
    try (S3Store store =
        S3Stores.at(server.endpoint(), server.newBucket(), "wrong", S3Stores.QUICK)) {
      assertThatThrownBy(() -> store.put("a/b", bytes("x")))
          .isInstanceOf(StoreAccessDeniedException.class)
          .hasMessageContaining("s3://bucket-")
          .hasMessageContaining("key=a/b")
          .hasMessageContaining("status=403")
          .hasMessageContaining("code=SignatureDoesNotMatch")
          .hasMessageContaining("request=")
          .hasMessageContaining("attempts=1")
          .hasMessageNotContainingAny("wrong", S3Server.SECRET_KEY);
      for (Call call : Call.values()) {
        assertThatThrownBy(() -> call.on(store))
            .as(call.name())
            .isInstanceOf(StoreAccessDeniedException.class)
            .hasMessageContaining("code=SignatureDoesNotMatch");
      }
    }
  }

  @Test
  void anything_missingBucket_isSaidToBeMissing() {
    try (S3Store store = S3Stores.at(server.endpoint(), "not-there")) {
      // Services differ in whether there is something wrong with deleting there.
      for (Call call : EnumSet.complementOf(EnumSet.of(Call.DELETE))) {
        assertThatThrownBy(() -> call.on(store))
            .as(call.name())
            .isInstanceOf(NoSuchStoreException.class)
            .hasMessageContaining("not-there");
      }
    }
  }

  /// Calls that ask the service for something.
  private enum Call {
    SIZE {
      @Override
      void on(ObjectStore store) throws IOException {
        store.size("a");
      }
    },
    READ {
      @Override
      void on(ObjectStore store) throws IOException {
        store.read("a");
      }
    },
    LIST {
      @Override
      void on(ObjectStore store) throws IOException {
        store.list("");
      }
    },
    PUT {
      @Override
      void on(ObjectStore store) throws IOException {
        store.put("a", bytes("x"));
      }
    },
    CREATE {
      @Override
      void on(ObjectStore store) throws IOException {
        store.createIfAbsent("a", bytes("x"));
      }
    },
    DELETE {
      @Override
      void on(ObjectStore store) throws IOException {
        store.delete("a");
      }
    };

    abstract void on(ObjectStore store) throws IOException;
  }

  @Test
  void anything_nobodyListens_failsSoonAndSaysWhy() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (S3Store store = S3Stores.at("http://127.0.0.1:" + port, "bucket")) {
      assertThatIOException()
          .isThrownBy(() -> store.read("a"))
          .withMessageContaining("store does not answer")
          .withMessageContaining("127.0.0.1:" + port)
          .withMessageContaining("attempts=8")
          .withMessageContaining("refused");
    }
  }

  @Test
  void anything_serverSaysNothing_failsWhenPatienceEnds() throws IOException {
    Patience short1 =
        new Patience(
            3,
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            Duration.ofMillis(200),
            Duration.ofMillis(200),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2));
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        S3Store store =
            S3Stores.at(
                "http://127.0.0.1:" + silent.getLocalPort(),
                "bucket",
                S3Server.SECRET_KEY,
                short1)) {
      long begun = System.nanoTime();
      assertThatIOException()
          .isThrownBy(() -> store.list(""))
          .isNotInstanceOf(InterruptedIOException.class)
          .withMessageContaining("store does not answer");
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    }
  }

  @Test
  void anything_threadIsInterrupted_saysSoAndStaysInterrupted() {
    try (S3Store store = S3Stores.newStore(server)) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> store.put("a", bytes("x")))
          .isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void anything_quarterOfCallsIsTurnedAway_worksAllTheSame() throws IOException {
    Random random = Seeds.random("anything_quarterOfCallsIsTurnedAway_worksAllTheSame");
    AtomicInteger busy = new AtomicInteger();
    try (HttpRelay relay = HttpRelay.to(open.endpoint());
        S3Store store = S3Stores.at(relay.endpoint(), open.newBucket())) {
      AtomicInteger inARow = new AtomicInteger();
      relay.rule((method, path, headers) -> {
        int chance = random.nextInt(16);
        // Not as often as the store asks again: that would be away, not busy.
        if (chance < 4 && inARow.incrementAndGet() <= 5) {
          busy.incrementAndGet();
          return chance < 3 ? Fate.BUSY : Fate.LOSE_REQUEST;
        }
        inARow.set(0);
        return Fate.PASS;
      });
      for (int i = 0; i < 40; i++) {
        String key = "k/" + i;
        assertThat(store.createIfAbsent(key, bytes("first " + i))).isTrue();
        assertThat(store.createIfAbsent(key, bytes("second " + i))).isFalse();
        assertThat(UTF_8.decode(store.read(key)).toString()).isEqualTo("first " + i);
        assertThat(store.size(key)).hasValue(("first " + i).length());
      }
      assertThat(store.list("k/")).hasSize(40);
    }
    assertThat(busy).hasValueGreaterThan(20);
  }

  @Test
  void createIfAbsent_answerIsLost_knowsItsOwnObject() throws IOException {
    try (HttpRelay relay = HttpRelay.to(open.endpoint());
        S3Store store = S3Stores.at(relay.endpoint(), open.newBucket())) {
      relay.rule(once("PUT", Fate.LOSE_ANSWER));
      assertThat(store.createIfAbsent("ours", bytes("same"))).isTrue();

      store.createIfAbsent("theirs", bytes("same"));
      relay.rule(once("PUT", Fate.LOSE_ANSWER));
      assertThat(store.createIfAbsent("theirs", bytes("same")))
          .as("the same bytes, but by another call")
          .isFalse();

      store.put("foreign", bytes("same"));
      relay.rule(once("PUT", Fate.LOSE_ANSWER));
      assertThat(store.createIfAbsent("foreign", bytes("other")))
          .as("no id, and other bytes")
          .isFalse();
    }
  }

  private static HttpRelay.Rule once(String method, Fate fate) {
    AtomicInteger seen = new AtomicInteger();
    return (requested, path, headers) ->
        requested.equals(method) && seen.getAndIncrement() == 0 ? fate : Fate.PASS;
  }

  @Test
  void read_connectionBreaksInTheMiddle_isReadAgain() throws IOException {
    byte[] content = new byte[3 << 20];
    Seeds.random("read_connectionBreaksInTheMiddle_isReadAgain").nextBytes(content);
    String bucket = open.newBucket();
    try (TcpRelay relay = TcpRelay.to("127.0.0.1", open.port());
        S3Store store = S3Stores.at("http://" + relay.address(), bucket)) {
      store.put("o", ByteBuffer.wrap(content));
      relay.cutAfter(1 << 20);
      assertThatIOException().isThrownBy(() -> store.read("o")).withMessageContaining("attempts=8");
      relay.cutAfter(2 << 20);
      ByteBuffer into = ByteBuffer.allocateDirect(1_500_000);
      store.read("o", 1_000_000, into);
      assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(content, 1_000_000, 1_500_000));
      relay.heal();
      assertThat(store.read("o")).isEqualTo(ByteBuffer.wrap(content));
    }
  }
}
