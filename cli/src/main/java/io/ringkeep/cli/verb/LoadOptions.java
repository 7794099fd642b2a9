package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.cli.session.Session;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.Proof;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.restore.UndoSnapshot;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How a snapshot gets onto a target: what `restore` does and `check --target` tests.
final class LoadOptions {
  @Mixin private SnapshotOption snapshot = new SnapshotOption();
  @Mixin private TargetOptions login = new TargetOptions();
  @Mixin private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--existing",
      paramLabel = "refuse|replace|merge",
      completionCandidates = Choices.OfExisting.class,
      description =
          "data that is on the target: refuse to restore, remove all of it, or keep what the"
              + " snapshot does not name (default: refuse)")
  private @Nullable Existing existing;

  @Option(
      names = "--undo",
      description =
          "put back what the target held before the last restore; --existing is replace then")
  private boolean undo;

  @Option(
      names = "--loader",
      paramLabel = "auto|replication|restore",
      completionCandidates = Choices.OfLoader.class,
      description =
          "how records get in: the target replicates from here, or one RESTORE command per key"
              + " (default: auto, which is replication where the target allows it)")
  private Loader loader = Loader.AUTO;

  @Option(
      names = "--proof",
      paramLabel = "target|stream",
      completionCandidates = Choices.OfProof.class,
      description =
          "what is compared at the end: the target read back, or only what was sent (default:"
              + " target)")
  private Proof proof = Proof.TARGET;

  @Option(
      names = "--advertise",
      paramLabel = "ADDRESS",
      description = "address under which the target reaches this host (default: found out)")
  private @Nullable String advertise;

  String cache() {
    return snapshot.cache();
  }

  String snapshot() {
    return snapshot.id();
  }

  /// A request to restore onto the cache at `url`.
  RestoreRequest request(Session session, String url, Duration timeout) {
    ServerLogin server = login.login(url);
    return new RestoreRequest(
        undo ? UndoSnapshot.cache(snapshot.cache()) : snapshot.cache(),
        snapshot.id(),
        server.uri(),
        server.connection(session.secrets()),
        existing(),
        loader,
        proof,
        address(),
        timeout,
        selection.options());
  }

  /// What happens to data on the target.
  Existing existing() {
    return Objects.requireNonNullElse(existing, undo ? Existing.REPLACE : Existing.REFUSE);
  }

  private Optional<InetAddress> address() {
    if (advertise == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(advertise));
    } catch (UnknownHostException e) {
      throw new InvalidRequest(
          "no such address: advertise=" + advertise,
          "give an IP address of this host, or its name");
    }
  }
}
