package io.ringkeep.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class HelpTest {
  static Stream<CommandLine> commands() {
    return withChildren(new Ringkeep().commandLine());
  }

  private static Stream<CommandLine> withChildren(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(HelpTest::withChildren));
  }

  /// The examples in the help of a command, each as its words after `ringkeep`.
  static List<List<String>> examples(CommandLine command) {
    List<List<String>> examples = new ArrayList<>();
    String[] footer = command.getCommandSpec().usageMessage().footer();
    String text = String.join("\n", footer).replace("\\\n", " ");
    for (String line : text.split("\n", -1)) {
      int start = line.indexOf("ringkeep ");
      if (line.startsWith("  ") && start >= 0) {
        String words = line.substring(start).replaceAll("( \\|\\|| >|\\)).*", "");
        examples.add(Arrays.asList(words.split("\\s+", -1)).stream().skip(1).toList());
      }
    }
    return examples;
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_everyCommand_showsAnExampleThatParses(CommandLine command) {
    List<List<String>> examples = examples(command);
    String verb = command.getCommandSpec().qualifiedName().replaceFirst("^ringkeep ?", "");

    assertThat(examples).isNotEmpty();
    for (List<String> example : examples) {
      assertThat(String.join(" ", example)).startsWith(verb);
      new Ringkeep().commandLine().parseArgs(example.toArray(String[]::new));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_everyCommandAndOption_saysWhatItIsFor(CommandLine command) {
    assertThat(command.getCommandSpec().usageMessage().header()).isNotEmpty();
    for (OptionSpec option : command.getCommandSpec().options()) {
      assertThat(option.description()).as(option.longestName()).isNotEmpty();
    }
    assertThat(command.getUsageMessage().lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThan(101));
  }

  @Test
  void commands_ofTheDocumentation_areAllThere() {
    assertThat(new Ringkeep().commandLine().getSubcommands().keySet())
        .containsExactlyInAnyOrder(
            "demo",
            "init",
            "check",
            "backup",
            "archive",
            "log",
            "list",
            "show",
            "status",
            "restore",
            "verify",
            "drill",
            "passphrase",
            "config",
            "mirror",
            "nodes",
            "advise",
            "simulate",
            "keep",
            "forget",
            "prune",
            "compact",
            "export",
            "import",
            "get",
            "history",
            "keys",
            "key",
            "report",
            "diff",
            "undelete",
            "compare",
            "completion");
    assertThat(
            commands()
                .map(command -> command.getCommandSpec().qualifiedName())
                .filter(name -> name.startsWith("ringkeep passphrase ")))
        .containsExactlyInAnyOrder(
            "ringkeep passphrase add",
            "ringkeep passphrase change",
            "ringkeep passphrase remove",
            "ringkeep passphrase list");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void completion_optionsThatTakeOneOfAFewWords_offersThem(CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (option.type().isEnum()) {
        assertThat(option.completionCandidates())
            .as(option.longestName())
            .containsExactlyInAnyOrder(option.paramLabel().split("\\|", -1));
      }
    }
  }

  @Test
  void help_anyCommand_hasNoPasswordOption() {
    assertThat(commands().flatMap(command -> command.getCommandSpec().options().stream()))
        .allSatisfy(option ->
            assertThat(option.names())
                .noneMatch(name -> name.endsWith("password") || name.endsWith("passphrase")));
  }
}
