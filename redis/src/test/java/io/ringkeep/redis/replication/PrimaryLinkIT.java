package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.Certificates;
import io.ringkeep.redis.TlsFiles;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCertificates;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The primary's side of the link against real servers.
@Execution(ExecutionMode.CONCURRENT)
class PrimaryLinkIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final Set<InetAddress> TARGETS = Set.of(LOOPBACK);

  /// How a target takes what we send.
  enum Way {
    LENGTH_TO_DISK("disabled"),
    MARK_TO_DISK("disabled"),
    MARK_DISKLESS("on-empty-db");

    final String disklessLoad;

    Way(String disklessLoad) {
      this.disklessLoad = disklessLoad;
    }

    RdbForm form(byte[] rdb) {
      return this == LENGTH_TO_DISK ? RdbForm.length(rdb.length) : RdbForm.EOF_MARK;
    }
  }

  static Stream<Arguments> enginesAndWays() {
    return Engines.all()
        .flatMap(engine -> Arrays.stream(Way.values()).map(way -> Arguments.of(engine, way)));
  }

  static Stream<Arguments> fewEnginesAndWays() {
    return Engines.few()
        .flatMap(engine ->
            Stream.of(Way.LENGTH_TO_DISK, Way.MARK_DISKLESS).map(way -> Arguments.of(engine, way)));
  }

  static Stream<Engine> oldestAndNewest() {
    return Stream.of(Engines.list().getFirst(), Engines.list().getLast());
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void sendRdb_toEachEngineInEachWay_bringsTheSameData(Engine engine, Way way) throws IOException {
    byte[] rdb;
    String digest;
    try (TestServer source = TestServer.start(engine)) {
      source.call("DEBUG", "POPULATE", "50000", "key", "200");
      source.call("SELECT", "5");
      source.call("RPUSH", "list", "a", "b");
      source.call("SET", "mortal", "1", "EX", "100000");
      digest = source.text("DEBUG", "DIGEST");
      rdb = Rdbs.of(source);
    }
    // A target that has a password for its primaries sends it; ours takes any.
    try (TestServer target =
            TestServer.start(
                engine, "masterauth secret", "repl-diskless-load " + way.disklessLoad);
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        assertThat(session.target()).isEqualTo(LOOPBACK);
        session.sendRdb(way.form(rdb), out -> writeInPieces(out, rdb));
        session.awaitLoaded(PATIENCE);
        target.call("REPLICAOF", "NO", "ONE");
      }
      assertThat(target.text("DEBUG", "DIGEST")).isEqualTo(digest);
    }
  }

  @ParameterizedTest
  @MethodSource("io.ringkeep.testkit.Engines#few")
  void accept_andNothingSent_leavesTheTargetsData(Engine engine) {
    try (TestServer target = TestServer.start(engine)) {
      target.call("SET", "k", "v");
      try (PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
        attach(target, link);
        link.accept(PATIENCE).close();
        target.call("REPLICAOF", "NO", "ONE");
      }
      assertThat(target.text("GET", "k")).isEqualTo("v");
    }
  }

  @ParameterizedTest
  @MethodSource("oldestAndNewest")
  void sendRdb_bodyTakesItsTime_linkIsKeptAlive(Engine engine) throws Exception {
    byte[] rdb = small(engine);
    try (TestServer target =
            TestServer.start(engine, "repl-timeout 2", "repl-ping-replica-period 1");
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        Thread.sleep(3500); // before the answer
        session.sendRdb(
            RdbForm.EOF_MARK,
            out -> {
              pause(3500); // and behind it
              out.write(ByteBuffer.wrap(rdb));
            });
        session.awaitLoaded(PATIENCE);
        assertThat(target.keys(0)).isEqualTo(100);
      }
    }
  }

  @Test
  void awaitLoaded_targetStaysAReplica_linkIsKeptAlive() throws Exception {
    Engine engine = Engines.list().getLast();
    byte[] rdb = small(engine);
    try (TestServer target = TestServer.start(engine, "repl-timeout 7");
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        session.sendRdb(RdbForm.EOF_MARK, out -> out.write(ByteBuffer.wrap(rdb)));
        session.awaitLoaded(PATIENCE);
        Thread.sleep(9000);
        assertThat(target.info("replication")).containsEntry("master_link_status", "up");
        assertThat(target.keys(0)).isEqualTo(100);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fewEnginesAndWays")
  void sendRdb_targetKilledInTheMiddle_isUnavailable(Engine engine, Way way) throws IOException {
    try (TestServer target = TestServer.start(engine, "repl-diskless-load " + way.disklessLoad);
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      byte[] rdb = large(engine);
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        assertThatThrownBy(
                () -> {
                  session.sendRdb(
                      way.form(rdb),
                      out -> {
                        out.write(ByteBuffer.wrap(rdb, 0, rdb.length / 2));
                        target.kill();
                        writeInPieces(out, Arrays.copyOfRange(rdb, rdb.length / 2, rdb.length));
                      });
                  session.awaitLoaded(PATIENCE);
                })
            .isInstanceOf(Unavailable.class)
            .hasMessageContaining("target went away while it was loaded")
            .hasMessageContaining("target=127.0.0.1 bytes=");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("enginesAndWays")
  void awaitLoaded_versionTooNew_isTargetRefused(Engine engine, Way way) throws IOException {
    byte[] rdb = small(engine);
    System.arraycopy(ascii("REDIS9999"), 0, rdb, 0, 9);
    assertThat(failureToLoad(engine, way, rdb))
        .isInstanceOf(TargetRefused.class)
        .hasMessageContaining("target gave up loading what it was sent and asks for it again");
  }

  @Test
  void awaitLoaded_bytesThatAreNoRdb_areAFailure() throws IOException {
    byte[] rdb = small(Engines.redis70());
    Arrays.fill(rdb, 20, rdb.length, (byte) 200);
    // Most damage ends the target's process.
    assertThat(failureToLoad(Engines.redis70(), Way.MARK_DISKLESS, rdb)).isNotNull();
  }

  /// What a target's end of a load looks like, which has to agree with whether it lives.
  private static BackupException failureToLoad(Engine engine, Way way, byte[] rdb) {
    try (TestServer target = TestServer.start(engine, "repl-diskless-load " + way.disklessLoad);
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        BackupException failure =
            catchThrowableOfType(
                BackupException.class,
                () -> {
                  session.sendRdb(way.form(rdb), out -> out.write(ByteBuffer.wrap(rdb)));
                  session.awaitLoaded(PATIENCE);
                });
        assertThat(failure)
            .isInstanceOf(target.isAlive() ? TargetRefused.class : Unavailable.class);
        return failure;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void sendRdb_bodyFails_passesItOnAndClosesTheLink(Way way) throws IOException {
    Engine engine = Engines.list().getLast();
    byte[] rdb = small(engine);
    try (TestServer target = TestServer.start(engine, "repl-diskless-load " + way.disklessLoad);
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      target.call("SET", "old", "1");
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        assertThatThrownBy(() ->
                session.sendRdb(
                    way.form(rdb),
                    out -> {
                      out.write(ByteBuffer.wrap(rdb, 0, rdb.length / 2));
                      throw new IOException("block unreadable");
                    }))
            .isInstanceOf(IOException.class)
            .hasMessage("block unreadable");
        target.call("REPLICAOF", "NO", "ONE");
        // Not empty, so it had not begun to drop what it held.
        assertThat(target.text("GET", "old")).isEqualTo("1");
      }
    }
  }

  @Test
  void sendRdb_anotherLengthThanAnnounced_isABug() throws IOException {
    Engine engine = Engines.list().getLast();
    byte[] rdb = small(engine);
    for (int difference : new int[] {-1, 1}) {
      try (TestServer target = TestServer.start(engine);
          PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
        attach(target, link);
        try (PrimarySession session = link.accept(PATIENCE)) {
          assertThatThrownBy(() ->
                  session.sendRdb(
                      RdbForm.length(rdb.length + difference),
                      out -> out.write(ByteBuffer.wrap(rdb))))
              .isInstanceOf(IllegalStateException.class);
        }
      }
    }
  }

  @Test
  void accept_nobodyOrAStranger_isUnavailable() throws IOException {
    try (PrimaryLink link =
        PrimaryLink.listen(
            new InetSocketAddress(LOOPBACK, 0),
            Set.of(InetAddress.getByName("127.0.0.9")),
            Optional.empty())) {
      assertThatThrownBy(() -> link.accept(Duration.ofMillis(200)))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("target=127.0.0.9");
      try (Socket stranger = new Socket(LOOPBACK, link.port())) {
        assertThatThrownBy(() -> link.accept(Duration.ofMillis(500)))
            .isInstanceOf(Unavailable.class)
            .hasMessageContaining("turned away a link from 127.0.0.1");
        assertThat(stranger.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void accept_targetThatReplicatesOverTls_needsACertificate() throws IOException {
    Engine engine = Engines.list().getLast();
    TestCertificates files = Certificates.OURS;
    byte[] rdb = small(engine);
    try (TestServer target =
        TestServer.builder(engine).tls(files, /* clientsNeedCertificate= */ true).start()) {
      try (PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
        attach(target, link);
        assertThatThrownBy(() -> link.accept(PATIENCE))
            .isInstanceOf(InvalidRequest.class)
            .hasMessageContaining("TLS");
      }
      TlsFiles ours =
          new TlsFiles(
              Optional.of(files.authority()),
              Optional.of(files.serverCertificate()),
              Optional.of(files.serverKey()));
      try (PrimaryLink link =
          PrimaryLink.listen(new InetSocketAddress(LOOPBACK, 0), TARGETS, Optional.of(ours))) {
        attach(target, link);
        try (PrimarySession session = link.accept(PATIENCE)) {
          session.sendRdb(RdbForm.EOF_MARK, out -> out.write(ByteBuffer.wrap(rdb)));
          session.awaitLoaded(PATIENCE);
          assertThat(target.keys(0)).isEqualTo(100);
          target.call("REPLICAOF", "NO", "ONE");
        }
      }
    }
  }

  @Test
  void promotedTarget_itsReplid_isNotTheSources() throws IOException {
    Optional<Engine> engine = Engines.valkey9();
    assumeThat(engine).isPresent();
    try (TestServer source = TestServer.start(engine.orElseThrow());
        TestServer target = TestServer.start(engine.orElseThrow());
        PrimaryLink link = PrimaryLink.listen(LOOPBACK, TARGETS)) {
      source.call("SET", "k", "v");
      byte[] rdb = Rdbs.of(source);
      attach(target, link);
      try (PrimarySession session = link.accept(PATIENCE)) {
        session.sendRdb(RdbForm.EOF_MARK, out -> out.write(ByteBuffer.wrap(rdb)));
        session.awaitLoaded(PATIENCE);
        target.call("REPLICAOF", "NO", "ONE");
      }
      String replid = source.info("replication").get("master_replid");
      assertThat(target.info("replication").get("master_replid")).isNotEqualTo(replid);
      assertThat(target.info("replication").get("master_replid2")).isNotEqualTo(replid);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static void attach(TestServer target, PrimaryLink link) {
    target.call("REPLICAOF", "127.0.0.1", Integer.toString(link.port()));
  }

  private static byte[] small(Engine engine) throws IOException {
    return populated(engine, 100, 100);
  }

  /// More than the sockets between us and a target hold.
  private static byte[] large(Engine engine) throws IOException {
    return populated(engine, 50_000, 1000);
  }

  private static byte[] populated(Engine engine, int keys, int valueBytes) throws IOException {
    try (TestServer source = TestServer.start(engine, "rdbcompression no")) {
      source.call("DEBUG", "POPULATE", "" + keys, "key", "" + valueBytes);
      return Rdbs.of(source);
    }
  }

  private static void writeInPieces(WritableByteChannel out, byte[] bytes) throws IOException {
    int size = 1;
    for (int at = 0; at < bytes.length; at += size) {
      size = Math.min(size * 3 % 100_003 + 1, bytes.length - at);
      out.write(ByteBuffer.wrap(bytes, at, size));
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
