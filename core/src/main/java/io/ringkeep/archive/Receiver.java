package io.ringkeep.archive;

import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.model.BackupException;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.rdb.RdbItem;
import io.ringkeep.redis.rdb.RdbReader;
import io.ringkeep.redis.replication.PsyncReply;
import io.ringkeep.redis.replication.ReplicaLink;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.redis.topology.Server;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.repository.log.Gap;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a shard's stream as a replica does and appends it to the spool, over and over again when
/// the link breaks or the shard fails over. Runs on a thread of its own.
final class Receiver {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LEFT_ALONE_FOR = Duration.ofMinutes(1);
  private static final int BUFFER_BYTES = 256 * 1024;

  private final ArchiveRequest request;
  private final ShardFinder finder;
  private final Spool spool;
  private final Optional<Spool.Reached> stored;
  private final ArchiveStatus status;
  private final Stopping stopping;
  private final Clock clock;
  private final Progress progress;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  // From the first connection on.
  private volatile @Nullable ReplicaLink opened;
  // Once the stream comes by it: no server is told of bytes before.
  private volatile @Nullable ReplicaLink link;
  private volatile @Nullable Endpoint primary;
  private volatile @Nullable Endpoint source;
  private volatile @Nullable Left left;

  /// A server that sent nothing any more.
  private record Left(Endpoint server, long nanos) {
    boolean counts() {
      return System.nanoTime() - nanos < LEFT_ALONE_FOR.toNanos();
    }
  }

  /// @param stored where the repository's log ends, for a spool that is empty
  Receiver(
      ArchiveRequest request,
      ShardFinder finder,
      Spool spool,
      Optional<Spool.Reached> stored,
      ArchiveStatus status,
      Stopping stopping,
      Clock clock,
      Progress progress) {
    this.request = request;
    this.finder = finder;
    this.spool = spool;
    this.stored = stored;
    this.status = status;
    this.stopping = stopping;
    this.clock = clock;
    this.progress = progress;
  }

  /// Receives until it is told to stop.
  void run() {
    Duration pause = FIRST_PAUSE;
    while (!stopping.requested()) {
      long begun = System.nanoTime();
      try {
        receive();
      } catch (BackupException | ServerError | IOException e) {
        if (stopping.requested()) {
          return;
        }
        String problem = String.valueOf(e.getMessage());
        if (status.unlinked(problem)) {
          progress.note("not receiving: " + problem);
        }
        boolean held = System.nanoTime() - begun > LONGEST_PAUSE.toNanos();
        pause = held ? FIRST_PAUSE : pause;
        stopping.await(pause);
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      }
    }
  }

  private void receive() throws IOException {
    Shard shard = finder.find().shard();
    Server server = choose(shard);
    Server writer = writer(shard.primary(), server);
    Sources.require(writer, request.base().connection());
    primary = shard.primary().endpoint();
    spool.truncate();
    spool.requireRoom();
    try (ReplicaLink begun =
        ReplicaLink.open(
            server.endpoint(),
            Sources.quickly(request.base().connection()),
            ReplicaLink.Options.ARCHIVE)) {
      opened = begun;
      if (stopping.requested()) {
        return;
      }
      StreamCutter cutter = attach(begun, server, writer.engine().toString());
      source = server.endpoint();
      link = begun;
      status.linked(server.endpoint().toString());
      progress.note("receiving: server=%s offset=%d".formatted(server.endpoint(), cutter.offset()));
      read(begun, cutter);
    } finally {
      link = null;
      opened = null;
    }
  }

  /// Whose commands come: a replica passes its primary's on as they are. One that is older may have
  /// been the primary itself when it received what is read now.
  private static Server writer(Server primary, Server server) {
    return server.engine().tellsTimesToLive() ? server : primary;
  }

  private Server choose(Shard shard) {
    if (request.base().from() == SourcePolicy.PRIMARY) {
      return shard.primary();
    }
    Optional<Server> replica =
        shard.replicas().stream()
            .filter(Server::linkUp)
            .filter(server -> !wasLeft(server))
            .filter(server -> server.lag().compareTo(request.base().maxLag()) <= 0)
            .filter(this::hasOurs)
            .filter(server -> goesOn(server) || !goesOn(shard.primary()))
            .max(Comparator.comparingLong(Server::offset));
    if (replica.isEmpty() && request.base().from() == SourcePolicy.REPLICA) {
      throw new BackupException.Unavailable(
          "no healthy replica to archive from: primary=" + shard.primary().endpoint(),
          "bring one up, or allow the primary with --from prefer-replica",
          null);
    }
    return replica.orElse(shard.primary());
  }

  /// Whether we need not begin anew with it. One that was synchronised a moment ago has nothing of
  /// before.
  private boolean goesOn(Server server) {
    return reached().filter(from -> server.goesOnFrom(from.replid(), from.offset())).isPresent();
  }

