package io.ringkeep.store.sftp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.repository.Seeds;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.testkit.InProcessSftpServer;
import io.ringkeep.testkit.TcpRelay;
import io.ringkeep.testkit.TestSshKey;
import io.ringkeep.testkit.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What servers and networks do, and what is true afterwards.
@Timeout(60)
class SftpFaultTest {
  private static final SftpSettings QUICK =
      new SftpSettings(
          /* connections= */ 2,
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          /* tries= */ 4,
          Duration.ofMillis(20));
  private static final SftpSettings IMPATIENT =
      new SftpSettings(
          /* connections= */ 1,
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          /* tries= */ 2,
          Duration.ofMillis(10));

  private final Path folder;
  private final TestSshKey key;

  SftpFaultTest(@TempDir Path folder) {
    this.folder = folder;
    this.key = TestSshKey.make(folder.resolve("key"));
  }

  private SftpStore open(InProcessSftpServer server, int port, SftpSettings settings)
      throws IOException {
    Path knownHosts = server.writeKnownHosts(folder.resolve("known_hosts"), port);
    SftpLocation location =
        SftpLocation.parse(
            "sftp://%s@127.0.0.1:%d/store?identity=%s&known-hosts=%s"
                .formatted(server.user(), port, key.file(), knownHosts));
    return SftpStore.open(location, new SftpLogin(location, Map.of(), folder), settings);
  }

  private static ByteBuffer random(int size) {
    byte[] bytes = new byte[size];
    Seeds.random("SftpFaultTest").nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static List<Path> temporaryFiles(InProcessSftpServer server) throws IOException {
    try (Stream<Path> files = Files.list(server.writableFolder().resolve("store/.sftp-tmp"))) {
      return files.toList();
    }
  }

  @Test
  void upload_connectionCut_goesOnOverAnotherOne() throws IOException {
    ByteBuffer content = random(9 << 20);
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      try (ObjectUpload upload = store.upload("a/b")) {
        for (int part = 0; part < 9; part++) {
          upload.write(content.slice(part << 20, 1 << 20));
          if (part % 3 == 1) {
            relay.cut();
          }
        }
        assertThat(upload.commit()).isTrue();
      }
      assertThat(store.read("a/b")).isEqualTo(content);
      assertThat(relay.connections()).isGreaterThan(3);
      assertThat(temporaryFiles(server)).isEmpty();
    }
  }

