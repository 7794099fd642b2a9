package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.Heat;
import io.ringkeep.model.Record;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.command.Answer;
import io.ringkeep.redis.command.CommandPipe;
import io.ringkeep.redis.command.Lens;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.command.LossFinder;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.repository.Repository;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads back the keys that were restored, and no others, and compares what they mean.
///
/// For targets that hold other data too: a full sync would read all of that.
final class KeyProof {
  /*
   * The snapshot is fed once more; for each record DUMP and PEXPIRETIME go down a pipe. Fields that expire within
   * the next minutes are left out on both sides, since the server drops them while it is read.
   */
  private static final Duration CUT_AHEAD = Duration.ofMinutes(10);
  private static final int MOST_EXAMPLES = 5;

  /// How far an expiry may be off that was reckoned from the time left and the server's clock.
  private static final long CLOCK_TOLERANCE_MILLIS = 2_000;

  private static final byte[] DUMP = word("DUMP");
  private static final byte[] PEXPIRETIME = word("PEXPIRETIME");
  private static final byte[] PTTL = word("PTTL");

  private final RestorePlan plan;
  private final Repository repository;
  private final Deadline deadline;
  private final Clock clock;
  private final Progress progress;

  KeyProof(
      RestorePlan plan, Repository repository, Deadline deadline, Clock clock, Progress progress) {
    this.plan = plan;
    this.repository = repository;
    this.deadline = deadline;
    this.clock = clock;
    this.progress = progress;
  }

  /// Compares a lane's records, but for those that were `kept`.
  ///
  /// @throws BackupException.CorruptData if any of them differs
  void compare(Lane lane, BitSet kept) throws IOException {
    Comparing comparing = new Comparing(lane, kept);
    try (Progress.Task task = progress.begin("reading back " + lane, OptionalLong.empty())) {
      task.phase("comparing");
      for (TargetServer server : lane.servers()) {
        comparing.pipes.add(
            new DatabasePipe(
                CommandPipe.open(
                    server.shard().primary().endpoint(), plan.request().connection())));
      }
      SnapshotFeed.feed(
          repository,
          plan.manifest(),
          lane.slots(),
          clock,
          record -> {
            deadline.check();
            comparing.ask(record, task);
          });
      comparing.pipes.forEach(pipe -> pipe.pipe().flush());
    } finally {
      comparing.pipes.forEach(pipe -> pipe.pipe().close());
    }
    if (comparing.differing > 0) {
      throw new BackupException.CorruptData(
          "the target does not hold what was sent: snapshot=%s keys=%d first=%s"
              .formatted(plan.manifest().id(), comparing.differing, comparing.examples),
          "stop clients that write to these keys, and restore again",
          null);
    }
  }

  private final class Comparing {
    private final Lane lane;
    private final BitSet kept;
    private final Shaping shaping = plan.shaping(repository.hashKey());
    private final RecordFingerprinter fingerprinter = new RecordFingerprinter(repository.hashKey());
    private final Lens lens =
        new Lens(
            plan.crossing().ability(), clock.millis() + CUT_AHEAD.toMillis(), repository.hashKey());
    private final LossFinder losses = new LossFinder(plan.crossing().ability());
    private final List<DatabasePipe> pipes = new ArrayList<>();
    private final List<String> examples = new ArrayList<>();
    private int ordinal;
    private long differing;

    Comparing(Lane lane, BitSet kept) {
      this.lane = lane;
      this.kept = kept;
    }

    void ask(Record original, Progress.Task task) {
      Record record = shaping.of(original);
      if (record == null || kept.get(ordinal++)) {
        return;
      }
      if (plan.crossing().losses().keySet().stream().anyMatch(Loss::wholeKey)
          && losses.losses(record).stream().anyMatch(Loss::wholeKey)) {
        return;
      }
      int owner = lane.owner(record.key());
      EngineVersion engine = lane.servers().get(owner).facts().engine();
      byte[] key = new byte[record.key().remaining()];
      record.key().get(record.key().position(), key);
      Optional<Fingerprint> expected = lens.fingerprint(record, fingerprinter.fingerprint(record));
      Asked asked =
          new Asked(
              record.database(), ByteBuffer.wrap(key), record.expiryMillis(), expected, engine);
      CommandPipe pipe = pipes.get(owner).in(record.database());
      pipe.command(asked::expiry, asked.absolute() ? PEXPIRETIME : PTTL, key);
      pipe.command(
          answer -> {
            if (!asked.equal(answer, lens, fingerprinter)) {
              note(asked);
            }
          },
          record.value().remaining(),
          DUMP,
          key);
      task.advance(record.key().remaining() + record.value().remaining(), 1);
    }

    private void note(Asked asked) {
      differing++;
      if (examples.size() < MOST_EXAMPLES) {
        examples.add(Printable.of(asked.key));
      }
    }
  }

  /// A key that the target was asked about.
  private final class Asked {
    private final int database;
    private final ByteBuffer key;
    private final long expiryMillis;
    private final Optional<Fingerprint> expected;
    private final EngineVersion engine;
    private long heldExpiry = Record.NO_EXPIRY;

    Asked(
        int database,
        ByteBuffer key,
        long expiryMillis,
        Optional<Fingerprint> expected,
        EngineVersion engine) {
      this.database = database;
      this.key = key;
      this.expiryMillis = expiryMillis;
      this.expected = expected;
      this.engine = engine;
    }

    /// `PEXPIRETIME` came with Redis 7.0.
    boolean absolute() {
      return engine.hasFunctions();
    }

    void expiry(Answer answer) {
      if (answer instanceof Answer.Count(long millis) && millis >= 0) {
        long reckoned = absolute() ? millis : clock.millis() + millis;
        boolean near = !absolute() && Math.abs(reckoned - expiryMillis) <= CLOCK_TOLERANCE_MILLIS;
        heldExpiry = near ? expiryMillis : reckoned;
      }
    }

    boolean equal(Answer answer, Lens lens, RecordFingerprinter fingerprinter) {
      return switch (answer) {
        case Answer.Bulk(ByteBuffer payload) -> {
          Record held = record(payload);
          yield lens.fingerprint(held, fingerprinter.fingerprint(held)).equals(expected);
        }
        case Answer.Nothing() ->
            expected.isEmpty()
                || expiryMillis != Record.NO_EXPIRY
                    && expiryMillis <= clock.millis() + CLOCK_TOLERANCE_MILLIS;
        case Answer.Failure(String reply) ->
            throw ErrorReply.of(
                plan.servers().getFirst().facts().endpoint(),
                plan.request().connection(),
                List.of("DUMP"),
                reply);
        case Answer.Count ignored -> false;
        case Answer.Status ignored -> false;
        case Answer.Items ignored -> false;
      };
    }

    private Record record(ByteBuffer payload) {
      int valueBytes = payload.remaining() - DumpPayload.HEAD_BYTES - DumpPayload.TRAILER_BYTES;
      ByteBuffer value = ByteBuffer.allocateDirect(valueBytes);
      value.put(0, payload, DumpPayload.HEAD_BYTES, valueBytes);
      return new Record(
          database,
          key,
          heldExpiry,
          Heat.UNKNOWN,
          Byte.toUnsignedInt(payload.get(0)),
          engine.newestRdb(),
          value);
    }
  }

  private static byte[] word(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
