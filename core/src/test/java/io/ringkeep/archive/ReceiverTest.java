package io.ringkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.topology.Role;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.task.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiverTest {
  @TempDir private Path folder;

  /// A server that answers everything but `PSYNC`.
  private static final class Hanging implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final CountDownLatch asked = new CountDownLatch(1);

    Hanging() throws IOException {
      Thread.ofPlatform().daemon().name("hanging-server").start(this::serve);
    }

    private void serve() {
      try (Socket client = socket.accept();
          BufferedReader lines =
              new BufferedReader(
                  new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          switch (line) {
            case "PING" -> answer(client, "+PONG\r\n");
            case "REPLCONF" -> answer(client, "+OK\r\n");
            case "PSYNC" -> asked.countDown();
            default -> {}
          }
        }
      } catch (IOException e) {
        // The test has ended.
      }
    }

    private static void answer(Socket client, String line) throws IOException {
      client.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
    }

    Endpoint endpoint() {
      return new Endpoint("127.0.0.1", socket.getLocalPort());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static ShardFinder finder(Endpoint endpoint) {
    Server server =
        new Server(
            endpoint,
            Optional.empty(),
            Role.PRIMARY,
            EngineVersion.parse(EngineVersion.Product.REDIS, "7.0.15"),
            "run",
            "a".repeat(40),
            Optional.empty(),
            0,
            /* linkUp= */ true,
            Duration.ZERO,
            OptionalLong.empty());
    Shard shard = new Shard(Shard.SOLE, List.of(SlotRange.ALL), server, List.of());
    Topology topology =
        new Topology(
            Topology.Kind.STANDALONE,
            List.of(shard),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of());
    return new ShardFinder() {
      @Override
      public Found find() {
        return new Found(topology, shard);
      }

      @Override
      public boolean moved(Endpoint primary, boolean silent) {
        return false;
      }
    };
  }

  private Receiver receiver(Hanging server, Spool spool, ArchiveStatus status, Stopping stopping) {
    return new Receiver(
        ShipperTest.request(folder, Optional.empty()),
        finder(server.endpoint()),
        spool,
        Optional.empty(),
        status,
        stopping,
        Clock.systemUTC(),
        Progress.silent());
  }

  /// It may hang for ten minutes: an archive that is told to stop does not wait for it.
  @Test
  void reconnect_whileAServerHangsBeforeItsStream_endsThat() throws Exception {
    Stopping stopping = new Stopping();
    try (Hanging server = new Hanging();
        Spool spool = Spool.open(folder.resolve("spool"), 1 << 20)) {
      Receiver receiver = receiver(server, spool, new ArchiveStatus("orders", "0"), stopping);
      Thread thread = Thread.ofPlatform().daemon().name("receiver").start(receiver::run);
      assertThat(server.asked.await(20, TimeUnit.SECONDS)).isTrue();
      stopping.request();
      receiver.reconnect();
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    }
  }

  /// Asked for its stream, a server may fork for nothing: there is no room for what it sends.
  @Test
  void run_whileTheSpoolTakesNothing_asksNoServer() throws Exception {
    Stopping stopping = new Stopping();
    ArchiveStatus status = new ArchiveStatus("orders", "0");
    Files.createDirectories(folder.resolve("spool/room/taken"));
    try (Hanging server = new Hanging();
        Spool spool = Spool.open(folder.resolve("spool"), 1 << 20)) {
      Receiver receiver = receiver(server, spool, status, stopping);
      Thread thread = Thread.ofPlatform().daemon().name("receiver").start(receiver::run);
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (status.state(Instant.EPOCH, spool, /* stopped= */ false).problem().isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        Thread.sleep(10);
      }
      stopping.request();
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
      assertThat(server.asked.getCount()).isEqualTo(1);
    }
  }
}
