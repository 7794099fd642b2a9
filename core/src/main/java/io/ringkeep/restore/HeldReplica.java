package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.replication.PrimaryLink;
import io.ringkeep.redis.replication.PrimarySession;
import io.ringkeep.redis.replication.RdbForm;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.task.Deadline;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// A server of our own that holds some slots of a snapshot and what followed, and stays our replica
/// until this is closed: so it expires nothing, and can be read as it is.
public final class HeldReplica implements AutoCloseable {
  private static final Duration DIAL = Duration.ofSeconds(20);

  private final ServerConnection server;
  private final PrimaryLink link;
  private final PrimarySession session;

  private HeldReplica(ServerConnection server, PrimaryLink link, PrimarySession session) {
    this.server = server;
    this.link = link;
    this.session = session;
  }

  /// Loads it.
  ///
  /// @param slots of the snapshot
  /// @param endpoint an empty server on this host
  /// @param options how it is logged into
  /// @param engine what it is; it takes an RDB that holds the snapshot
  /// @param tail what follows
  /// @throws BackupException.CorruptData if the snapshot is damaged
  /// @throws BackupException if the server fails, or could not apply what follows
  public static HeldReplica load(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      Endpoint endpoint,
      ConnectionOptions options,
      EngineVersion engine,
      Tail tail,
      Deadline deadline,
      Clock clock,
      Progress progress)
      throws IOException {
    RdbVersion version = RdbVersions.choose(manifest, engine).orElseThrow();
    InetAddress here = InetAddress.getByName(endpoint.host());
    ServerConnection server = ServerConnection.open(endpoint, options);
    PrimaryLink link = PrimaryLink.listen(here, Set.of(here));
    try (Progress.Task task =
        progress.begin("rolling forward in " + endpoint, OptionalLong.empty())) {
      task.phase("loading the snapshot");
      server.command("REPLICAOF", here.getHostAddress(), Integer.toString(link.port()));
      PrimarySession session = link.accept(deadline.leftUpTo(DIAL));
      HeldReplica held = new HeldReplica(server, link, session);
      SnapshotRdb rdb =
          new SnapshotRdb(
              repository, manifest, slots, version, SnapshotFeed.Check.FINGERPRINTS, clock, task);
      session.sendRdb(RdbForm.EOF_MARK, rdb::writeTo);
      session.awaitLoaded(deadline.left());
      task.phase("replaying the log");
      tail.replay(session, server, deadline);
      return held;
    } catch (IOException | RuntimeException e) {
      link.close();
      server.close();
      throw e;
    }
  }

  @Override
  public void close() {
    session.close();
    link.close();
    server.close();
  }
}
