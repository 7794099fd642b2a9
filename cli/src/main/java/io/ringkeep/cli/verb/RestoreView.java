package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Text;
import io.ringkeep.repository.SnapshotLosses;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.restore.RestorePlan;
import io.ringkeep.restore.RestoreResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A restore as `restore` shows it: its plan, and, once it has run, its result.
///
/// @param snapshot id of what is restored
/// @param time when it was taken
/// @param cache name of its lineage
/// @param target where it goes
/// @param topology of the target
/// @param shards of the target
/// @param loader how records get in
/// @param loaderReason why so
/// @param existing what happens to data that is there
/// @param selection what of the snapshot is restored; empty if all of it is
/// @param ttl what becomes of expiries
/// @param conflict what happens to keys of the same name
/// @param byCommands records that are written as commands, since the target does not take their
///   bytes
/// @param missing what of the snapshot is gone with storage nodes; absent if nothing is
/// @param losses what the target can't hold, one sentence a kind
/// @param losing the first of the keys that do not cross whole
/// @param records keys that are restored
/// @param bytes size of them before compression
/// @param expired keys whose time to live has passed
/// @param expiringWithinHour keys whose time to live ends within the hour
/// @param steps what is done, in order
/// @param destroys what is lost on the target
/// @param warnings what the operator should know
/// @param notPutBack what a person has to put back on the target, with how; absent in a plan
/// @param proven whether digests were compared and equal; absent in a plan
/// @param loadSeconds how long the load took
/// @param elapsedSeconds how long all of it took
@JsonInclude(JsonInclude.Include.NON_NULL)
record RestoreView(
    String snapshot,
    Instant time,
    String cache,
    String target,
    String topology,
    int shards,
    String loader,
    String loaderReason,
    String existing,
    List<String> selection,
    String ttl,
    String conflict,
    long byCommands,
    @Nullable Missing missing,
    List<String> losses,
    List<String> losing,
    long records,
    long bytes,
    long expired,
    long expiringWithinHour,
    List<String> steps,
    List<String> destroys,
    List<String> warnings,
    @Nullable List<String> notPutBack,
    @Nullable Boolean proven,
    @Nullable Double loadSeconds,
    @Nullable Double elapsedSeconds) {

  /// What of a snapshot is gone with storage nodes.
  ///
  /// @param slots ranges, all of them whole
  /// @param keys that were in them
  /// @param objects that could not be read
  record Missing(List<String> slots, long keys, List<String> objects) {
    static @Nullable Missing of(SnapshotLosses losses) {
      return losses.none()
          ? null
          : new Missing(
              losses.slots().stream().map(Object::toString).toList(),
              losses.keys(),
              losses.objects());
    }

    String text() {
      return "MISSING   %s: slots %s, gone with storage nodes"
          .formatted(Text.count(keys, "key"), String.join(" ", slots));
    }
  }

  static RestoreView planned(RestorePlan plan) {
    return of(
        plan,
        plan.records(),
        plan.expiredNow(),
        plan.expiringWithinHour(),
        plan.warnings(),
        null,
        null,
        null,
        null);
  }

  static RestoreView done(RestoreResult result) {
    return of(
        result.plan(),
        result.records(),
        result.expired(),
        result.expiringWithinHour(),
        result.warnings(),
        result.notPutBack(),
        result.proven(),
        Json.seconds(result.load()),
        Json.seconds(result.elapsed()));
  }

  private static RestoreView of(
      RestorePlan plan,
      long records,
      long expired,
      long expiringWithinHour,
      List<String> warnings,
      @Nullable List<String> notPutBack,
      @Nullable Boolean proven,
      @Nullable Double loadSeconds,
      @Nullable Double elapsedSeconds) {
    Manifest manifest = plan.manifest();
    return new RestoreView(
        manifest.id(),
        manifest.time(),
        manifest.cache(),
        plan.request().target().toString(),
        Choices.word(plan.topology().kind()),
        plan.topology().shards().size(),
        Choices.word(plan.loader()),
        plan.reason(),
        Choices.word(plan.request().existing()),
        plan.request().options().words(),
        plan.request().options().ttl().words(),
        Choices.word(plan.request().options().conflict()),
        plan.crossing().byCommands(),
        Missing.of(plan.missing()),
        plan.crossing().lossesInWords(),
        plan.crossing().examples().stream().map(Object::toString).toList(),
        records,
        plan.bytes(),
        expired,
        expiringWithinHour,
        plan.steps(),
        plan.destroys(),
        warnings,
        notPutBack,
        proven,
        loadSeconds,
        elapsedSeconds);
  }

  /// What will be done, for the person who is asked.
  List<String> planText(Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "snapshot  %s of %s, %s (%s old)"
            .formatted(
                snapshot,
                cache,
                Text.time(time),
                DurationText.format(Duration.between(time, now))));
    lines.add("target    %s, %s, %s".formatted(target, topology, Text.count(shards, "shard")));
    selection.forEach(part -> lines.add("only      " + part));
    lines.add("records   %s, %s".formatted(Text.count(records), ByteSize.format(bytes)));
    lines.add(
        "expiry    %s have expired and will not come back, %s more will within the hour"
            .formatted(Text.count(expired), Text.count(expiringWithinHour)));
    lines.add("loader    " + loader + ": " + loaderReason);
    for (int i = 0; i < steps.size(); i++) {
      lines.add((i == 0 ? "steps     " : "          ") + (i + 1) + ". " + steps.get(i));
    }
    if (missing != null) {
      lines.add(missing.text());
    }
    losses.forEach(loss -> lines.add("LOSES     " + loss));
    losing.forEach(key -> lines.add("          " + key));
    destroys.forEach(loss -> lines.add("DESTROYS  " + loss));
    warnings.forEach(warning -> lines.add("note      " + warning));
    return lines;
  }

  /// What was done.
  List<String> resultText(RestoreResult result) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "restored snapshot %s onto %s: %s loaded in %s, %s in all"
            .formatted(
                snapshot,
                target,
                Text.count(records, "record"),
                DurationText.format(result.load()),
                DurationText.format(result.elapsed())));
    if (expired > 0 || expiringWithinHour > 0) {
      lines.add(
          "%s of them have expired and are gone, %s more will within the hour"
              .formatted(Text.count(expired), Text.count(expiringWithinHour)));
    }
    lines.add(
        result.proven()
            ? missing == null
                ? "proven: the digests of the target equal those of the snapshot"
                : "proven: the digests of the target equal those of the snapshot's other slots"
            : "not proven: the target was not read back, only what was sent was compared");
    if (missing != null) {
      lines.add(missing.text() + ": they were not restored");
    }
    warnings.stream()
        .filter(warning -> !result.plan().warnings().contains(warning))
        .forEach(warning -> lines.add("note: " + warning));
    result.notPutBack().forEach(left -> lines.add("NEEDS ATTENTION: " + left));
    return lines;
  }
}
