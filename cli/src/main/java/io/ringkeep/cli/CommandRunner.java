package io.ringkeep.cli;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Console;
import io.ringkeep.cli.session.GlobalOptions;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.OutputFormat;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Settings;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.verb.Ringkeep;
import io.ringkeep.config.ConfigFile;
import io.ringkeep.model.BackupException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Runs one command line: parses it, runs its verb, prints the answer or the failure.
public final class CommandRunner {
  private final Console console;
  private final Clock clock;
  private final LongSupplier nanoTime;

  /// A runner whose commands see this process and this time.
  public CommandRunner(Console console, Clock clock, LongSupplier nanoTime) {
    this.console = console;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /// Runs `args` and returns the exit status. Throws nothing.
  public int run(String... args) {
    Settings settings;
    try {
      settings = settings(args);
    } catch (BackupException e) {
      Failure failure = Failure.of(e);
      report(failure, wantsJson(args));
      return failure.exitCode();
    }
    Ringkeep ringkeep = new Ringkeep();
    CommandLine commandLine = ringkeep.commandLine(args);
    commandLine.setDefaultValueProvider(settings);
    ParseResult parsed;
    try {
      parsed = commandLine.parseArgs(args);
    } catch (ParameterException e) {
      report(usage(e, settings), wantsJson(args));
      return Failure.USAGE;
    }
    if (help(parsed)) {
      return Answer.DONE;
    }
    CommandLine command = parsed.asCommandLineList().getLast();
    if (command.getCommand() instanceof Verb verb) {
      return run(verb, ringkeep.options(), settings);
    }
    print(command.getUsageMessage(), /* toErr= */ true);
    return Failure.USAGE;
  }

  /// What the file of settings says, which has to be known before options are read.
  private Settings settings(String... args) {
    Optional<Path> file =
        Ringkeep.configFile(args)
            .or(() -> console.variable(GlobalOptions.CONFIG_VARIABLE).map(Path::of));
    return new Settings(console, file.map(path -> ConfigFile.read(path, console.environment())));
  }

  private int run(Verb verb, GlobalOptions options, Settings settings) {
    try {
      Session session = new Session(console, options, settings, clock, nanoTime);
      Answer answer = verb.run(session);
      session.print(answer);
      return answer.exitCode();
    } catch (Exception | Error e) {
      boolean interrupted = Thread.currentThread().isInterrupted() || Failure.isInterruption(e);
      Failure failure =
          (interrupted ? Failure.interrupted(verb.afterInterruption()) : Failure.of(e)).leaving(e);
      if (options.debug() || failure.exitCode() == Failure.BUG) {
        e.printStackTrace(console.err());
      }
      report(failure, options.output() == OutputFormat.JSON);
      return failure.exitCode();
    }
  }

  private boolean help(ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      if (command.isUsageHelpRequested()) {
        print(parsed.asCommandLineList().getLast().getUsageMessage(), /* toErr= */ false);
        return true;
      }
      if (command.isVersionHelpRequested()) {
        print(Ringkeep.version() + "\n", /* toErr= */ false);
        return true;
      }
    }
    return false;
  }

  private void print(String text, boolean toErr) {
    (toErr ? console.err() : console.out()).print(text);
  }

  private void report(Failure failure, boolean json) {
    // In one piece: whoever interrupts may say something at the same time.
    console.err().println(json ? Json.text(failure.json()) : String.join("\n", failure.lines()));
    console.err().flush();
  }

  /// In the house's form: lower case, and the next step apart.
  private static Failure usage(ParameterException problem, Settings settings) {
    String command = problem.getCommandLine().getCommandSpec().qualifiedName();
    if (problem instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      return Failure.usage(
          "unknown argument: " + String.join(" ", unmatched.getUnmatched()),
          suggestions.isEmpty()
              ? command + " --help lists what there is"
              : "did you mean " + suggestions.getFirst() + "?");
    }
    String message = String.valueOf(problem.getMessage());
    String origin =
        Optional.ofNullable(problem.getArgSpec())
            .flatMap(settings::find)
            .filter(found -> found.value().equals(problem.getValue()))
            .map(found -> " (" + found.origin() + ")")
            .orElse("");
    return Failure.usage(
        message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1) + origin,
        command + " --help shows an example");
  }

  /// Looked for by hand, since a command line that can't be parsed has no options.
  private static boolean wantsJson(String... args) {
    List<String> words = Arrays.asList(args);
    int output = words.indexOf("--output");
    return words.contains("--output=json")
        || (output >= 0 && output + 1 < words.size() && words.get(output + 1).equals("json"));
  }
}
