package io.ringkeep.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.Record;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.SnapshotReference;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.store.StoreAccessDeniedException;
import io.ringkeep.store.s3.S3Stores;
import io.ringkeep.testkit.HttpRelay;
import io.ringkeep.testkit.HttpRelay.Fate;
import io.ringkeep.testkit.S3Server;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The life of a repository in a bucket.
class S3RepositoryTest {
  private final Random random = Seeds.random("S3RepositoryTest");

  @Test
  void repository_inBucket_isWrittenReadAndVerified() throws IOException {
    try (S3Server server = S3Server.start()) {
      String bucket = server.newBucket();
      List<Record> all;
      SnapshotReference reference;
      try (Repository repository =
          TestSnapshots.init(S3Stores.at(server.endpoint(), bucket), TestSnapshots.FAST)) {
        all = TestSnapshots.records(repository, random, 200, 500);
        reference =
            TestSnapshots.backup(repository, List.of(all.subList(0, 100), all.subList(100, 200)));
      }
      try (Repository repository =
          TestSnapshots.open(S3Stores.at(server.endpoint(), bucket), TestSnapshots.FAST)) {
        Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
        assertThat(manifest.id()).isEqualTo(reference.id());
        assertThat(TestSnapshots.read(repository, manifest))
            .containsExactlyInAnyOrderElementsOf(all);
        assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
        assertThat(SnapshotObjects.orphans(repository, TestSnapshots.CACHE)).isEmpty();
      }
    }
  }

  @Test
  void restore_credentialsMayOnlyRead_readsWithoutALease() throws IOException {
    try (S3Server server = S3Server.startOpen();
        HttpRelay relay = HttpRelay.to(server.endpoint());
        ObjectStore store = S3Stores.at(relay.endpoint(), server.newBucket())) {
      Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
      List<Record> all = TestSnapshots.records(repository, random, 40, 500);
      TestSnapshots.backup(repository, List.of(all));
      relay.rule((method, path, headers) ->
          method.equals("GET") || method.equals("HEAD") ? Fate.PASS : Fate.DENIED);

      try (Lease lease = repository.leases().acquireRead("restore")) {
        Manifest manifest = repository.snapshots(TestSnapshots.CACHE).resolve("latest");
        assertThat(TestSnapshots.read(repository, manifest))
            .containsExactlyInAnyOrderElementsOf(all);
        lease.check();
      }
      assertThatThrownBy(() -> TestSnapshots.backup(repository, List.of(all)))
          .isInstanceOf(ReadOnlyStoreException.class)
          .hasCauseInstanceOf(StoreAccessDeniedException.class);
    }
  }

  /// The worst that a network does to a commit: what was done is not said.
  @Test
  void backup_everySeventhAnswerIsLost_commitsAllTheSame() throws IOException {
    AtomicInteger requests = new AtomicInteger();
    try (S3Server server = S3Server.startOpen();
        HttpRelay relay = HttpRelay.to(server.endpoint());
        ObjectStore store = S3Stores.at(relay.endpoint(), server.newBucket())) {
      int from = random.nextInt(7);
      relay.rule((method, path, headers) ->
          method.equals("PUT") && (requests.getAndIncrement() + from) % 7 == 0
              ? Fate.LOSE_ANSWER
              : Fate.PASS);
      Repository repository = TestSnapshots.init(store, TestSnapshots.FAST);
      List<Record> all = TestSnapshots.records(repository, random, 40, 500);
      for (int i = 0; i < 3; i++) {
        TestSnapshots.backup(repository, List.of(all));
      }
      assertThat(repository.snapshots(TestSnapshots.CACHE).references()).hasSize(3);
      assertThat(TestSnapshots.verify(repository).findings()).isEmpty();
    }
    assertThat(requests).hasValueGreaterThan(20);
  }
}
