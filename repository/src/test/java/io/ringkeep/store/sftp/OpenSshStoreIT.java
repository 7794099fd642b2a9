package io.ringkeep.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.repository.Seeds;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.testkit.OpenSshServer;
import io.ringkeep.testkit.TcpRelay;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The contract, and more, against the server that most people have.
class OpenSshStoreIT extends ObjectStoreContractTest {
  private static final AtomicInteger STORES = new AtomicInteger();

  @TempDir private static Path folder;
  private static TestSshKey key;
  private static OpenSshServer server;

  private final Path root;

  OpenSshStoreIT() {
    root = server.writableFolder().resolve("store" + STORES.incrementAndGet());
  }

  @BeforeAll
  static void startServer() {
    assumeTrue(OpenSshServer.lacking().isEmpty(), () -> "no sshd: " + OpenSshServer.lacking());
    key = TestSshKey.make(folder.resolve("key"));
    server = OpenSshServer.start(key);
  }

  @AfterAll
  static void stopServer() {
    if (OpenSshServer.lacking().isEmpty()) {
      server.close();
    }
  }

  @Override
  protected ObjectStore newStore() throws IOException {
    return open(server.port());
  }

  private SftpStore open(int port) throws IOException {
    Path knownHosts = server.writeKnownHosts(folder.resolve("known_hosts"), port);
    return SftpStore.open(
        SftpLocation.parse(
            "sftp://%s@127.0.0.1:%d%s?identity=%s&known-hosts=%s"
                .formatted(server.user(), port, root, key.file(), knownHosts)),
        Map.of());
  }

