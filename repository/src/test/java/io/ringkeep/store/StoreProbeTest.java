package io.ringkeep.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.store.StoreTraits.Trait;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.store.memory.MemoryStore;
import io.ringkeep.store.s3.S3Stores;
import io.ringkeep.testkit.HttpRelay;
import io.ringkeep.testkit.S3Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreProbeTest {
  private static S3Server server;

  @BeforeAll
  static void startServer() {
    server = S3Server.startOpen();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void of_storesOfThisProject_keepEverythingAndHoldNothingAfterwards(@TempDir Path folder)
      throws IOException {
    for (ObjectStore store :
        List.of(new MemoryStore(), new FileStore(folder), S3Stores.newStore(server))) {
      try (store) {
        StoreTraits traits = StoreProbe.of(store, "control/probe/");

        assertThat(traits.missing()).as(store.location()).isEmpty();
        assertThat(traits.complaint()).isEmpty();
        assertThat(store.list("")).isEmpty();
      }
    }
  }

  @Test
  void of_serviceThatOverlooksIfNoneMatch_isFoundOut() throws IOException {
    try (HttpRelay relay = HttpRelay.to(server.endpoint());
        ObjectStore store = S3Stores.at(relay.endpoint(), server.newBucket())) {
      assertThat(StoreProbe.of(store, "control/probe/").missing()).isEmpty();
      relay.strip("If-None-Match");

      StoreTraits traits = StoreProbe.of(store, "control/probe/");

      assertThat(traits.missing()).containsExactly(Trait.CREATES_ONCE);
      assertThat(traits.complaint())
          .isEqualTo("create-if-absent: an existing object was created again");
      assertThatExceptionOfType(InvalidRequest.class)
          .isThrownBy(() ->
              Repository.init(
                  store, InitOptions.unencrypted(), Optional.empty(), Clock.systemUTC()))
          .withMessageContaining("create-if-absent")
          .satisfies(e -> assertThat(e.hint().orElseThrow()).contains("If-None-Match"));
      assertThat(store.list("")).isEmpty();
    }
  }

  @Test
  void of_storeThatShowsOldThings_isFoundOut() throws IOException {
    ObjectStore forgetful =
        new WatchedStore(new MemoryStore()) {
          @Override
          public List<ObjectInfo> list(String directory) {
            return List.of();
          }

          @Override
          public void put(String key, ByteBuffer content) {}

          @Override
          public void delete(String key) {}
        };

    assertThat(StoreProbe.of(forgetful, "p/").missing())
        .containsExactly(Trait.REPLACES, Trait.LISTS, Trait.DELETES);
  }
}
