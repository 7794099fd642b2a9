package io.ringkeep.client.repository;

import io.ringkeep.archive.Archive;
import io.ringkeep.archive.ArchiveRequest;
import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.history.ShardHistory;
import io.ringkeep.history.ShardWindow;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// A repository in a folder, into which one cache is backed up.
final class Kept implements AutoCloseable {
  static final String PASSPHRASE = "correct horse";
  static final Clock CLOCK = Clock.systemUTC();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Path folder;
  private final String source;
  private final Repository repository;

  Kept(Path folder, String source) throws IOException {
    this.folder = folder;
    this.source = source;
    repository =
        Repository.init(
            new FileStore(repositoryFolder()),
            InitOptions.encrypted(),
            Optional.of(Passphrase.of(PASSPHRASE)),
            CLOCK);
  }

  Path repositoryFolder() {
    return folder.resolve("repository");
  }

  /// What an application opens, with the cache itself as the live one.
  RepositoryAccess access() {
    return RepositoryAccess.of(repositoryFolder().toString(), source).passphrase(PASSPHRASE);
  }

  private BackupRequest request() {
    return new BackupRequest(
        "default",
        RedisUri.parse(source),
        ConnectionOptions.DEFAULT,
        SourcePolicy.PREFER_REPLICA,
        Duration.ofSeconds(10),
        /* forksPerHost= */ 1,
        OptionalLong.empty(),
        Duration.ofMinutes(5),
        /* adopt= */ false,
        new Incremental(/* full= */ false, /* acceptCollapse= */ true, folder.resolve("known")));
  }

  void backup() throws IOException, InterruptedException {
    Backup.run(Backup.plan(request(), repository), repository, CLOCK, Progress.silent());
  }

  /// The same while an archiver may be at it: that one holds the lease for a moment longer than it
  /// takes to see its base.
  void backupBeside(CompletableFuture<Void> archiver) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        backup();
        return;
      } catch (BackupException.Locked e) {
        if (archiver.isDone() || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  /// Records every write while `work` runs.
  void archiving(Work work) throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    Thread thread = Thread.ofPlatform().name("archive").start(() -> archive(ended));
    try {
      work.run(ended);
    } finally {
      thread.interrupt();
      thread.join();
    }
  }

  private void archive(CompletableFuture<Void> ended) {
    try {
      Archive.run(
          new ArchiveRequest(
              request(),
              folder.resolve("spool"),
              256 << 20,
              Duration.ofMillis(50),
              Duration.ofMillis(200),
              16 << 20,
              /* takeBase= */ true,
              Optional.empty()),
          repository,
          CLOCK,
          Progress.silent());
    } catch (InterruptedException e) {
      // This is how it ends.
    } catch (IOException | RuntimeException | Error e) {
      ended.completeExceptionally(e);
    }
  }

  /// What goes on beside an archiver.
  @FunctionalInterface
  interface Work {
    /// Does it.
    ///
    /// @param archiver fails if the archiver does
    void run(CompletableFuture<Void> archiver) throws Exception;
  }

  /// Waits until the log tells when everything that the server has written by now was executed, and
  /// stands on a base: what is written then is executed later than that.
  void awaitTold(CompletableFuture<Void> archiver, TestServer server) throws Exception {
    long offset = Long.parseLong(server.info("replication").get("master_repl_offset"));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!told(offset)) {
      if (archiver.isCompletedExceptionally()) {
        archiver.join();
      }
      if (System.nanoTime() > deadline) {
        throw new CompletionException(
            new AssertionError("the log does not reach offset " + offset));
      }
      Thread.sleep(20);
    }
  }

  private boolean told(long offset) throws IOException {
    for (ShardHistory shard : ShardHistory.of(repository, "default")) {
      for (ShardWindow window : shard.windows()) {
        if (window.restorable()
            && window.stretch().end() >= offset
            && window.from().isPresent()
            && shard.executed(window, offset).isPresent()) {
          return true;
        }
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    repository.close();
  }
}
