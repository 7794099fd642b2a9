package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.nodes.PlacedStore;
import java.io.IOException;
import java.util.Set;
import picocli.CommandLine.Command;

/// `ringkeep nodes`.
@Command(
    name = "nodes",
    header = "Lists, changes, repairs and balances the storage nodes of a repository.",
    description = {
      "",
      "The repository records which nodes it has; the file of settings says where they are. None of these"
          + " needs the passphrase."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      NodesVerb.Show.class,
      NodeChangeVerbs.Add.class,
      NodeChangeVerbs.Drain.class,
      NodeChangeVerbs.Remove.class,
      NodeChangeVerbs.Promote.class,
      NodeChangeVerbs.Apply.class,
      NodeCareVerbs.Repair.class,
      NodeCareVerbs.Rebalance.class,
      NodeCareVerbs.Scrub.class
    },
    footerHeading = "%nExample:%n",
    footer = "  ringkeep nodes list -c ringkeep.yaml")
final class NodesVerb {

  /// `ringkeep nodes list`.
  @Command(
      name = "list",
      header = "Lists the nodes: how they are, what they hold, and what may be lost next.",
      description = {
        "",
        "Exits 1 if a node is away, an object degraded, or the file differs. Without the passphrase an object of which no"
            + " node has anything is not missed: 'status' names it."
      },
      footerHeading = "%nExample:%n",
      footer = "  ringkeep nodes list -c ringkeep.yaml")
  static final class Show implements Verb {
    @Override
    public Answer run(Session session) throws IOException {
      try (PlacedStore store = session.openNodes()) {
        NodesView view = NodesView.of(store, session.place(), session.clock(), Set.of());
        return Answer.of(view.healthy(), view, view.text());
      }
    }
  }
}
