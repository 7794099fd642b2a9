package io.ringkeep.store.sftp;

import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;
import io.ringkeep.testkit.InProcessSftpServer;
import io.ringkeep.testkit.TestSshKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class SftpStoreTest extends ObjectStoreContractTest {
  private static final AtomicInteger STORES = new AtomicInteger();

  @TempDir private static Path folder;
  private static TestSshKey key;
  private static InProcessSftpServer server;
  private static Path knownHosts;

  @BeforeAll
  static void startServer() {
    key = TestSshKey.make(folder.resolve("key"));
    server = InProcessSftpServer.start(folder, key);
    knownHosts = server.writeKnownHosts(folder.resolve("known_hosts"), server.port());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  protected ObjectStore newStore() throws IOException {
    return SftpStore.open(
        SftpLocation.parse(
            "sftp://%s@127.0.0.1:%d/store%d?identity=%s&known-hosts=%s"
                .formatted(
                    server.user(),
                    server.port(),
                    STORES.incrementAndGet(),
                    key.file(),
                    knownHosts)),
        Map.of());
  }
}
