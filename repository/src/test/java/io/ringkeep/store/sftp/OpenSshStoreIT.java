package io.ringkeep.store.sftp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;
import io.ringkeep.testkit.OpenSshServer;
import io.ringkeep.testkit.TestSftpServer;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// The contract against the server that most people have.
class OpenSshStoreIT extends ObjectStoreContractTest {
  private static final AtomicInteger STORES = new AtomicInteger();

  @TempDir private static Path folder;
  private static TestSshKey key;
  private static TestSftpServer server;
  private static Path knownHosts;

  @BeforeAll
  static void startServer() {
    assumeTrue(OpenSshServer.lacking().isEmpty(), () -> "no sshd: " + OpenSshServer.lacking());
    key = TestSshKey.make(folder.resolve("key"));
    server = OpenSshServer.start(key);
    knownHosts = server.writeKnownHosts(folder.resolve("known_hosts"), server.port());
  }

  @AfterAll
  static void stopServer() {
    if (OpenSshServer.lacking().isEmpty()) {
      server.close();
    }
  }

  @Override
  protected ObjectStore newStore() throws IOException {
    return SftpStore.open(
        SftpLocation.parse(
            "sftp://%s@127.0.0.1:%d%s/store%d?identity=%s&known-hosts=%s"
                .formatted(
                    server.user(),
                    server.port(),
                    server.writableFolder(),
                    STORES.incrementAndGet(),
                    key.file(),
                    knownHosts)),
        Map.of());
  }
}
