package io.ringkeep.archive;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.SlotMap;
import io.ringkeep.repository.log.SlotMaps;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Archives every shard of a cluster: those that there are, and those that come.
/* Each second the cluster is looked at. A shard that appears gets a ShardArchiver on a thread of its own, one
 * that has been gone for some looks loses it. Whenever the slots are served otherwise than before, that is
 * stored with the time between which looks it changed: recovery takes from it which logs make up the
 * dataset of a moment, and where a key may stand on two shards.
 */
final class ClusterArchiver {
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(1);

  /// A failover hides a shard for a look or two.
  private static final int LOOKS_UNTIL_GONE = 5;

  private final ArchiveRequest request;
  private final Repository repository;
  private final Lineage lineage;
  private final SlotMaps maps;
  private final Clock clock;
  private final Progress progress;
  private final Map<String, Running> running = new ConcurrentHashMap<>();
  private final Deque<SlotMap> unwritten = new ArrayDeque<>();

  private volatile Optional<SlotMap> seen = Optional.empty();
  private long seenMicros;
  private @Nullable Lease lease;
  private String problem = "";

  /// An archiver at work.
  private static final class Running {
    final ShardArchiver archiver;
    final Thread thread;
    volatile @Nullable Throwable failure;
    int missed;

    Running(ShardArchiver archiver) {
      this.archiver = archiver;
      thread =
          Thread.ofPlatform()
              .name("archive-shard-" + archiver.log().shard())
              .unstarted(this::archive);
    }

    private void archive() {
      try {
        archiver.run();
      } catch (InterruptedException e) {
        // This is how it is ended.
      } catch (IOException | RuntimeException | Error e) {
        failure = e;
      }
    }
  }

  ClusterArchiver(
      ArchiveRequest request,
      Repository repository,
      Lineage lineage,
      Clock clock,
      Progress progress) {
    this.request = request;
    this.repository = repository;
    this.lineage = lineage;
    this.maps = repository.slotMaps(request.base().cache());
    this.clock = clock;
    this.progress = progress;
  }

