package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.GlobalOptions;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/// The tree of all commands.
@Command(
    name = "ringkeep",
    header = "Backs up live Redis and Valkey, and restores onto any topology.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep demo",
      "%nringkeep COMMAND --help shows the options and an example of each command."
    })
public final class Ringkeep {
  private static final int HELP_COLUMNS = 100;

  /// Those that look at all the others.
  private static final Set<String> ABOUT_ALL = Set.of("completion", "config");

  private static final Map<String, Supplier<Object>> VERBS = verbs();

  @Mixin private GlobalOptions options = new GlobalOptions();

  public GlobalOptions options() {
    return options;
  }

  /// In the order of the help.
  private static Map<String, Supplier<Object>> verbs() {
    Map<String, Supplier<Object>> verbs = new LinkedHashMap<>();
    verbs.put("demo", DemoVerb::new);
    verbs.put("init", InitVerb::new);
    verbs.put("check", CheckVerb::new);
    verbs.put("backup", BackupVerb::new);
    verbs.put("archive", ArchiveVerb::new);
    verbs.put("list", ListVerb::new);
    verbs.put("log", LogVerb::new);
    verbs.put("show", ShowVerb::new);
    verbs.put("status", StatusVerb::new);
    verbs.put("get", GetVerb::new);
    verbs.put("history", HistoryVerb::new);
    verbs.put("keys", KeysVerb::new);
    verbs.put("key", KeyVerb::new);
    verbs.put("report", ReportVerb::new);
    verbs.put("diff", DiffVerb::new);
    verbs.put("undelete", UndeleteVerb::new);
    verbs.put("compare", CompareVerb::new);
    verbs.put("restore", RestoreVerb::new);
    verbs.put("verify", VerifyVerb::new);
    verbs.put("drill", DrillVerb::new);
    verbs.put("export", ExportVerb::new);
    verbs.put("import", ImportVerb::new);
    verbs.put("passphrase", PassphraseVerb::new);
    verbs.put("keep", KeepVerb::new);
    verbs.put("forget", ForgetVerb::new);
    verbs.put("prune", PruneVerb::new);
    verbs.put("compact", CompactVerb::new);
    verbs.put("nodes", NodesVerb::new);
    verbs.put("mirror", MirrorVerb::new);
    verbs.put("config", ConfigVerb::new);
    verbs.put("advise", AdviseVerb::new);
    verbs.put("simulate", SimulateVerb::new);
    verbs.put("completion", CompletionVerb::new);
    return verbs;
  }

  /// A parser of all command lines, that fills this.
  public CommandLine commandLine() {
    return commandLine(VERBS.keySet());
  }

  /// A parser for `args` alone, that fills this. Commands that they do not name are left out of it:
  /// to read what all of them take would be most of the time of a short one.
  public CommandLine commandLine(String... args) {
    Set<String> named = new LinkedHashSet<>(VERBS.keySet());
    named.retainAll(Arrays.asList(args));
    boolean all =
        named.isEmpty()
            || named.stream().anyMatch(ABOUT_ALL::contains)
            || Arrays.stream(args).anyMatch(arg -> arg.startsWith("@"));
    return commandLine(all ? VERBS.keySet() : named);
  }

  private CommandLine commandLine(Set<String> names) {
    CommandLine commandLine = new CommandLine(this);
    VERBS.forEach((name, verb) -> {
      if (names.contains(name)) {
        commandLine.addSubcommand(name, verb.get());
      }
    });
    commandLine.getSubcommands().values().stream()
        .flatMap(command -> command.getSubcommands().values().stream())
        .filter(command -> command.getCommand() instanceof ConfigVerb.Explain)
        .forEach(explain -> ConfigVerb.lendOptions(commandLine, explain.getCommandSpec()));
    commandLine.setUsageHelpWidth(HELP_COLUMNS);
    layOut(commandLine);
    commandLine.registerConverter(Duration.class, converter(DurationText::parse));
    commandLine.registerConverter(ByteSize.class, converter(ByteSize::parse));
    commandLine.registerConverter(ByteRate.class, converter(ByteRate::parse));
    Choices.register(commandLine);
    return commandLine;
  }

  /// The file of settings that `args` name with `-c`, whatever else they are.
  public static Optional<Path> configFile(String... args) {
    GlobalOptions globals = new GlobalOptions();
    CommandLine commandLine = new CommandLine(CommandSpec.forAnnotatedObject(globals));
    Choices.register(commandLine);
    commandLine.setUnmatchedArgumentsAllowed(true).setOverwrittenOptionsAllowed(true);
    try {
      commandLine.parseArgs(args);
    } catch (ParameterException e) {
      return Optional.empty(); // Whoever reads all of it says what is wrong.
    }
    return globals.config();
  }

  /// Options in the order of their declaration: a command's own first, the global ones last.
  private static void layOut(CommandLine command) {
    command.getCommandSpec().usageMessage().sortOptions(false).optionListHeading("%nOptions:%n");
    command.getCommandSpec().usageMessage().commandListHeading("%nCommands:%n");
    command.getSubcommands().values().forEach(Ringkeep::layOut);
  }

  private static <T> ITypeConverter<T> converter(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  /// What `--version` prints.
  public static String version() {
    String version =
        Optional.ofNullable(Ringkeep.class.getPackage().getImplementationVersion())
            .orElse("unpackaged");
    return "ringkeep " + version + ", Java " + Runtime.version();
  }
}
