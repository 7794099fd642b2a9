package io.ringkeep.advice;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A plan as a file of settings, with the commands that carry it out in its comments.
public final class PlanFile {
  /*
   * `backup` and `restore` give up after six hours unless they are told another time. A file of settings has none for it, so
   * it stands in the commands.
   */
  private static final Duration USUAL_TIMEOUT = Duration.ofHours(6);

  private PlanFile() {}

  /// The text of `ringkeep.yaml`.
  ///
  /// @param source where the cache is, if that is known
  /// @throws InvalidRequest if a place has no url, or that of another
  public static String of(Situation situation, Proposal proposal, Optional<String> source) {
    Plan plan = proposal.plan();
    Map<String, StoragePlace> places =
        situation.places().stream().collect(Collectors.toMap(StoragePlace::id, place -> place));
    List<String> lines = new ArrayList<>();
    requireApart(plan, places);
    lines.add("# " + plan);
    commands(proposal).forEach(line -> lines.add("#   " + line));
    lines.add("repository:");
    if (plan.onePlace()) {
      lines.add("  url: " + quoted(url(places, plan.nodes().getFirst())));
    } else {
      lines.add("  strategy: " + plan.strategy());
      lines.add("  nodes:");
      for (StorageNode node : plan.nodes()) {
        lines.add(
            "    - {id: %s, url: %s, weight: %s, zone: %s, tier: %s}"
                .formatted(
                    node.id(),
                    quoted(url(places, node)),
                    number(node.weight()),
                    node.zone(),
                    node.tier().name().toLowerCase(Locale.ROOT)));
      }
    }
    lines.add("cache:");
    source.ifPresent(url -> lines.add("  source: " + quoted(url)));
    lines.add("  max-age: " + Cadence.text(maxAge(proposal)));
    return String.join("\n", lines) + "\n";
  }

  /// What is run, once or by cron; and how the cache is restored, if that takes longer than
  /// `restore` waits.
  public static List<String> commands(Proposal proposal) {
    Plan plan = proposal.plan();
    Forecast forecast = proposal.forecast();
    String often = "every " + Cadence.text(plan.cadence().every());
    List<String> commands = new ArrayList<>();
    commands.add("once: ringkeep init -c ringkeep.yaml");
    if (plan.cadence().kind() == Cadence.Kind.ARCHIVE) {
      commands.add("always: ringkeep archive -c ringkeep.yaml");
    }
    String full = plan.cadence().kind() == Cadence.Kind.FULL ? " --full" : "";
    String backup = timeout(longer(forecast.firstBackup(), forecast.nextBackup()));
    commands.add(often + ": ringkeep backup -c ringkeep.yaml" + full + backup);
    commands.add(
        "after it: ringkeep forget -c ringkeep.yaml %s --yes --prune"
            .formatted(plan.retention().options()));
    Duration near = forecast.nearRestore();
    String restore = timeout(longer(near, forecast.farRestore().orElse(near)));
    if (!restore.isEmpty()) {
      commands.add("to restore: ringkeep restore -c ringkeep.yaml --target URL" + restore);
    }
    return commands;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /// The option where a command could take longer than it waits: whole hours.
  private static String timeout(Duration predicted) {
    double most = Forecast.seconds(predicted) * (1 + Forecast.timeMargin().above() / 100.0);
    return most > Forecast.seconds(USUAL_TIMEOUT)
        ? " --timeout " + Cadence.text(Duration.ofHours((long) Math.ceil(most / 3_600)))
        : "";
  }

  private static void requireApart(Plan plan, Map<String, StoragePlace> places) {
    Map<String, String> nodes = new HashMap<>();
    for (StorageNode node : plan.nodes()) {
      String url = url(places, node);
      String other = nodes.putIfAbsent(url, node.id());
      if (other != null) {
        throw new InvalidRequest(
            "two nodes are one place: nodes=%s,%s url=%s".formatted(other, node.id(), url),
            "name each with a url of its own: --node %s,BANDWIDTH,SPACE,url=…"
                .formatted(node.id()));
      }
    }
  }

  private static String url(Map<String, StoragePlace> places, StorageNode node) {
    StoragePlace place = places.get(node.id());
    if (place == null || place.url().isEmpty()) {
      throw new InvalidRequest(
          "a file of settings says where each node is, and one has no url: node=" + node.id(),
          "name it: --node %s,BANDWIDTH,SPACE,url=sftp://backup@host/folder".formatted(node.id()));
    }
    return place.url();
  }

  /// Between two snapshots, the time of the second and a half more: until then nobody is told.
  private static Duration maxAge(Proposal proposal) {
    Duration every = proposal.plan().cadence().every();
    Duration late = every.dividedBy(2).plus(proposal.forecast().nextBackup());
    return Duration.ofMinutes(every.plus(late).toMinutes() + 1);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String number(double weight) {
    return weight == Math.rint(weight)
        ? Long.toString((long) weight)
        : String.format(Locale.ROOT, "%.1f", weight);
  }
}
