package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.lookup.KeyScan;
import io.ringkeep.lookup.PrefixTree;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.Repository;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringkeep keys`.
@Command(
    name = "keys",
    header = "Lists the keys of a snapshot.",
    description = {
      "",
      "PATTERN is one as KEYS of a server takes it; one that names a whole hash tag, or no"
          + " wildcard, is looked for in its slot alone. Keys come in the order of the ring. Sizes"
          + " are those of values as stored, not in a server's memory. If no key is found, the exit"
          + " status is 3."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep keys -r /srv/backup 'user:*'",
      "  ringkeep keys -r /srv/backup --type hash,zset --larger 1MiB --top 20",
      "  ringkeep keys -r /srv/backup --at -2h --tree --no-ttl"
    })
final class KeysVerb implements Verb {
  private static final int MOST_BRANCHES = 100_000;

  @Parameters(arity = "0..1", paramLabel = "PATTERN", description = "user:*, cart:{17}:? and so on")
  private @Nullable String pattern;

  @Mixin private MomentOption moment = new MomentOption();
  @Mixin private FilterOptions filter = new FilterOptions();

  @Option(names = "--top", paramLabel = "N", description = "only the N largest, largest first")
  private int top;

  @Option(
      names = "--tree",
      description = "how names begin instead: keys and bytes of each beginning, the heaviest first")
  private boolean tree;

  @Option(
      names = "--separator",
      paramLabel = "TEXT",
      description = "what parts the words of names in the tree (default: a colon)")
  private String separator = ":";

  @Override
  public Answer run(Session session) throws IOException {
    if (tree && top > 0) {
      throw new InvalidRequest("--tree and --top are two answers", "leave one of them out");
    }
    if (top < 0 || separator.isEmpty()) {
      throw new InvalidRequest(
          "--top counts from 1, and --separator is a text: top=%d".formatted(top),
          "leave them out, or correct them");
    }
    try (Repository repository = session.open()) {
      KeyListing listing =
          tree
              ? new KeyListing.Tree(session, new PrefixTree(separator, MOST_BRANCHES))
              : top > 0 ? new KeyListing.Largest(session, top) : new KeyListing.All(session);
      KeyScan.run(
          repository,
          moment.cache(),
          moment.which(session),
          filter.filter(pattern, session),
          listing);
      listing.end();
      return Answer.printed(Answer.DONE);
    }
  }
}
