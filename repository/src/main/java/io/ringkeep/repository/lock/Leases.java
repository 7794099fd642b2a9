package io.ringkeep.repository.lock;

import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.lock.HostLocks.Proof;
import io.ringkeep.repository.lock.LeaseFiles.Claim;
import io.ringkeep.repository.lock.LeaseFiles.Heartbeat;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The leases of one repository. Safe for any number of threads.
/* The protocol needs one thing of the store: that of several who create a key one wins.
 *
 * A resource has a chain of claims, numbered by epoch. Its newest link is the lease. Whoever wants it
 * looks at the newest link's holder:
 *   - released, or dead by proof of this host (HostLocks): free;
 *   - its heartbeat changes while we look: held;
 *   - its heartbeat stays the same for its time to live and a tenth, on our stopwatch: free, since
 *     the holder fenced itself at two thirds;
 * and then creates the next link. Losing that race starts over. When the answer to the creation is
 * lost, the link's nonce tells whose it is. Links are never deleted: epochs only grow, so that every
 * commit can name one and a paused holder's late commit is told from its successor's.
 *
 * What a lease cannot do is stop a holder that sleeps between its last check and its write. That is
 * the ledger's part: commits carry the epoch, and a new holder claims the next slot first. */
public final class Leases {
  private static final Duration TTL = Duration.ofSeconds(60);

  private final ObjectStore store;
  private final LeaseFiles files;
  private final Clock clock;
  private final RandomGenerator random;
  private final Ticker ticker;
  private final HostLocks hostLocks;
  private final Duration ttl;

  /// Leases of 60 seconds.
  ///
  /// @param random draws nonces: a `SecureRandom`, but in tests
  public Leases(ObjectStore store, Clock clock, RandomGenerator random) {
    this(store, clock, random, Ticker.system(), HostLocks.ofUser(), TTL);
  }

  Leases(
      ObjectStore store,
      Clock clock,
      RandomGenerator random,
      Ticker ticker,
      HostLocks hostLocks,
      Duration ttl) {
    this.store = store;
    this.files = new LeaseFiles(store);
    this.clock = clock;
    this.random = random;
    this.ticker = ticker;
    this.hostLocks = hostLocks;
    this.ttl = ttl;
  }

  /// Takes the lease of a resource, or finds out who has it. A holder of whom nothing is heard is
  /// watched for a good minute before it is taken for dead.
  ///
  /// @param resource one name, as in a key
  /// @param purpose for people, such as `backup`
  /// @throws Locked if someone has it, named in the message
  public Lease acquire(String resource, String purpose) throws IOException {
    return claim(resource, purpose).start();
  }

  Lease claim(String resource, String purpose) throws IOException {
    Observations observations = new Observations(ticker);
    while (true) {
      Optional<Claim> latest = files.latestClaim(resource, ttl.toMillis());
      if (latest.isPresent() && !free(latest.get(), observations)) {
        pause();
        continue;
      }
      long epoch = latest.map(claim -> claim.epoch() + 1).orElse(1L);
      Optional<Lease> lease = tryClaim(resource, purpose, epoch);
      if (lease.isPresent()) {
        latest.ifPresent(this::forget);
        return lease.get();
      }
    }
  }

  /// Whether the lease of this claim has ended.
  ///
  /// @return false if that is not known yet
  /// @throws Locked if it has not
  private boolean free(Claim claim, Observations observations) throws IOException {
    String key = LeaseFiles.heartbeatKey(claim.resource(), claim.epoch());
    Optional<ByteBuffer> sign = files.read(key);
    Optional<Heartbeat> heartbeat = files.heartbeat(key, sign);
    if (heartbeat.isPresent() && heartbeat.get().released()) {
      return true;
    }
    switch (hostLocks.proof(claim.holder().nonce())) {
      case DEAD -> {
        return true;
      }
      case RUNNING -> {
        // Its clock is ours, so a fresh sign of life need not be watched: at worst we are wrong for
        // a minute, and only in saying that it is held.
        if (heartbeat.isPresent() && fresh(heartbeat.get().at(), claim)) {
          throw locked(claim);
        }
      }
      case NONE -> {}
    }
    String holder = claim.epoch() + "/" + claim.holder().nonce();
    return switch (observations.observe(holder, sign, Duration.ofMillis(claim.ttlMillis()))) {
      case ALIVE -> throw locked(claim);
      case DEAD -> true;
      case UNKNOWN -> false;
    };
  }

  /// Who seems to hold the lease of a resource, by one look: for people. One that died elsewhere a
  /// moment ago may still be named; [#acquire] finds out.
  public Optional<LeaseHolder> holder(String resource) throws IOException {
    Optional<Claim> latest = files.latestClaim(resource, ttl.toMillis());
    if (latest.isEmpty()) {
      return Optional.empty();
    }
    Claim claim = latest.get();
    String key = LeaseFiles.heartbeatKey(claim.resource(), claim.epoch());
    Optional<Heartbeat> heartbeat = files.heartbeat(key, files.read(key));
    boolean silent =
        heartbeat.isEmpty()
            || heartbeat.get().released()
            || Duration.between(heartbeat.get().at(), clock.instant()).abs().toMillis()
                > 2 * claim.ttlMillis();
    return silent || hostLocks.proof(claim.holder().nonce()) == Proof.DEAD
        ? Optional.empty()
        : Optional.of(claim.holder());
  }

  private boolean fresh(Instant at, Claim claim) {
    Duration age = Duration.between(at, clock.instant());
    return !age.isNegative() && age.toMillis() < claim.ttlMillis() / 3 * 2;
  }

