package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.nodes.NodeChange;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.place.NodeDifferences;
import io.ringkeep.place.RepositoryPlace;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Commands that change which nodes a repository has: each opens a new epoch of the placement
/// table.
final class NodeChangeVerbs {
  private static final String REBALANCE = "'nodes rebalance' moves them";

  private NodeChangeVerbs() {}

  /// What they report.
  ///
  /// @param epoch number of the decision
  /// @param moves part of all pieces, 0 to 1, that belong elsewhere now
  record ChangeView(int epoch, String decides, double moves, List<String> warnings) {}

  /// What is to change.
  private interface Wish {
    void on(NodeChange change, PlacedStore store) throws IOException;
  }

  private static Answer change(Session session, Wish wish, String done) throws IOException {
    return change(session, wish, done, REBALANCE);
  }

  /// @param then who brings pieces to where they belong after it
  private static Answer change(Session session, Wish wish, String done, String then)
      throws IOException {
    try (PlacedStore store = session.openNodes();
        NodeChange change = NodeChange.of(store)) {
      wish.on(change, store);
      NodeChange.Plan plan = change.plan();
      int epoch = change.apply(plan, session.clock());
      ChangeView view = new ChangeView(epoch, plan.commitNode(), plan.moved(), plan.warnings());
      List<String> lines = new ArrayList<>();
      lines.add("%s; epoch %d, %s decides".formatted(done, epoch, plan.commitNode()));
      lines.addAll(consequences(plan, then));
      return Answer.done(view, lines);
    } catch (ReadOnlyStoreException e) {
      throw StorageReport.unwritable(e);
    }
  }

  private static List<String> consequences(NodeChange.Plan plan, String then) {
    List<String> lines = new ArrayList<>();
    if (plan.moved() > 0) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%.1f %% of the pieces belong elsewhere now: %s",
              plan.moved() * 100,
              then));
    }
    plan.warnings().forEach(warning -> lines.add("note: " + warning));
    return lines;
  }

  /// `ringkeep nodes add`.
  @Command(
      name = "add",
      header = "Adds a node that the file of settings names.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep nodes add -c ringkeep.yaml g")
  static final class Add implements Verb {
    @Parameters(paramLabel = "ID", description = "its id in the file; its place must be empty")
    private String id = "";

    @Override
    public Answer run(Session session) throws IOException {
      return change(
          session,
          (change, _) -> session.place().many().add(change, id, session.environment()),
          "added node " + id);
    }
  }

  /// `ringkeep nodes drain`.
  @Command(
      name = "drain",
      header = "Has a node give up its pieces, so that it can be removed.",
      description = {"", "'nodes rebalance' moves them; until then they are read where they are."},
      footerHeading = "%nExample:%n",
      footer = "  ringkeep nodes drain -c ringkeep.yaml b")
  static final class Drain implements Verb {
    @Parameters(paramLabel = "ID", description = "its id in 'nodes list'")
    private String id = "";

    @Option(names = "--undo", description = "give it pieces again")
    private boolean undo;

    @Override
    public Answer run(Session session) throws IOException {
      return change(
          session,
          (change, _) -> {
            if (undo) {
              change.activate(id);
            } else {
              change.drain(id);
            }
          },
          undo ? "node " + id + " is active again" : "node " + id + " is draining");
    }
  }

  /// `ringkeep nodes remove`.
  @Command(
      name = "remove",
      header = "Removes a node that was drained, or is lost for good.",
      description = {
        "",
        "One that is lost goes in three steps: --lost gives what it held to others and has another node decide if it did,"
            + " 'nodes repair' makes that anew there, 'nodes remove' without --lost takes it off the list. Where every"
            + " node has a piece of each object, another must join before the last step."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep nodes remove -c ringkeep.yaml b",
        "  ringkeep nodes remove -c ringkeep.yaml b --lost"
      })
  static final class Remove implements Verb {
    @Parameters(paramLabel = "ID", description = "its id in 'nodes list'")
    private String id = "";

    @Option(
        names = "--lost",
        description =
            "it is gone with all it held: others are to have that; 'nodes drain --undo' takes this back")
    private boolean lost;

    @Override
    public Answer run(Session session) throws IOException {
      return lost
          ? change(
              session,
              (change, _) -> change.lost(id),
              "node %s is lost".formatted(id),
              "'nodes repair' makes them anew, then 'nodes remove %s' takes it off the list"
                  .formatted(id))
          : change(session, (change, _) -> change.remove(id), "removed node " + id);
    }
  }

  /// `ringkeep nodes promote`.
  @Command(
      name = "promote",
      header = "Makes another node decide what is committed, when the one that did is lost.",
      footerHeading = "%nExample:%n",
      footer = "  ringkeep nodes promote -c ringkeep.yaml b")
  static final class Promote implements Verb {
    @Parameters(paramLabel = "ID", description = "a node that answers")
    private String id = "";

    @Override
    public Answer run(Session session) throws IOException {
      return change(session, (change, _) -> change.promote(id), "node " + id + " decides");
    }
  }

  /// `ringkeep nodes apply`.
  @Command(
      name = "apply",
      header = "Makes the repository's nodes and strategy what the file of settings says.",
      description = {
        "",
        "Adds nodes, changes weights, zones, tiers and the strategy of what is written from then on. A node that the file"
            + " no longer names is drained; 'nodes remove' removes it once its pieces have moved."
      },
      footerHeading = "%nExample:%n",
      footer = {
        "  ringkeep nodes apply -c ringkeep.yaml --dry-run",
        "  ringkeep nodes apply -c ringkeep.yaml"
      })
  static final class Apply implements Verb {
    @Option(names = "--dry-run", description = "show the differences and what would move, and stop")
    private boolean dryRun;

    /// What it reports.
    ///
    /// @param differences between the file and the recorded table, as they were
    /// @param epoch number of the decision; absent if nothing was decided
    /// @param decides the node that decides then
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ApplyView(
        List<String> differences,
        @Nullable Integer epoch,
        String decides,
        double moves,
        List<String> warnings) {}

    @Override
    public Answer run(Session session) throws IOException {
      try (PlacedStore store = session.openNodes();
          NodeChange change = NodeChange.of(store)) {
        RepositoryPlace.Many many = session.place().many();
        List<String> differences = NodeDifferences.of(store, many);
        if (!differences.isEmpty()) {
          NodeDifferences.apply(store, many, change, session.environment());
        }
        NodeChange.Plan plan = change.plan();
        @Nullable Integer epoch =
            dryRun || differences.isEmpty() ? null : change.apply(plan, session.clock());
        List<String> lines = new ArrayList<>();
        if (differences.isEmpty()) {
          lines.add("no difference: nothing to do");
        } else {
          lines.addAll(differences);
          lines.add(
              epoch == null
                  ? "dry run: nothing was changed"
                  : "applied; epoch %d, %s decides".formatted(epoch, plan.commitNode()));
          lines.addAll(consequences(plan, REBALANCE));
        }
        return Answer.done(
            new ApplyView(differences, epoch, plan.commitNode(), plan.moved(), plan.warnings()),
            lines);
      } catch (ReadOnlyStoreException e) {
        throw StorageReport.unwritable(e);
      }
    }
  }
}
