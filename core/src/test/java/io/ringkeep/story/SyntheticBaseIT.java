package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.archive.ArchiveRequest;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.history.CacheHistory;
import io.ringkeep.model.Slot;
import io.ringkeep.recover.Moment;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryPlan;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.SyntheticBase;
import io.ringkeep.recover.Timelines;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ProofRecord;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.status.Status;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestCluster;
import io.ringkeep.testkit.TestServer;
import io.ringkeep.verify.MomentDrill;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots that are made of the log, and moments that are proven, without production.
class SyntheticBaseIT {
  private static final Duration MINUTES = Duration.ofMinutes(2);
  private static final int SHARDS = 3;
  private static final int KEYS = 600;

  @TempDir Path spool;

  private static List<String> forks(TestServer server) {
    return List.of(
        server.info("persistence").get("rdb_saves"),
        server.info("stats").get("total_forks"),
        server.info("stats").get("latest_fork_usec"));
  }

  /// A backup under another name: no base of the log of `default`, with digests that compare.
  private static Manifest backUpElsewhere(Story story, String source) throws Exception {
    BackupRequest plain = story.request(source);
    return story
        .backup(
            new BackupRequest(
                "other",
                plain.source(),
                plain.connection(),
                plain.from(),
                plain.maxLag(),
                plain.forksPerHost(),
                plain.limitBytesPerSecond(),
                plain.timeout(),
                plain.adopt(),
                plain.incremental()))
        .manifest();
  }

  private static SyntheticBase.Result synthetic(Story story, Moment moment, Engine engine)
      throws Exception {
    return SyntheticBase.of(
        moment,
        Optional.of(engine.server()),
        story.request("redis://127.0.0.1:1").incremental(),
        MINUTES,
        story.repository(),
        Story.CLOCK,
        Progress.silent());
  }

  private static MomentDrill.Result drill(Story story, RecoveryTarget target, Engine engine)
      throws Exception {
    return MomentDrill.run(
        "default",
        target,
        Timelines.NEWEST,
        Optional.of(engine.server()),
        MINUTES,
        story.repository(),
        Story.CLOCK,
        Progress.silent());
  }

  /// Under writes, expiries, scripts and transactions: what is rolled forward is what the server
  /// would have given, and the server forks for none of it.
  @Test
  void synthetic_underLoad_equalsARealSnapshotAndForksNothing() throws Exception {
    Engine engine = Engines.newest();
    try (TestServer source = TestServer.start(engine);
        TestServer target = TestServer.start(engine);
        Story story = Story.inMemory();
        Archiving archiving = Archiving.of(story, source.uri(), spool)) {
      archiving.await("a link", () -> archiving.notes().toString().contains("receiving"));
      try (MixedLoad load = MixedLoad.to(source, Seeds.seed("SyntheticBaseIT"))) {
        archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
        archiving.awaitCaughtUp(source);
        List<String> before = forks(source);
        long written = load.written();
        archiving.await("load", () -> load.written() > written + 2_000);
        archiving.awaitCaughtUp(source);
        archiving.await("a time", () -> timeKnown(story));

        SyntheticBase.Result first =
            synthetic(story, Moment.newest("default", story.repository()), engine);

        assertThat(forks(source)).isEqualTo(before);
        assertThat(first.commands()).isPositive();
        assertThat(first.manifest().origin()).isEqualTo("log");
        assertThat(first.proof().records()).isEqualTo(first.manifest().records()).isPositive();

        long meanwhile = load.written();
        archiving.await("more load", () -> load.written() > meanwhile + 1_000);
        Manifest real = backUpElsewhere(story, source.uri());
        long offset = real.shards().getFirst().offset();
        archiving.await("offset " + offset, () -> end(archiving) >= offset);
        RecoveryTarget there = new RecoveryTarget.Offset(offset);

        MomentDrill.Result drilled = drill(story, there, engine);
        assertThat(drilled.proof().digest()).isEqualTo(real.digest());
        // It stands on the snapshot that was made of the log before.
        assertThat(drilled.proof().snapshot()).isEqualTo(first.manifest().id());
        SyntheticBase.Result second =
            synthetic(
                story, Moment.find("default", there, Timelines.NEWEST, story.repository()), engine);
        assertThat(second.manifest().digest()).isEqualTo(real.digest());
        assertThat(second.manifest().shards().getFirst().offset()).isEqualTo(offset);
      }
      archiving.awaitCaughtUp(source);
      List<ProofRecord> proofs = story.repository().proofs("default").all();
      assertThat(proofs)
          .hasSize(3)
          .allSatisfy(proof -> assertThat(proof.type()).isEqualTo(ProofRecord.Type.MOMENT));
      assertThat(Status.of(story.repository(), Optional.empty(), Story.CLOCK).getFirst().drilled())
          .isPresent();

      // The log goes on behind what was made of it.
      long end = end(archiving);
      RecoveryPlan plan =
          Recovery.plan(
              Story.restoreRequest(target.uri(), Existing.REPLACE, Loader.AUTO),
              new RecoveryTarget.Offset(end),
              Timelines.NEWEST,
              Optional.of(engine.server()),
              story.repository(),
              Story.CLOCK);
      assertThat(plan.cut().base().manifest().origin()).isEqualTo("log");
      Recovery.run(plan, story.repository(), Story.CLOCK, Progress.silent());
      for (int database = 0; database < MixedLoad.DATABASES; database++) {
        assertThat(MixedLoad.lasting(target, database))
            .isEqualTo(MixedLoad.lasting(source, database));
      }
    }
  }

  private static boolean timeKnown(Story story) {
    try {
      return !CacheHistory.of(story.repository(), "default").spans().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long end(Archiving archiving) {
    return archiving.windows().getLast().stretch().end();
  }

  /// All shards of a cluster are rolled forward together, by the archiver itself when it is time.
  @Test
  void synthetic_ofACluster_isMadeByTheArchiverAndEqualsARealSnapshot() throws Exception {
    Engine engine = Engines.redis70();
    try (TestCluster cluster = TestCluster.start(engine, SHARDS);
        Story story = Story.inMemory()) {
      ArchiveRequest.Synthetic wanted =
          new ArchiveRequest.Synthetic(Duration.ofSeconds(3), Optional.of(engine.server()));
      try (Archiving archiving = Archiving.of(story, cluster.uri(), spool, Optional.of(wanted))) {
        archiving.await("a base", () -> archiving.notes().toString().contains("base taken"));
        for (TestServer server : cluster.servers()) {
          archiving.awaitCaughtUp(server);
        }
        List<List<String>> before = cluster.servers().stream().map(SyntheticBaseIT::forks).toList();
        for (int i = 0; i < KEYS; i++) {
          int slot = Slot.of(ByteBuffer.wrap(("key:" + i).getBytes(StandardCharsets.UTF_8)));
          cluster.servers().get(slot * SHARDS / Slot.COUNT).call("SET", "key:" + i, "value " + i);
        }
        for (TestServer server : cluster.servers()) {
          archiving.awaitCaughtUp(server);
        }
        archiving.await(
            "a synthetic base of all of it",
            () -> archiving.notes().stream().anyMatch(note -> note.contains("records=" + KEYS)));
        assertThat(cluster.servers().stream().map(SyntheticBaseIT::forks).toList())
            .isEqualTo(before);
      }
      Manifest made = story.repository().snapshots("default").latest().orElseThrow();
      Manifest real = backUpElsewhere(story, cluster.uri());
      assertThat(made.origin()).isEqualTo("log");
      assertThat(made.digest()).isEqualTo(real.digest());
      assertThat(made.shards()).hasSize(SHARDS);
    }
  }
}
