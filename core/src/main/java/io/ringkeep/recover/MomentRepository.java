package io.ringkeep.recover;

import io.ringkeep.backup.Incremental;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.scratch.HostRoom;
import io.ringkeep.scratch.ScratchFolder;
import io.ringkeep.store.file.FileStore;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;

/// A repository in a temporary folder, for the snapshot of one moment; gone when closed. Its
/// passphrase is random and nobody's.
final class MomentRepository implements AutoCloseable {
  /// A random passphrase is not guessed, however quickly it can be tried.
  private static final int ITERATIONS = 1_000;

  private final ScratchFolder folder;
  private final Repository repository;

  private MomentRepository(ScratchFolder folder, Repository repository) {
    this.folder = folder;
    this.repository = repository;
  }

  /// @param leastBytes that the snapshot will take
  static MomentRepository create(long leastBytes, Clock clock) throws IOException {
    ScratchFolder folder = ScratchFolder.create();
    try {
      HostRoom.requireDisk(folder.path(), leastBytes);
      return new MomentRepository(
          folder,
          Repository.init(
              new FileStore(folder.path().resolve("repository")),
              new InitOptions(Encryption.AES_256_GCM, ITERATIONS),
              Optional.of(Passphrase.of(UUID.randomUUID().toString() + UUID.randomUUID())),
              clock));
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  Repository repository() {
    return repository;
  }

  /// Everything is stored, and nothing remembered for longer.
  Incremental incremental() {
    return new Incremental(
        /* full= */ true, /* acceptCollapse= */ true, folder.path().resolve("known"));
  }

  @Override
  public void close() throws IOException {
    repository.close();
    folder.close();
  }
}
