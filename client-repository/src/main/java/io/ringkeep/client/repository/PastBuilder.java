package io.ringkeep.client.repository;

import io.ringkeep.client.repository.KeyVersion.Origin;
import io.ringkeep.client.repository.KeyVersion.State;
import io.ringkeep.lookup.KeyHistory;
import io.ringkeep.lookup.KeyHistory.Absent;
import io.ringkeep.lookup.KeyHistory.Unreadable;
import io.ringkeep.lookup.KeyHistory.Version;
import io.ringkeep.lookup.LogHistory;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.SnapshotReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Makes one list of what snapshots and the log tell of a key.
/* A snapshot is of a moment somewhat later than the time it bears, when its capture began. Where the log has been
 * looked through without a gap, it tells each change exactly, so snapshots in between tell nothing more and are left
 * out, but for the one that the log goes on from.
 */
final class PastBuilder {
  private final LogHistory.Result log;
  private final List<KeyVersion> all = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  private PastBuilder(LogHistory.Result log) {
    this.log = log;
  }

  static KeyPast of(KeyHistory.Result snapshots, LogHistory.Result log) {
    PastBuilder builder = new PastBuilder(log);
    snapshots.periods().forEach(builder::add);
    log.steps().forEach(builder::add);
    log.gaps().forEach(gap -> builder.unknown.add("the log has a gap: " + gap));
    log.covered().stream()
        .filter(covered -> covered.passed() > 0)
        .forEach(covered ->
            builder.unknown.add(
                "older changes in the log were not looked at: shard=%s commands=%d"
                    .formatted(covered.shard(), covered.passed())));
    return builder.build();
  }

  private void add(KeyHistory.Period period) {
    if (!told(period.first())) {
      all.add(
          new KeyVersion(
              period.first().time(),
              state(period.state()),
              new Origin.Snapshot(period.first().id())));
    }
  }

  /// Whether the log tells how the key became what a snapshot has.
  private boolean told(SnapshotReference snapshot) {
    return log.whole()
        && log.covered().stream()
            .anyMatch(covered ->
                covered.passed() == 0
                    && !covered.base().equals(snapshot.id())
                    && covered.tellsOf(snapshot.time()));
  }

  private void add(LogHistory.Step step) {
    if (step.time().isPresent()) {
      all.add(
          new KeyVersion(
              step.time().get(),
              state(step.state()),
              new Origin.Log(step.shard(), step.offset(), step.command())));
    }
    if (step.time().isEmpty() || step.state() instanceof Unreadable) {
      unknown.add(
          "a change of the key whose %s is not known: shard=%s offset=%d command=%s"
              .formatted(
                  step.state() instanceof Unreadable ? "effect" : "time",
                  step.shard(),
                  step.offset(),
                  step.command()));
    }
  }

  private KeyPast build() {
    all.sort(Comparator.comparing(KeyVersion::since));
    List<KeyVersion> versions = new ArrayList<>();
    for (KeyVersion version : all) {
      if (versions.isEmpty() || !same(versions.getLast().state(), version.state())) {
        versions.add(version);
      }
    }
    return new KeyPast(versions, unknown);
  }

  private static boolean same(State before, State state) {
    return switch (state) {
      case State.Value value ->
          before instanceof State.Value other && other.fingerprint().equals(value.fingerprint());
      case State.Gone _ -> before instanceof State.Gone;
      case State.Unreadable unreadable -> before.equals(unreadable);
    };
  }

  private static State state(KeyHistory.State state) {
    return switch (state) {
      case Version version ->
          new State.Value(
              version.type().logicalType().word(),
              version.bytes(),
              version.elements(),
              expiry(version.expiryMillis()),
              version.fingerprint().toString());
      case Absent(boolean expired) -> new State.Gone(expired);
      case Unreadable(String reason, _) -> new State.Unreadable(reason);
    };
  }

  static Optional<Instant> expiry(long millis) {
    return millis == Record.NO_EXPIRY
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(millis));
  }
}
