package io.ringkeep.cli.verb;

import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.nodes.NodeCare;
import io.ringkeep.nodes.NodeFindings;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Commands that look after what nodes hold: `nodes repair`, `nodes rebalance`, `nodes scrub`.
final class NodeCareVerbs {
  private NodeCareVerbs() {}

  /// What they report.
  ///
  /// @param healthy whether every object has all its pieces and copies now
  /// @param failed what could not be done, and why
  record CareView(
      boolean healthy,
      long objects,
      long degraded,
      long missing,
      List<String> damaged,
      List<String> lost,
      List<String> differing,
      Map<String, String> failed,
      Map<String, String> away,
      List<String> adopted,
      boolean adoptedWithLosses,
      long wanting,
      long rebuilt,
      long rebuiltBytes,
      long copied,
      long moved,
      long movedBytes,
      long removed,
      long readBytes) {
    static CareView of(NodeFindings found) {
      return new CareView(
          found.healthy(),
          found.objects(),
          found.degraded(),
          found.missing(),
          found.damaged(),
          found.lost(),
          found.differing(),
          found.failed(),
          found.away(),
          found.adopted(),
          found.adoptedWithLosses(),
          found.wanting(),
          found.rebuilt(),
          found.rebuiltBytes(),
          found.copied(),
          found.moved(),
          found.movedBytes(),
          found.removed(),
          found.readBytes());
    }

    List<String> text() {
      List<String> lines = new ArrayList<>();
      lines.add(
          "%s: %s looked at, %s lacked something%s"
              .formatted(
                  healthy ? "whole" : "NEEDS ATTENTION",
                  Text.count(objects, "object"),
                  Text.count(degraded),
                  readBytes > 0 ? ", " + ByteSize.format(readBytes) + " read and compared" : ""));
      say(lines, rebuilt, "piece", "made anew, " + ByteSize.format(rebuiltBytes));
      say(lines, copied, "metadata object", "copied anew");
      say(lines, moved, "piece", "moved to where it belongs, " + ByteSize.format(movedBytes));
      say(lines, removed, "piece", "removed where it no longer belonged");
      adopted.forEach(node -> lines.add("  node taken in again: " + node));
      damaged.forEach(piece -> lines.add("  damaged: " + piece));
      differing.forEach(copy -> lines.add("  differs from the other copies: " + copy));
      if (adoptedWithLosses) {
        lines.add("  nothing else had what these nodes held: 'verify' names what is gone with it");
      }
      lost.forEach(object ->
          lines.add(
              (away.isEmpty() ? "  LOST: " : "  LOST or out of reach, as nodes are away: ")
                  + object));
      failed.forEach((what, why) -> lines.add("  failed: %s: %s".formatted(what, why)));
      away.forEach((node, why) -> lines.add("  node %s is left alone: %s".formatted(node, why)));
      if (wanting > 0) {
        lines.add(
            "  still wanting: " + Text.count(wanting) + "; 'nodes repair' when the nodes answer");
      }
      return lines;
    }

    private static void say(List<String> lines, long count, String noun, String what) {
      if (count > 0) {
        lines.add("  %s %s".formatted(Text.count(count, noun), what));
      }
    }
  }

  private static Answer care(
      Session session, String name, NodeCare.Options options, @Nullable ByteRate limit)
      throws IOException {
    RateLimit pace =
        RateLimit.of(
            limit == null ? OptionalLong.empty() : OptionalLong.of(limit.bytesPerSecond()));
    try (PlacedStore store = session.openNodes();
        ProgressDisplay progress = session.progress();
        Progress.Task task = progress.begin(name, OptionalLong.empty())) {
      Told told = new Told(task);
      NodeFindings found =
          NodeCare.run(store, options.at(pace::spend).telling(told), session.clock());
      CareView view = CareView.of(found);
      return Answer.of(view.healthy(), view, view.text());
    } catch (ReadOnlyStoreException e) {
      throw StorageReport.unwritable(e);
    }
  }

  /// Passes on how far it got.
  private static final class Told implements NodeCare.Progress {
    private final Progress.Task task;
    private long toldBytes;
    private long toldObjects;

    Told(Progress.Task task) {
      this.task = task;
    }

    @Override
    public void at(long done, long objects, long bytes) {
      task.phase("%s of %s".formatted(Text.count(done), Text.count(objects, "object")));
      task.advance(bytes - toldBytes, done - toldObjects);
      toldBytes = bytes;
      toldObjects = done;
    }
  }

  /// `ringkeep nodes repair`.
  @Command(
      name = "repair",
      header = "Makes anew what lost or damaged nodes held.",
      description = {
        "",
        "Looks at listings: what is missing is rebuilt from the other pieces. 'nodes scrub --repair' reads every byte."
            + " An empty node is not written to unless --adopt names it: a disk that is not mounted looks the same."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep nodes repair -c ringkeep.yaml",
        "  ringkeep nodes repair -c ringkeep.yaml --adopt b,c --limit 50MiB/s"
      })
  static final class Repair implements Verb {
    @Option(
        names = "--adopt",
        split = ",",
        paramLabel = "ID",
        description =
            "nodes that were wiped or replaced by empty places, and are to be filled again")
    private List<String> adopt = List.of();

    @Option(
        names = "--limit",
        paramLabel = "RATE",
        description = "read no faster than this (default: no limit)")
    private @Nullable ByteRate limit;

    @Override
    public Answer run(Session session) throws IOException {
      return care(
          session, "repair", NodeCare.Options.repairing().adopting(Set.copyOf(adopt)), limit);
    }

    @Override
    public String afterInterruption() {
      return "what was made anew stays; run it again for the rest";
    }
  }

  /// `ringkeep nodes rebalance`.
  @Command(
      name = "rebalance",
      header = "Moves pieces to where they belong, and no others.",
      description = {
        "",
        "A piece is written and read back in its new place before the old one goes. It can be stopped and run again."
      },
      footerHeading = "%nExample:%n",
      footer = "  ringkeep nodes rebalance -c ringkeep.yaml --limit 50MiB/s")
  static final class Rebalance implements Verb {
    @Option(
        names = "--limit",
        paramLabel = "RATE",
        description = "move no faster than this (default: no limit)")
    private @Nullable ByteRate limit;

    @Override
    public Answer run(Session session) throws IOException {
      return care(session, "rebalance", NodeCare.Options.rebalance(), limit);
    }

    @Override
    public String afterInterruption() {
      return "nothing was lost; run it again for the rest";
    }
  }

  /// `ringkeep nodes scrub`.
  @Command(
      name = "scrub",
      header = "Reads every piece and copy, and finds silent damage by checksum.",
      description = {"", "Needs no passphrase. Exits 1 if anything is wrong and was not mended."},
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep nodes scrub -c ringkeep.yaml",
        "  ringkeep nodes scrub -c ringkeep.yaml --repair --limit 50MiB/s"
      })
  static final class Scrub implements Verb {
    @Option(names = "--repair", description = "make anew what is damaged or missing")
    private boolean repair;

    @Option(
        names = "--limit",
        paramLabel = "RATE",
        description = "read no faster than this (default: no limit)")
    private @Nullable ByteRate limit;

    @Override
    public Answer run(Session session) throws IOException {
      NodeCare.Options options =
          repair ? NodeCare.Options.repairing().readingAll() : NodeCare.Options.scrub();
      return care(session, "scrub", options, limit);
    }

    @Override
    public String afterInterruption() {
      return "what was mended stays; run it again";
    }
  }
}