  private static Locked locked(Claim claim) {
    return new Locked(
        "locked: resource=%s %s".formatted(claim.resource(), claim.holder()),
        "wait until it has finished; if it hangs, end process %d on %s"
            .formatted(claim.holder().pid(), claim.holder().host()));
  }

  private Optional<Lease> tryClaim(String resource, String purpose, long epoch) throws IOException {
    LeaseHolder holder = self(purpose);
    Claim claim = new Claim(LeaseFiles.FORMAT, resource, epoch, holder, ttl.toMillis());
    // Locked before the nonce is published: a free lock then always means a dead holder.
    HostLocks.Held hostLock = hostLocks.hold(holder.nonce());
    try {
      long begun = ticker.nanoTime();
      if (!create(claim)) {
        hostLock.close();
        return Optional.empty();
      }
      ExclusiveClaim exclusive = new ExclusiveClaim(files, claim, clock);
      exclusive.beat(0);
      return Optional.of(new Lease(exclusive, ttl, ticker, begun, hostLock));
    } catch (IOException | RuntimeException e) {
      // The link may be there: leave the proof that nobody holds it.
      hostLock.abandon();
      throw e;
    }
  }

  /// Creates a link of the chain.
  private boolean create(Claim claim) throws IOException {
    String key = LeaseFiles.claimKey(claim.resource(), claim.epoch());
    try {
      if (store.createIfAbsent(key, Json.writeChecked(claim))) {
        return true;
      }
    } catch (IOException e) {
      if (!isOurs(key, claim)) {
        throw e;
      }
      return true;
    }
    return isOurs(key, claim);
  }

  private boolean isOurs(String key, Claim claim) throws IOException {
    Optional<ByteBuffer> stored = files.read(key);
    return stored.isPresent() && stored.get().equals(Json.writeChecked(claim));
  }

  /// Removes what the holder before us needs no longer; nobody looks at it any more.
  private void forget(Claim claim) {
    hostLocks.forget(claim.holder().nonce());
    try {
      store.delete(LeaseFiles.heartbeatKey(claim.resource(), claim.epoch()));
    } catch (IOException e) {
      // One small file stays.
    }
  }

  /// Takes a read lease: as long as it is held, nothing is deleted that a snapshot needs. Any
  /// number may be held at once.
  ///
  /// @param purpose for people, such as `restore`
  public Lease acquireRead(String purpose) throws IOException {
    return claimRead(purpose).start();
  }

  Lease claimRead(String purpose) throws IOException {
    LeaseHolder holder = self(purpose);
    HostLocks.Held hostLock = hostLocks.hold(holder.nonce());
    try {
      long begun = ticker.nanoTime();
      Lease.Claim claim = new SharedClaim(files, holder, ttl, clock).claimed();
      return new Lease(claim, ttl, ticker, begun, hostLock);
    } catch (IOException | RuntimeException e) {
      hostLock.abandon();
      throw e;
    }
  }

  /// Everyone who holds a read lease. Watches those of whom it is not known whether they live, for
  /// a good minute at most, and removes the leases of the dead.
  public List<LeaseHolder> readers() throws IOException {
    Observations observations = new Observations(ticker);
    List<LeaseHolder> readers = new ArrayList<>();
    List<String> unknown =
        new ArrayList<>(store.list(LeaseFiles.READ).stream().map(ObjectInfo::key).toList());
    while (true) {
      for (String key : List.copyOf(unknown)) {
        Optional<ByteBuffer> sign = files.read(key);
        Optional<LeaseFiles.Reader> reader = sign.flatMap(bytes -> files.reader(key, bytes));
        Observations.State state =
            sign.isPresent() ? state(key, sign, reader, observations) : Observations.State.DEAD;
        switch (state) {
          case ALIVE -> {
            reader.ifPresent(known -> readers.add(known.holder()));
            unknown.remove(key);
          }
          case DEAD -> {
            store.delete(key);
            reader.ifPresent(known -> hostLocks.forget(known.holder().nonce()));
            unknown.remove(key);
          }
          case UNKNOWN -> {}
        }
      }
      if (unknown.isEmpty()) {
        return readers;
      }
      pause();
    }
  }

  private Observations.State state(
      String key,
      Optional<ByteBuffer> sign,
      Optional<LeaseFiles.Reader> reader,
      Observations observations) {
    Proof proof = reader.map(known -> hostLocks.proof(known.holder().nonce())).orElse(Proof.NONE);
    long ttlMillis = reader.map(LeaseFiles.Reader::ttlMillis).orElse(ttl.toMillis());
    return switch (proof) {
      case DEAD -> Observations.State.DEAD;
      // Stopped or slow, it may read on: deleting can wait.
      case RUNNING -> Observations.State.ALIVE;
      case NONE -> observations.observe(key, sign, Duration.ofMillis(ttlMillis));
    };
  }

  private void pause() throws InterruptedIOException {
    Duration pause = ttl.dividedBy(30);
    try {
      ticker.sleep(pause.compareTo(Duration.ofSeconds(1)) < 0 ? pause : Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a lease");
    }
  }

  private LeaseHolder self(String purpose) {
    byte[] nonce = new byte[16];
    random.nextBytes(nonce);
    return new LeaseHolder(
        hostName(),
        ProcessHandle.current().pid(),
        purpose,
        clock.instant(),
        HexFormat.of().formatHex(nonce));
  }

  /// For people alone; asking DNS could take seconds.
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return System.getenv().getOrDefault("HOSTNAME", "unknown");
    }
  }
}
