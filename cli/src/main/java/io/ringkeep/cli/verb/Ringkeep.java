package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.GlobalOptions;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
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
    subcommands = {
      DemoVerb.class,
      InitVerb.class,
      CheckVerb.class,
      BackupVerb.class,
      ArchiveVerb.class,
      ListVerb.class,
      LogVerb.class,
      ShowVerb.class,
      StatusVerb.class,
      GetVerb.class,
      HistoryVerb.class,
      KeysVerb.class,
      KeyVerb.class,
      ReportVerb.class,
      DiffVerb.class,
      UndeleteVerb.class,
      CompareVerb.class,
      RestoreVerb.class,
      VerifyVerb.class,
      DrillVerb.class,
      ExportVerb.class,
      ImportVerb.class,
      PassphraseVerb.class,
      KeepVerb.class,
      ForgetVerb.class,
      PruneVerb.class,
      CompactVerb.class,
      NodesVerb.class,
      MirrorVerb.class,
      ConfigVerb.class,
      AdviseVerb.class,
      SimulateVerb.class,
      CompletionVerb.class
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep demo",
      "%nringkeep COMMAND --help shows the options and an example of each command."
    })
public final class Ringkeep {
  private static final int HELP_COLUMNS = 100;

  @Mixin private GlobalOptions options = new GlobalOptions();

  public GlobalOptions options() {
    return options;
  }

  /// A parser of command lines that fills this.
  public CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(this);
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
