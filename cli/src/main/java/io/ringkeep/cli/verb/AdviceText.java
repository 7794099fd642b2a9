package io.ringkeep.cli.verb;

import io.ringkeep.advice.Advice;
import io.ringkeep.advice.Forecast;
import io.ringkeep.advice.Margin;
import io.ringkeep.advice.PlanFile;
import io.ringkeep.advice.Proposal;
import io.ringkeep.advice.Situation;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.probe.CacheProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `advise` says to people.
final class AdviceText {
  private AdviceText() {}

  static List<String> lines(Advice advice, Optional<CacheProbe> cache, int top) {
    List<String> lines = new ArrayList<>();
    Situation situation = advice.situation();
    lines.add(
        "%s in %s, %s, %s/s written, %s away; %s"
            .formatted(
                bytes((double) situation.dataBytes()),
                Text.count(situation.keys(), "key"),
                Text.count(situation.shards(), "shard"),
                bytes((double) situation.writtenBytesPerSecond()),
                DurationText.format(situation.roundTrip()),
                Text.count(situation.places().size(), "place")));
    cache.ifPresent(probe -> lines.add(source(probe)));
    cache
        .flatMap(CacheProbe::pace)
        .filter(measured -> measured == situation.pace())
        .ifPresent(measured -> lines.add(pace(measured)));
    lines.add("");
    lines.addAll(ranking(advice, top));
    lines.add("");
    lines.add("1: " + advice.winner().plan());
    lines.addAll(predictions(situation, advice.winner()));
    section(lines, "why", advice.reasons());
    section(lines, "what would change it", advice.flips());
    section(lines, "mind", notes(situation, advice.winner()));
    section(lines, "to do it", PlanFile.commands(advice.winner()));
    return lines;
  }

  private static String source(CacheProbe probe) {
    return probe.sampledKeys() > 0
        ? "size and compression are those of %s"
            .formatted(Text.count(probe.sampledKeys(), "sampled key"))
        : "size is that in memory, writes are all that clients sent since the start: both are upper"
            + " bounds; --measure finds out more";
  }

  private static String pace(double measured) {
    return String.format(
        Locale.ROOT,
        "pace %.2f, timed on this host with these keys; servers are taken to be as fast: --pace"
            + " sets another",
        measured);
  }

  private static void section(List<String> lines, String title, List<String> items) {
    if (!items.isEmpty()) {
      lines.add(title);
      items.forEach(item -> lines.add("  " + item));
    }
  }

  private static List<String> ranking(Advice advice, int top) {
    Table table =
        new Table(
            "",
            "STRATEGY",
            "CADENCE",
            ">BACKUP",
            ">RESTORE",
            ">FAR",
            ">RPO",
            ">STORED",
            ">LOSSES",
            "KEEP");
    List<Proposal> shown = advice.ranked().stream().limit(Math.max(1, top)).toList();
    for (int i = 0; i < shown.size(); i++) {
      Forecast forecast = shown.get(i).forecast();
      table.row(
          Integer.toString(i + 1),
          shown.get(i).plan().strategyText(),
          shown.get(i).plan().cadence().toString(),
          DurationText.format(forecast.nextBackup()),
          DurationText.format(forecast.nearRestore()),
          forecast.farRestore().map(DurationText::format).orElse("-"),
          DurationText.format(forecast.rpo()),
          bytes(forecast.storedBytes()),
          Integer.toString(forecast.losses()),
          shown.get(i).plan().retention().options().replace("--keep-", ""));
    }
    return table.lines();
  }

  private static List<String> predictions(Situation situation, Proposal winner) {
    Forecast forecast = winner.forecast();
    Margin time = Forecast.timeMargin();
    Margin stored = Forecast.storedMargin(situation, winner.plan());
    Table table = new Table("", ">", "");
    table.row("first backup", DurationText.format(forecast.firstBackup()), time.toString());
    table.row("later backups", DurationText.format(forecast.nextBackup()), "at most, " + time);
    table.row("restore", DurationText.format(forecast.nearRestore()), time.toString());
    table.row(
        "restore without local storage",
        forecast.farRestore().map(DurationText::format).orElse("not possible"),
        forecast.farRestore().map(_ -> time.toString()).orElse(""));
    table.row("newest writes lost", DurationText.format(forecast.rpo()), "at most, " + time);
    table.row("stored, all rules full", bytes(forecast.storedBytes()), stored.toString());
    table.row(
        "losses survived",
        Integer.toString(forecast.losses()),
        "%d right after a write that had just enough nodes"
            .formatted(forecast.lossesAfterCommit()));
    table.row(
        "repair of a lost node",
        forecast.repair().map(DurationText::format).orElse("not possible"),
        forecast.repair().map(_ -> time.toString()).orElse(""));
    table.row(
        "forks a day", String.format(Locale.ROOT, "%.0f", forecast.forksPerDay()), "of all shards");
    table.row("read from production a day", bytes(forecast.readBytesPerDay()), "exact");
    forecast
        .linkShare()
        .ifPresent(share ->
            table.row(
                "of the link while it runs",
                String.format(Locale.ROOT, "%.0f %%", 100 * share),
                time.toString()));
    return table.lines().stream().skip(1).map(line -> "  " + line).toList();
  }

  private static List<String> notes(Situation situation, Proposal winner) {
    List<String> notes = new ArrayList<>(winner.warnings());
    notes.addAll(Forecast.notes(situation, winner.plan()));
    return notes;
  }

  private static String bytes(double bytes) {
    return ByteSize.format((long) Math.min(bytes, 9e18));
  }
}
