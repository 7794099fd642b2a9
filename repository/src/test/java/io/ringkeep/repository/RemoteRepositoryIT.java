package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.store.sftp.SftpLocation;
import io.ringkeep.store.sftp.SftpStore;
import io.ringkeep.testkit.OpenSshServer;
import io.ringkeep.testkit.TcpRelay;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole repository on an SSH server.
@Timeout(300)
class RemoteRepositoryIT {
  private static final int SHORTEST_PAUSE_MILLIS = 800;
  private static final int LONGEST_PAUSE_MILLIS = 3000;

  private final Random random = Seeds.random("RemoteRepositoryIT");

  @Test
  void backups_connectionCutAgainAndAgain_areWholeAndReadAsAFolder(@TempDir Path folder)
      throws Exception {
    assumeTrue(OpenSshServer.lacking().isEmpty(), () -> "no sshd: " + OpenSshServer.lacking());
    TestSshKey key = TestSshKey.make(folder.resolve("key"));
    try (OpenSshServer server = OpenSshServer.start(key);
        TcpRelay relay = TcpRelay.to("127.0.0.1", server.port())) {
      Path root = server.writableFolder().resolve("repository");
      Path knownHosts = server.writeKnownHosts(folder.resolve("known_hosts"), relay.port());
      SftpLocation location =
          SftpLocation.parse(
              "sftp://%s@127.0.0.1:%d%s?identity=%s&known-hosts=%s"
                  .formatted(server.user(), relay.port(), root, key.file(), knownHosts));
      List<Record> all;
      try (SftpStore store = SftpStore.open(location, Map.of());
          Repository remote = TestSnapshots.init(store, TestSnapshots.FAST)) {
        all = TestSnapshots.records(remote, random, 2400, 300);
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger cuts = new AtomicInteger();
        Thread cutter = Thread.ofVirtual().start(() -> cut(relay, done, cuts));
        for (int i = 0; i < 2; i++) {
          TestSnapshots.backup(remote, List.of(all.subList(0, 800), all.subList(800, 2400)));
        }
        assertWhole(remote, all);
        done.set(true);
        cutter.join();
        assertThat(cuts).hasPositiveValue();
      }
      try (FileStore local = new FileStore(root);
          Repository same = TestSnapshots.open(local, TestSnapshots.FAST)) {
        assertWhole(same, all);
      }
    }
  }

  private void cut(TcpRelay relay, AtomicBoolean done, AtomicInteger cuts) {
    try {
      while (!done.get()) {
        Thread.sleep(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
        relay.cut();
        cuts.incrementAndGet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertWhole(Repository repository, List<Record> all) throws IOException {
    Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
    assertThat(TestSnapshots.read(repository, manifest)).containsExactlyInAnyOrderElementsOf(all);
    assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
  }
}