  private static ByteBuffer random(int size) {
    byte[] bytes = new byte[size];
    Seeds.random("OpenSshStoreIT").nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  @Test
  void put_key_isAFileOfThatPath() throws IOException {
    store.put("a/b.data", bytes("hello"));
    store.createIfAbsent("a/c", bytes("x"));

    assertThat(root.resolve("a/b.data")).hasContent("hello");
    try (Stream<Path> files = Files.list(root.resolve(".sftp-tmp"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void put_largeObject_isReadBackWholeAndInParts() throws IOException {
    ByteBuffer content = random(40 << 20);
    store.put("large", content);

    assertThat(store.size("large")).hasValue(40 << 20);
    assertThat(store.read("large")).isEqualTo(content);
    ByteBuffer part = ByteBuffer.allocateDirect(5_000_001);
    store.read("large", 12_345_678, part);
    assertThat(part.flip()).isEqualTo(content.slice(12_345_678, 5_000_001));
  }

  @Test
  void put_namesOfEveryAllowedCharacter_areListed() throws IOException {
    String allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    List<String> keys = new ArrayList<>(List.of(allowed + ".", "a..", "-rf", "_", "--", "a.b/-.-"));
    allowed.chars().forEach(first -> keys.add("each/" + (char) first));
    for (String name : keys) {
      store.put(name, bytes(name));
    }

    Collections.sort(keys);
    assertThat(store.list("")).extracting(ObjectInfo::key).containsExactlyElementsOf(keys);
    for (String name : keys) {
      assertThat(text(store.read(name))).isEqualTo(name);
    }
  }

  @Test
  void createIfAbsent_threadsOfSeveralStores_haveOneWinner() throws Exception {
    try (ObjectStore second = newStore();
        ObjectStore third = newStore();
        ObjectStore fourth = newStore()) {
      List<ObjectStore> stores = List.of(store, second, third, fourth);
      for (int round = 0; round < 10; round++) {
        String name = "race/" + round + "/made/on/demand";
        List<Boolean> won =
            together(
                16, thread -> stores.get(thread % 4).createIfAbsent(name, bytes("by " + thread)));

        assertThat(Collections.frequency(won, true)).isEqualTo(1);
        assertThat(text(store.read(name))).isEqualTo("by " + won.indexOf(true));
      }
    }
  }

  @Test
  void uploads_manyOpenAtOnce_doNotWaitForEachOther() throws IOException {
    ByteBuffer content = random(100_000);
    List<ObjectUpload> uploads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      uploads.add(store.upload("u/" + i));
    }
    for (ObjectUpload upload : uploads) {
      upload.write(content.duplicate());
    }
    for (ObjectUpload upload : uploads) {
      assertThat(upload.commit()).isTrue();
      upload.close();
    }
    assertThat(store.list("u/")).hasSize(20);
    assertThat(store.read("u/7")).isEqualTo(content);
  }

  @Test
  void transfer_connectionCut_goesOn() throws IOException {
    ByteBuffer content = random(8 << 20);
    try (TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore far = open(relay.port())) {
      try (ObjectUpload upload = far.upload("a")) {
        upload.write(content.slice(0, 5 << 20));
        relay.cut();
        upload.write(content.slice(5 << 20, 3 << 20));
        relay.cut();
        assertThat(upload.commit()).isTrue();
      }
      relay.cut();
      assertThat(far.read("a")).isEqualTo(content);
    }
  }

  @Test
  void anything_serverRestarted_works() throws IOException {
    try (TcpRelay relay = TcpRelay.to("127.0.0.1", server.port());
        SftpStore far = open(relay.port())) {
      far.put("a", bytes("x"));
      server.stop();
      relay.cut();
      server.restart();

      assertThat(far.createIfAbsent("b", bytes("y"))).isTrue();
      assertThat(far.list("")).containsExactly(new ObjectInfo("a", 1), new ObjectInfo("b", 1));
    }
  }

  @Test
  void write_folderWithoutPermission_isRefusedAsReadOnly() throws IOException {
    store.put("a/b", bytes("hello"));
    assumeTrue(!Files.getOwner(root.resolve("a/b")).getName().equals("root"), "root may write");
    Path locked = root.resolve("a");
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assertThatThrownBy(() -> store.put("a/c", bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class)
          .hasMessageContaining(store.location());
      assertThatThrownBy(() -> store.createIfAbsent("a/c", bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class);
      assertThatThrownBy(() -> store.delete("a/b")).isInstanceOf(ReadOnlyStoreException.class);
      assertThat(text(store.read("a/b"))).isEqualTo("hello");

      Files.setPosixFilePermissions(
          root.resolve(".sftp-tmp"), PosixFilePermissions.fromString("r-xr-xr-x"));
      assertThatThrownBy(() -> store.upload("d")).isInstanceOf(ReadOnlyStoreException.class);

      Files.setPosixFilePermissions(
          root.resolve("a/b"), PosixFilePermissions.fromString("---------"));
      assertThatThrownBy(() -> store.read("a/b")).isInstanceOf(AccessDeniedException.class);
    } finally {
      Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void freeBytes_ofAFile_areThoseOfItsFileSystem() throws IOException {
    store.put("a", bytes("x"));
    Path knownHosts = server.writeKnownHosts(folder.resolve("known_hosts"), server.port());
    SftpLocation location =
        SftpLocation.parse(
            "sftp://%s@127.0.0.1:%d%s?identity=%s&known-hosts=%s"
                .formatted(server.user(), server.port(), root, key.file(), knownHosts));
    try (SftpPool pool =
        new SftpPool(location, new SftpLogin(location, Map.of(), folder), SftpSettings.USUAL)) {
      long expected = Files.getFileStore(root).getUsableSpace();

      assertThat(pool.files().freeBytes(root.resolve("a").toString()).getAsLong())
          .isCloseTo(expected, Percentage.withPercentage(20));
      assertThat(pool.files().freeBytes("/no/such/file")).isEmpty();
    }
  }

  @Test
  void anything_objectIsASymbolicLink_isRefused() throws IOException {
    store.put("a/b", bytes("hello"));
    store.createIfAbsent("a/d/e", bytes("x"));
    Path outside = Files.writeString(server.writableFolder().resolve("outside"), "secret");
    Files.createSymbolicLink(root.resolve("link"), outside);

    assertThatIOException().isThrownBy(() -> store.read("link"));
    assertThatIOException().isThrownBy(() -> store.size("link"));
    assertThatIOException().isThrownBy(() -> store.list(""));
    assertThat(store.createIfAbsent("link", bytes("new"))).isFalse();
    assertThat(outside).hasContent("secret");
  }

  @Test
  void list_filesOfOthers_areLeftAlone() throws IOException {
    store.put("a/b", bytes("hello"));
    Path others = Files.createDirectory(server.writableFolder().resolve("not ours " + STORES));
    Files.createSymbolicLink(root.resolve("lost+found"), others);

    assertThat(store.list("")).containsExactly(new ObjectInfo("a/b", 5));
  }
}