  /// Archives.
  ///
  /// @throws BackupException if going on would do harm to the log of any shard
  /// @throws InterruptedException always, unless something is thrown before
  void run() throws IOException, InterruptedException {
    Waiting waiting = new Waiting(repository, progress);
    lease = waiting.lease(resource());
    Optional<Thread> bases = Optional.empty();
    try {
      Optional<SlotMap> before = waiting.answer(maps::last);
      seen = before;
      seenMicros = before.map(map -> ServerTime.micros(map.time())).orElse(0L);
      ClusterView view = new ClusterView(request.base(), before);
      waiting.answer(this::leftBehind).forEach(log -> begin(log, view));
      bases = new BaseTaker(request, repository, this::settled, clock, progress).start();
      while (true) {
        requireWell();
        look(view);
        Thread.sleep(LOOKS_EVERY);
      }
    } finally {
      boolean interrupted = Thread.interrupted();
      bases.ifPresent(Thread::interrupt);
      running.values().forEach(one -> one.thread.interrupt());
      for (Running one : running.values()) {
        one.thread.join();
      }
      if (bases.isPresent()) {
        bases.get().join(ShardArchiver.LAST_WORDS);
      }
      write();
      release();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private String resource() {
    return "archive-" + request.base().cache();
  }

  private void release() {
    Lease held = lease;
    lease = null;
    if (held != null) {
      held.close();
    }
  }

  /// Whether the lease is held, or could be had anew after the repository was away.
  private boolean leads() {
    try {
      Lease held = lease;
      if (held == null) {
        lease = repository.leases().acquire(resource(), "archive");
      } else {
        held.check();
      }
      return true;
    } catch (IOException | BackupException e) {
      release();
      return false;
    }
  }

  private void requireWell() throws IOException {
    for (Running one : running.values()) {
      switch (one.failure) {
        case null -> {}
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  private void look(ClusterView view) throws InterruptedException {
    OptionalLong time = serverTime();
    Topology topology;
    try {
      topology = view.look();
      lineage.check(topology);
      problem = "";
    } catch (BackupException | ServerError e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      String message = String.valueOf(e.getMessage());
      if (!problem.equals(message)) {
        progress.note("the cluster can't be looked at: " + message);
      }
      problem = message;
      // What is on this host alone is stored, whether its shard is there or not.
      seen.ifPresent(map -> map.shards().forEach(shard -> begin(shard.log(), view)));
      return;
    }
    Map<String, Shard> there = new TreeMap<>(view.shards());
    there.keySet().forEach(log -> begin(log, view));
    if (topology.unserved().isEmpty()) {
      end(there);
    }
    if (time.isPresent()) {
      note(view.map(topology, seenMicros == 0 ? time.getAsLong() : seenMicros, time.getAsLong()));
      seenMicros = time.getAsLong();
    }
    write();
  }

  /// Shards whose spools are here: some may be gone, and have bytes that are nowhere else.
  private List<String> leftBehind() throws IOException {
    String cache = request.base().cache();
    return ShardLog.shards(repository.store(), cache).stream()
        .filter(log ->
            Files.isDirectory(
                request.spool().resolve(ShardArchiver.folder(repository, cache, log))))
        .toList();
  }

  private void begin(String log, ClusterView view) {
    running.computeIfAbsent(
        log,
        name -> {
          progress.note("archiving shard " + name);
          Running one =
              new Running(
                  new ShardArchiver(request, repository, name, view.finder(name), clock, progress));
          one.thread.start();
          return one;
        });
  }

  /// Ends the archivers of shards that are gone, once the log has all of them: their slots are
  /// others', or they are others' replicas.
  private void end(Map<String, Shard> there) throws InterruptedException {
    for (Map.Entry<String, Running> entry : Map.copyOf(running).entrySet()) {
      String log = entry.getKey();
      Running one = entry.getValue();
      one.missed = there.containsKey(log) ? 0 : one.missed + 1;
      if (one.missed >= LOOKS_UNTIL_GONE && !one.archiver.mayHaveUnsent()) {
        progress.note("shard %s is no more".formatted(log));
        one.archiver.gone();
        one.thread.interrupt();
        one.thread.join();
        running.remove(log);
      }
    }
  }

  private void note(SlotMap map) {
    Optional<SlotMap> last = seen;
    if (last.isEmpty() || !last.get().showsTheSameAs(map)) {
      unwritten.add(map);
      seen = Optional.of(map);
    }
  }

  /// Stores what is not stored yet; while the repository is away it waits here.
  private void write() {
    while (!unwritten.isEmpty() && leads()) {
      try {
        maps.add(unwritten.getFirst());
        unwritten.removeFirst();
      } catch (IOException | BackupException e) {
        // The shards' archivers say what is the matter with the repository.
        return;
      }
    }
  }

  /// The latest that a primary's clock can show, by the last looks at them; empty before the first.
  private OptionalLong serverTime() {
    long nanos = System.nanoTime();
    return running.values().stream()
        .flatMap(one -> one.archiver.status().latest().stream())
        .mapToLong(time -> time.latestMicros(nanos))
        .max();
  }

  /// The shards that serve slots, while none is being moved.
  private Optional<List<ShardArchiver>> settled() {
    Optional<SlotMap> map = seen;
    if (map.isEmpty() || !map.get().moves().isEmpty()) {
      return Optional.empty();
    }
    List<ShardArchiver> serving = new ArrayList<>();
    for (SlotMap.MappedShard shard : map.get().shards()) {
      Running one = running.get(shard.log());
      if (shard.serves() && one == null) {
        return Optional.empty();
      }
      if (shard.serves() && one != null) {
        serving.add(one.archiver);
      }
    }
    return Optional.of(serving);
  }
}
