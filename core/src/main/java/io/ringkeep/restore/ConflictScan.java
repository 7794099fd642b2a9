package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Bytes;
import io.ringkeep.model.Record;
import io.ringkeep.redis.command.Answer;
import io.ringkeep.redis.command.CommandPipe;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Asks the target which of the keys that a restore would write it has already.
final class ConflictScan {
  private static final int MOST_EXAMPLES = 5;
  private static final byte[] EXISTS = "EXISTS".getBytes(StandardCharsets.US_ASCII);

  private final RestorePlan plan;
  private final Repository repository;
  private final Clock clock;

  /// What was found.
  ///
  /// @param existing which of a lane's records, counted in its order
  /// @param examples names of the first
  record Found(BitSet existing, List<String> examples) {}

  ConflictScan(RestorePlan plan, Repository repository, Clock clock) {
    this.plan = plan;
    this.repository = repository;
    this.clock = clock;
  }

  /// Asks a lane's servers about every record that it would be sent.
  Found scan(Lane lane) throws IOException {
    List<DatabasePipe> pipes = new ArrayList<>();
    try {
      for (TargetServer server : lane.servers()) {
        pipes.add(
            new DatabasePipe(
                CommandPipe.open(
                    server.shard().primary().endpoint(), plan.request().connection())));
      }
      Shaping shaping = plan.shaping(repository.hashKey());
      Found found = new Found(new BitSet(), new ArrayList<>());
      int[] ordinal = new int[1];
      SnapshotFeed.feed(
          repository,
          plan.manifest(),
          lane.slots(),
          clock,
          SnapshotFeed.Check.COUNTS,
          original -> {
            Record record = shaping.of(original);
            if (record != null) {
              byte[] key = Bytes.of(record.key());
              int number = ordinal[0]++;
              pipes
                  .get(lane.owner(record.key()))
                  .in(record.database())
                  .command(answer -> note(answer, number, key, found), EXISTS, key);
            }
          });
      pipes.forEach(pipe -> pipe.pipe().flush());
      return found;
    } finally {
      pipes.forEach(pipe -> pipe.pipe().close());
    }
  }

  private static void note(Answer answer, int number, byte[] key, Found found) {
    if (answer instanceof Answer.Failure(String reply)) {
      throw new BackupException.Unavailable(
          "the target can't be asked which keys it has: reply=" + Printable.of(reply),
          "nothing was changed; if slots are being moved, wait until that has ended",
          null);
    }
    if (answer instanceof Answer.Count(long count) && count > 0) {
      found.existing().set(number);
      if (found.examples().size() < MOST_EXAMPLES) {
        found.examples().add(Printable.of(key));
      }
    }
  }
}
