package io.ringkeep.archive;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.AclAdvice;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Asks the shard's primary each second what time it is at which offset, and notices when it is the
/// primary no more. Runs on a thread of its own.
final class Sampler {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /// Who lacks rights may be given them.
  private static final Duration EVERY_WHEN_DENIED = Duration.ofSeconds(30);

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(8);

  private final ArchiveRequest request;
  private final ShardFinder finder;
  private final Spool spool;
  private final Receiver receiver;
  private final ArchiveStatus status;
  private final Stopping stopping;
  private final Progress progress;

  private @Nullable ServerConnection connection;
  private @Nullable Endpoint asked;
  private String runId = "";
  private boolean denied;
  private long receivedBefore = -1;
  // By our stopwatch: since when the primary has had more than what comes.
  private long silentSince;

  Sampler(
      ArchiveRequest request,
      ShardFinder finder,
      Spool spool,
      Receiver receiver,
      ArchiveStatus status,
      Stopping stopping,
      Progress progress) {
    this.request = request;
    this.finder = finder;
    this.spool = spool;
    this.receiver = receiver;
    this.status = status;
    this.stopping = stopping;
    this.progress = progress;
  }

  /// Asks until it is told to stop; less often while it is not allowed to.
  void run() {
    while (!stopping.requested()) {
      receiver.primary().ifPresent(this::lookIfPossible);
      stopping.await(denied ? EVERY_WHEN_DENIED : EVERY);
    }
    close();
  }

  private void lookIfPossible(Endpoint primary) {
    try {
      look(primary);
    } catch (BackupException.AccessDenied e) {
      deny(e);
    } catch (BackupException | ServerError | IOException e) {
      status.notSampled(String.valueOf(e.getMessage()));
      close();
      reconnectIfMoved(primary);
    }
  }

  private void reconnectIfMoved(Endpoint primary) {
    try {
      if (finder.moved(primary, /* silent= */ true)) {
        receiver.reconnect();
      }
    } catch (BackupException | ServerError e) {
      // The receiver says what is the matter when it looks itself.
    }
  }

  private void deny(BackupException.AccessDenied why) {
    close();
    String problem = "times are not known, so nothing can be restored by time: " + why.getMessage();
    status.timesUnknown(problem);
    if (!denied) {
      progress.note(problem + "; " + why.hint().orElse("see the rights of its user"));
    }
    denied = true;
  }

  private void look(Endpoint primary) throws IOException {
    if (connection == null || !primary.equals(asked)) {
      close();
      ConnectionOptions options = Sources.quickly(request.base().connection());
      AclAdvice.require(primary, options, Set.of(Job.TELL_TIMES));
      ServerConnection opened = ServerConnection.open(primary, options);
      connection = opened;
      asked = primary;
      runId = opened.info("server").getOrDefault("run_id", "unknown");
    }
    ServerTime time = ServerTime.ask(connection, runId);
    if (!time.primary()) {
      receiver.reconnect();
      close();
      return;
    }
    if (denied) {
      denied = false;
      status.timesUnknown("");
      progress.note("times are known again");
    }
    status.sampled(time);
    spool.mark(time.replid(), time.mark());
    if (finder.moved(primary, /* silent= */ false)) {
      receiver.reconnect();
    }
    leaveIfSilent(time);
  }

  /// Whoever sends us the stream may hang, and the socket tells only after half a minute.
  private void leaveIfSilent(ServerTime time) {
    long received = spool.received();
    boolean behind =
        status.isLinked()
            && time.offset() > received
            && spool.reached().filter(at -> at.replid().equals(time.replid())).isPresent();
    if (!behind || received != receivedBefore) {
      receivedBefore = received;
      silentSince = time.answeredNanos();
    } else if (time.answeredNanos() - silentSince > LONGEST_SILENCE.toNanos()) {
      silentSince = time.answeredNanos();
      receiver.leave();
    }
  }

  private void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
