package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.Backup;
import io.ringkeep.backup.BackupRequest;
import io.ringkeep.backup.BackupResult;
import io.ringkeep.backup.Incremental;
import io.ringkeep.backup.SourcePolicy;
import io.ringkeep.lookup.KeyName;
import io.ringkeep.lookup.Undelete;
import io.ringkeep.recover.Recovery;
import io.ringkeep.recover.RecoveryTarget;
import io.ringkeep.recover.Timelines;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import io.ringkeep.restore.Restore;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.RestoreResult;
import io.ringkeep.restore.TtlPolicy;
import io.ringkeep.status.CacheStatus;
import io.ringkeep.status.Status;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import io.ringkeep.task.Progress;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// A repository and what an operator does with it, with the defaults that the command line has.
final class Story implements AutoCloseable {
  static final Clock CLOCK = Clock.systemUTC();

  private final Repository repository;
  private final Path folder;

  private Story(Repository repository) throws IOException {
    this.repository = repository;
    this.folder = Files.createTempDirectory("ringkeep-story");
  }

  /// A new encrypted repository in memory.
  static Story inMemory() throws IOException {
    return in(new MemoryStore());
  }

  /// A new encrypted repository in `store`.
  static Story in(ObjectStore store) throws IOException {
    return new Story(
        Repository.init(
            store, InitOptions.encrypted(), Optional.of(Passphrase.of("correct horse")), CLOCK));
  }

  Repository repository() {
    return repository;
  }

  /// What the command line asks for when it is told the source alone.
  BackupRequest request(String source) {
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
        new Incremental(/* full= */ false, /* acceptCollapse= */ false, folder));
  }

  /// The same with other wishes about what it is compared with.
  BackupRequest request(String source, boolean full, boolean acceptCollapse) {
    BackupRequest plain = request(source);
    return new BackupRequest(
        plain.cache(),
        plain.source(),
        plain.connection(),
        plain.from(),
        plain.maxLag(),
        plain.forksPerHost(),
        plain.limitBytesPerSecond(),
        plain.timeout(),
        plain.adopt(),
        new Incremental(full, acceptCollapse, folder));
  }

  /// The same for a source that took the other's place.
  static BackupRequest adopting(BackupRequest plain) {
    return new BackupRequest(
        plain.cache(),
        plain.source(),
        plain.connection(),
        plain.from(),
        plain.maxLag(),
        plain.forksPerHost(),
        plain.limitBytesPerSecond(),
        plain.timeout(),
        /* adopt= */ true,
        plain.incremental());
  }

  /// The same for a source that is dialled in another way.
  static BackupRequest as(ConnectionOptions connection, BackupRequest plain) {
    return new BackupRequest(
        plain.cache(),
        plain.source(),
        connection,
        plain.from(),
        plain.maxLag(),
        plain.forksPerHost(),
        plain.limitBytesPerSecond(),
        plain.timeout(),
        plain.adopt(),
        plain.incremental());
  }

  /// Brings a server to a moment, over what is there.
  void restoreTo(TestServer target, RecoveryTarget moment) throws Exception {
    restoreTo(target, moment, Loader.AUTO, Optional.empty());
  }

  /// The same by this loader.
  ///
  /// @param engine program that the log is rolled forward in, where it has to be
  void restoreTo(TestServer target, RecoveryTarget moment, Loader loader, Optional<Path> engine)
      throws Exception {
    Recovery.run(
        Recovery.plan(
            restoreRequest(target.uri(), Existing.REPLACE, loader),
            moment,
            Timelines.NEWEST,
            engine,
            repository,
            CLOCK),
        repository,
        CLOCK,
        Progress.silent());
  }

  /// Damages an object: one bit of the byte in its middle.
  void damage(String object) throws IOException {
    ObjectStore store = repository.store();
    ByteBuffer stored = store.read(object);
    byte[] bytes = new byte[stored.remaining()];
    stored.get(bytes);
    bytes[bytes.length / 2] ^= 1;
    store.delete(object);
    store.put(object, ByteBuffer.wrap(bytes));
  }

  /// How its one cache is, whatever its age.
  CacheStatus status() {
    try {
      return Status.of(repository, Optional.empty(), CLOCK).getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where this machine keeps what it knows of records.
  Path folder() {
    return folder;
  }

  BackupResult backup(String source) throws IOException, InterruptedException {
    return backup(request(source));
  }

  BackupResult backup(BackupRequest request) throws IOException, InterruptedException {
    return Backup.run(Backup.plan(request, repository), repository, CLOCK, Progress.silent());
  }

  /// What the command line asks for when it is told the target alone.
  static RestoreRequest restoreRequest(String target) {
    return new RestoreRequest(
        "default",
        "latest",
        RedisUri.parse(target),
        ConnectionOptions.DEFAULT,
        Existing.REFUSE,
        Loader.AUTO,
        Proof.TARGET,
        Optional.empty(),
        Duration.ofMinutes(5));
  }

  /// The same with another loader or policy.
  static RestoreRequest restoreRequest(String target, Existing existing, Loader loader) {
    RestoreRequest plain = restoreRequest(target);
    return new RestoreRequest(
        plain.cache(),
        plain.snapshot(),
        plain.target(),
        plain.connection(),
        existing,
        loader,
        plain.proof(),
        plain.advertise(),
        plain.timeout());
  }

  /// The same for a target that is dialled in another way.
  static RestoreRequest as(ConnectionOptions connection, RestoreRequest plain) {
    return new RestoreRequest(
        plain.cache(),
        plain.snapshot(),
        plain.target(),
        connection,
        plain.existing(),
        plain.loader(),
        plain.proof(),
        plain.advertise(),
        plain.timeout());
  }

  RestoreResult restore(String target) throws IOException, InterruptedException {
    return restore(restoreRequest(target));
  }

  RestoreResult restore(RestoreRequest request) throws IOException, InterruptedException {
    return Restore.run(
        Restore.plan(request, repository, CLOCK), repository, CLOCK, Progress.silent());
  }

  /// Brings a key of the newest snapshot back into database 0, where it must be missing, and sees
  /// it proven.
  void undelete(TestServer target, String key, boolean dropUnsupported) throws Exception {
    List<Undelete.Restored> back =
        Undelete.run(
            new Undelete.Request(
                "default",
                Optional.empty(),
                List.of(new KeyName(0, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)))),
                RedisUri.parse(target.uri()),
                ConnectionOptions.DEFAULT,
                Undelete.Present.REFUSE,
                new TtlPolicy.Absolute(),
                dropUnsupported),
            repository,
            CLOCK);
    assertThat(back.getFirst().proven()).isTrue();
  }

  @Override
  public void close() throws IOException {
    repository.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