  /// Where ours ends, here or in the repository.
  private Optional<Spool.Reached> reached() {
    return spool.reached().or(() -> stored);
  }

  private boolean wasLeft(Server server) {
    Left last = left;
    return last != null && last.counts() && last.server().equals(server.endpoint());
  }

  /// A replica that has less than we have could only begin anew.
  private boolean hasOurs(Server server) {
    Optional<Spool.Reached> reached = reached();
    return reached.isEmpty()
        || !reached.get().replid().equals(server.replid())
        || server.offset() >= reached.get().offset();
  }

  /// Has the server send its stream from where ours ends, or from where it can.
  ///
  /// @param engine product and version whose commands come
  private StreamCutter attach(ReplicaLink begun, Server server, String engine) throws IOException {
    Optional<Spool.Reached> here = spool.reached();
    Optional<Spool.Reached> reached = here.or(() -> stored);
    PsyncReply reply =
        reached.isPresent()
            ? begun.resume(reached.get().replid(), reached.get().offset(), PATIENCE)
            : begun.fullResync(PATIENCE);
    switch (reply) {
      case PsyncReply.Continue(String replid) -> {
        Spool.Reached from = reached.orElseThrow();
        if (here.isEmpty() || !replid.equals(from.replid()) || !spool.engine().equals(engine)) {
          spool.begin(
              new SpoolHead(
                  replid,
                  from.offset(),
                  from.database(),
                  Optional.of(from.replid()),
                  Optional.empty(),
                  engine));
        }
        return cutter(from.offset(), from.database());
      }
      case PsyncReply.FullResync(String replid, long offset) -> {
        int database = databaseBehindRdb(begun);
        Optional<Gap.Reason> reason =
            reached.map(from ->
                server.replid2().equals(Optional.of(from.replid()))
                    ? Gap.Reason.FORK
                    : Gap.Reason.FULL_RESYNC);
        reason.ifPresent(why ->
            progress.note(
                "a gap in the log: %s: from=%d to=%d"
                    .formatted(why.words(), reached.orElseThrow().offset(), offset)));
        spool.begin(new SpoolHead(replid, offset, database, Optional.empty(), reason, engine));
        status.begins();
        begun.acknowledge(offset);
        return cutter(offset, database);
      }
      case PsyncReply.NotYet notYet -> throw new IllegalStateException("asked until it was ready");
    }
  }

  private static StreamCutter cutter(long offset, int database) {
    return new StreamCutter(offset, database, /* insideTransaction= */ false, 2);
  }

  /// Reads the RDB that comes first, whose keys are a base's affair and not ours.
  ///
  /// @return the database that the stream begins in: a replica passes on what its primary sends,
  ///   and says no `SELECT` of its own
  private static int databaseBehindRdb(ReplicaLink begun) throws IOException {
    int database = 0;
    try (RdbReader reader = new RdbReader(begun.rdb())) {
      while (true) {
        RdbItem item = reader.next();
        if (item instanceof RdbItem.Aux(String name, ByteBuffer value)
            && name.equals("repl-stream-db")) {
          String text = StandardCharsets.US_ASCII.decode(value.duplicate()).toString();
          database = Math.max(0, Integer.parseInt(text));
        } else if (item instanceof RdbItem.End) {
          return database;
        }
      }
    }
  }

  private void read(ReplicaLink begun, StreamCutter cutter) throws IOException {
    Boundary boundary = new Boundary(cutter.offset(), cutter.database());
    while (!stopping.requested()) {
      begun.readCommands(buffer.clear());
      spool.append(buffer.flip().duplicate(), clock.millis());
      long before = boundary.offset;
      cutter.feed(
          buffer,
          command -> {
            if (command.endsTransaction()) {
              boundary.offset = command.end();
              boundary.database = command.database();
            }
            return true;
          });
      if (boundary.offset > before) {
        spool.boundary(boundary.offset, boundary.database);
      }
    }
  }

  /// The last end of a transaction.
  private static final class Boundary {
    long offset;
    int database;

    Boundary(long offset, int database) {
      this.offset = offset;
      this.database = database;
    }
  }

  /// Tells the server what is on our disk, if a link is up.
  void acknowledge(long offset) {
    ReplicaLink open = link;
    if (open != null) {
      try {
        open.acknowledge(offset);
      } catch (BackupException e) {
        open.close(); // the reading thread says why
      }
    }
  }

  /// Ends the link, or its beginning, so that the shard is looked for anew.
  void reconnect() {
    ReplicaLink open = opened;
    if (open != null) {
      open.close();
    }
  }

  /// Ends a link that nothing comes by, and has another server tried for a while.
  void leave() {
    Endpoint from = source;
    if (link != null && from != null) {
      progress.note("nothing comes from %s, although there is more".formatted(from));
      left = new Left(from, System.nanoTime());
      reconnect();
    }
  }

  /// The shard's primary, once it was found.
  Optional<Endpoint> primary() {
    return Optional.ofNullable(primary);
  }
}
