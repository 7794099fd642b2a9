package io.ringkeep.archive;

import io.ringkeep.model.BackupException;
import io.ringkeep.nodes.NodesChangedException;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Duration;

/// Waits for a repository that is away, and for other archivers: an archive that runs for weeks
/// meets both, also where it begins with a shard.
final class Waiting {
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final Repository repository;
  private final Progress progress;
  private String said = "";

  Waiting(Repository repository, Progress progress) {
    this.repository = repository;
    this.progress = progress;
  }

  /// What is asked of a repository.
  interface Question<T> {
    T ask() throws IOException;
  }

  /// One archiver leads, others wait until it has ended.
  Lease lease(String resource) throws IOException, InterruptedException {
    while (true) {
      try {
        return answer(() -> repository.leases().acquire(resource, "archive"));
      } catch (BackupException.Locked e) {
        say("waiting for another archiver to end", e);
        Thread.sleep(RETRY);
      }
    }
  }

  /// Asks until there is an answer.
  ///
  /// @throws BackupException if waiting does not help
  <T> T answer(Question<T> question) throws IOException, InterruptedException {
    while (true) {
      try {
        return question.ask();
      } catch (NodesChangedException e) {
        throw e;
      } catch (IOException | BackupException.Unavailable e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        say("waiting for the repository", e);
        Thread.sleep(RETRY);
      }
    }
  }

  private void say(String what, Exception why) {
    if (!said.equals(what)) {
      progress.note(what + ": " + why.getMessage());
      said = what;
    }
  }
}
