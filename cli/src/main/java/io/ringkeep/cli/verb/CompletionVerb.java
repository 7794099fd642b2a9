package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `ringkeep completion`.
@Command(
    name = "completion",
    header = "Prints the completion script for bash and zsh.",
    footerHeading = "%nExample:%n",
    footer = {
      "  source <(ringkeep completion)",
      "  ringkeep completion > /etc/bash_completion.d/ringkeep"
    })
final class CompletionVerb implements Verb {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Answer run(Session session) {
    if (spec == null) {
      throw new IllegalStateException("a command without its specification");
    }
    String script = AutoComplete.bash("ringkeep", spec.root().commandLine());
    return Answer.done(Map.of("script", script), List.of(script.stripTrailing().split("\n", -1)));
  }
}