  @Test
  void upload_serverLostWhatItConfirmed_fails() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        SftpStore store = open(server, server.port(), QUICK)) {
      try (ObjectUpload upload = store.upload("a")) {
        upload.write(random(4 << 20));
        server.stop();
        // What a power cut takes: bytes that were never synced.
        Path file = temporaryFiles(server).getFirst();
        Files.write(file, new byte[4 << 20]);
        server.restart();

        assertThatIOException()
            .isThrownBy(upload::commit)
            .withMessageContaining("lost bytes that it had confirmed");
      }
      assertThat(store.list("")).isEmpty();
    }
  }

  @Test
  void read_connectionCut_beginsAnew() throws Exception {
    ByteBuffer content = random(6 << 20);
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      store.put("a", content);
      relay.throttle(8 << 20);
      long before = relay.bytesFromServer();
      CompletableFuture<ByteBuffer> read = inBackground(() -> store.read("a"));
      for (int cut = 1; cut <= 2; cut++) {
        long seen = before + ((long) cut << 20);
        Waiting.until(
            () -> relay.bytesFromServer() > seen, Duration.ofSeconds(20), () -> "some bytes");
        relay.cut();
      }
      relay.heal();

      assertThat(read.get()).isEqualTo(content);
    }
  }

  private interface Reading {
    ByteBuffer run() throws IOException;
  }

  private static CompletableFuture<ByteBuffer> inBackground(Reading reading) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return reading.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  @Test
  void anything_serverRestarted_works() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        SftpStore store = open(server, server.port(), QUICK)) {
      store.put("a", bytes("x"));
      server.stop();
      server.restart();

      assertThat(store.size("a")).hasValue(1);
      server.stop();
      server.restart();

      assertThat(store.createIfAbsent("b", bytes("y"))).isTrue();
      server.stop();
      server.restart();

      store.put("a", bytes("new"));
      assertThat(store.list("")).containsExactly(new ObjectInfo("a", 3), new ObjectInfo("b", 1));
    }
  }

  @Test
  void anything_serverGone_failsByName() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        SftpStore store = open(server, server.port(), QUICK)) {
      store.put("a", bytes("x"));
      server.stop();

      assertThatIOException()
          .isThrownBy(() -> store.size("a"))
          .withMessageContaining("no connection: server=keeper@127.0.0.1:" + server.port());
      assertThatIOException().isThrownBy(() -> store.createIfAbsent("b", bytes("x")));
      assertThatIOException()
          .isThrownBy(() -> open(server, server.port(), QUICK))
          .withMessageContaining("refused");
    }
  }

  @Test
  void anything_serverSilent_failsInTime() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), IMPATIENT);
        ObjectUpload upload = store.upload("b")) {
      store.put("a", bytes("x"));
      relay.pause();
      long start = System.nanoTime();

      assertThatIOException().isThrownBy(() -> store.size("a")).withMessageContaining("server=");
      // More than sockets and windows hold: the sender itself is stuck.
      assertThatIOException().isThrownBy(() -> upload.write(ByteBuffer.allocate(32 << 20)));
      assertThatIOException().isThrownBy(() -> open(server, relay.port(), IMPATIENT));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      relay.heal();
      assertThat(store.size("a")).hasValue(1);
    }
  }

  @Test
  void open_noSuchHost_failsByName() {
    SftpLocation location = SftpLocation.parse("sftp://nobody@no-such-host.invalid/x");

    assertThatIOException()
        .isThrownBy(
            () -> SftpStore.open(location, new SftpLogin(location, Map.of(), folder), IMPATIENT))
        .withMessageContaining("no-such-host.invalid");
  }

  @Test
  void createIfAbsent_answerLostAfterTheLink_knowsItsOwn() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      cutOnce(server, relay);

      assertThat(store.createIfAbsent("a", bytes("mine"))).isTrue();
      assertThat(store.list("")).containsExactly(new ObjectInfo("a", 4));
      assertThat(temporaryFiles(server)).isEmpty();
    }
  }

  private static void cutOnce(InProcessSftpServer server, TcpRelay relay) {
    AtomicBoolean done = new AtomicBoolean();
    server.onNaming(
        () -> {},
        () -> {
          if (done.compareAndSet(false, true)) {
            relay.cut();
          }
        });
  }

  @Test
  void createIfAbsent_answerLostAndTakenByAnother_isNotMistakenForItsOwn() throws IOException {
    Path target = folder.resolve("files/store/a");
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      AtomicBoolean done = new AtomicBoolean();
      server.onNaming(
          () -> {
            if (done.compareAndSet(false, true)) {
              write(target, "mine");
              relay.cut();
            }
          },
          () -> {});

      assertThat(store.createIfAbsent("a", bytes("mine"))).isFalse();
      assertThat(target).hasContent("mine");
      assertThat(temporaryFiles(server)).isEmpty();
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void put_answerLostAfterTheRename_isDone() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      store.put("a", bytes("old"));
      cutOnce(server, relay);

      store.put("a", bytes("new"));
      assertThat(server.writableFolder().resolve("store/a")).hasContent("new");
    }
  }

  @Test
  void createIfAbsent_noHardLinks_renamesInstead() throws IOException {
    try (InProcessSftpServer server =
            InProcessSftpServer.withExtensions(folder, "fsync@openssh.com=1", key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      assertThat(store.createIfAbsent("a/b", bytes("first"))).isTrue();
      assertThat(store.createIfAbsent("a/b", bytes("second"))).isFalse();
      assertThat(server.writableFolder().resolve("store/a/b")).hasContent("first");

      cutOnce(server, relay);
      assertThat(store.createIfAbsent("c", bytes("third"))).isTrue();
      assertThat(temporaryFiles(server)).isEmpty();
    }
  }

  @Test
  void put_noPosixRename_createsButReplacesNothing() throws IOException {
    try (InProcessSftpServer server =
            InProcessSftpServer.withExtensions(folder, "fsync@openssh.com=1", key);
        SftpStore store = open(server, server.port(), QUICK)) {
      store.put("a", bytes("first"));

      assertThatIOException()
          .isThrownBy(() -> store.put("a", bytes("second")))
          .withMessageContaining("posix-rename@openssh.com");
      assertThat(server.writableFolder().resolve("store/a")).hasContent("first");
    }
  }

  @Test
  void createIfAbsent_renameReplaces_isRefused() throws IOException {
    try (InProcessSftpServer server =
            InProcessSftpServer.withExtensions(folder, "fsync@openssh.com=1", key);
        SftpStore store = open(server, server.port(), QUICK)) {
      server.breakRename();

      assertThatIOException()
          .isThrownBy(() -> store.createIfAbsent("a", bytes("first")))
          .withMessageContaining("can neither link files nor refuse");
      assertThat(store.list("")).isEmpty();
    }
  }

  @Test
  void write_diskFull_failsWithWhatTheServerSays() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        SftpStore store = open(server, server.port(), QUICK)) {
      store.put("beat", bytes("old"));
      server.fillDisk(1 << 20);

      assertThatIOException()
          .isThrownBy(() -> store.put("beat", random(3 << 20)))
          .withMessageContaining("request=write file=/store/beat code=4 says=");
      assertThatIOException().isThrownBy(() -> store.createIfAbsent("new", random(3 << 20)));
      store.put("small", bytes("x"));
      assertThat(store.list(""))
          .containsExactly(new ObjectInfo("beat", 3), new ObjectInfo("small", 1));
      assertThat(temporaryFiles(server)).isEmpty();
    }
  }

  @Test
  void write_leftovers_goWhenTheyAreOld() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key)) {
      Path temporary = server.writableFolder().resolve("store/.sftp-tmp");
      Files.createDirectories(temporary);
      Path old = Files.writeString(temporary.resolve("0123-1"), "x");
      Files.setLastModifiedTime(
          old,
          FileTime.from(Files.getLastModifiedTime(old).toInstant().minus(Duration.ofHours(25))));
      Path young = Files.writeString(temporary.resolve("4567-1"), "x");
      try (SftpStore store = open(server, server.port(), QUICK)) {
        assertThat(store.list("")).isEmpty();
        assertThat(old).exists();

        store.put("a", bytes("x"));

        assertThat(temporaryFiles(server)).containsExactly(young);
        assertThat(store.list("")).containsExactly(new ObjectInfo("a", 1));
      }
    }
  }

  @Test
  void put_folderRemovedMeanwhile_isMadeAgain() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        SftpStore store = open(server, server.port(), QUICK)) {
      store.put("a/b", bytes("x"));
      Path root = server.writableFolder().resolve("store");
      Files.delete(root.resolve("a/b"));
      Files.delete(root.resolve("a"));
      Files.delete(root.resolve(".sftp-tmp"));

      store.put("a/b", bytes("y"));
      assertThat(store.createIfAbsent("a/c", bytes("y"))).isTrue();
      assertThat(root.resolve("a/b")).hasContent("y");
    }
  }

  @Test
  void read_interrupted_stopsAtOnce() throws Exception {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore store = open(server, relay.port(), QUICK)) {
      store.put("a", random(1 << 20));
      relay.pause();
      AtomicReference<Throwable> seen = new AtomicReference<>();
      Thread reader =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  store.read("a");
                } catch (IOException e) {
                  seen.set(e);
                }
              });
      Thread.sleep(100);
      reader.interrupt();
      reader.join(Duration.ofSeconds(30));

      assertThat(seen.get()).isInstanceOf(InterruptedIOException.class);
      relay.heal();
    }
  }

  @Test
  void anything_closedStore_isRefused() throws IOException {
    try (InProcessSftpServer server = InProcessSftpServer.start(folder, key)) {
      SftpStore store = open(server, server.port(), QUICK);
      store.put("a", bytes("x"));
      store.close();
      store.close();

      assertThatThrownBy(() -> store.size("a"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("closed");
    }
  }
}
