package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.ringkeep.cli.verb.Ringkeep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// What the documents name exists: paths, commands, options, environment variables, tests.
class DocumentsTest {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern PATH =
      Pattern.compile(
          "(?:\\./)?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.*<>-]+)+/?|(?:\\./)?(?:ringkeep|mvnw)");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)(?:\\./|^|[\\s;(/])ringkeep((?: +[^\\s|&;)`#>]+)+)");
  private static final Pattern VERB = Pattern.compile("(?:\\./)?ringkeep ([a-z]+).*");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```[a-z]*$(.*?)^```$");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*[a-z]");
  private static final Pattern VARIABLE = Pattern.compile("RINGKEEP_[A-Z_]+");
  private static final Pattern TEST =
      Pattern.compile("\\b[A-Z][a-z][A-Za-z0-9]*(?:Test|IT|Fuzz)\\b");

  static Stream<String> documents() {
    return Stream.of(
            "README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
        .filter(name -> Files.exists(ROOT.resolve(name)));
  }

  private static String read(String document) throws IOException {
    return Files.readString(ROOT.resolve(document));
  }

  private static List<String> all(Pattern pattern, int group, String text) {
    return pattern.matcher(text).results().map((MatchResult match) -> match.group(group)).toList();
  }

  @Test
  void documents_ofEveryProject_areThere() {
    assertThat(documents()).contains("README.md", "README.zh-CN.md");
  }

  @ParameterizedTest
  @MethodSource("documents")
  void links_toFiles_leadSomewhere(String document) throws IOException {
    assertThat(all(LINK, 1, read(document)))
        .allSatisfy(link -> assertThat(ROOT.resolve(link)).exists());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void paths_ofTheSourceTree_exist(String document) throws IOException {
    List<String> paths =
        all(CODE, 1, read(document)).stream()
            .map(code -> code.split(" ", 2)[0])
            .filter(code -> PATH.matcher(code).matches())
            .filter(DocumentsTest::startsInTheTree)
            .toList();

    assertThat(paths).isNotEmpty().allSatisfy(path -> assertThat(ROOT.resolve(path)).exists());
  }

  /// Whether the first part of a path is one of the tree's; others are examples, such as
  /// `keys/<id>.json`.
  private static boolean startsInTheTree(String path) {
    String first = path.replaceFirst("^\\./", "").split("/", 2)[0];
    return !first.equals("target")
        && !path.contains("<")
        && !path.contains("*")
        && (path.startsWith("./") || Files.exists(ROOT.resolve(first)));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void commands_inExamples_parse(String document) throws IOException {
    CommandLine plain = commandLine(false);
    CommandLine configured = commandLine(true);
    for (String example : all(FENCE, 1, read(document).replace("\\\n", " "))) {
      for (String words : all(COMMAND, 1, example)) {
        String[] args = words.strip().replace("'", "").split(" +", -1);
        if (plain.getSubcommands().containsKey(args[0])) {
          CommandLine commandLine = List.of(args).contains("-c") ? configured : plain;
          assertThatCode(() -> commandLine.parseArgs(args))
              .as("ringkeep" + words)
              .doesNotThrowAnyException();
        }
      }
    }
  }

  /// @param configured whether a file of settings gives what else would have to be an option
  private static CommandLine commandLine(boolean configured) {
    CommandLine commandLine = new Ringkeep().commandLine();
    if (configured) {
      commandLine.setDefaultValueProvider(argument ->
          argument instanceof OptionSpec option
                  && List.of("--source", "--target").contains(option.longestName())
              ? "redis://10.0.0.1:6379"
              : null);
    }
    return commandLine;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void commands_inTheText_exist(String document) throws IOException {
    Map<String, CommandLine> verbs = new Ringkeep().commandLine().getSubcommands();
    for (String code : all(CODE, 1, read(document))) {
      Matcher command = VERB.matcher(code);
      if (command.matches()) {
        assertThat(verbs.keySet()).as(code).contains(command.group(1));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void options_inTheText_belongToSomeProgram(String document) throws IOException {
    /* --rdb and --pipe are redis-cli's, --now systemctl's, --failed too. */
    List<String> others = List.of("--rdb", "--pipe", "--now", "--failed");
    List<String> known = Stream.concat(options().stream(), others.stream()).toList();
    assertThat(all(OPTION, 0, read(document)))
        .allSatisfy(option -> assertThat(known).contains(option));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void variables_inTheText_areReadSomewhere(String document) throws IOException {
    String sources = sources();
    assertThat(all(VARIABLE, 0, read(document)))
        .allSatisfy(variable -> assertThat(sources.contains(variable)).as(variable).isTrue());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void tests_namedAsProof_exist(String document) throws IOException {
    List<String> tests = testClasses();
    assertThat(all(TEST, 0, read(document))).allSatisfy(test -> assertThat(tests).contains(test));
  }

  @Test
  void readmes_inBothLanguages_showTheSameCommandsTablesAndHeadings() throws IOException {
    String english = read("README.md");
    String chinese = read("README.zh-CN.md");

    assertThat(all(COMMAND, 1, chinese).stream().map(String::strip).toList())
        .isEqualTo(all(COMMAND, 1, english).stream().map(String::strip).toList());
    assertThat(shape(chinese)).isEqualTo(shape(english));
    assertThat(new TreeSet<>(all(OPTION, 0, chinese)))
        .isEqualTo(new TreeSet<>(all(OPTION, 0, english)));
    assertThat(new TreeSet<>(all(TEST, 0, chinese)))
        .isEqualTo(new TreeSet<>(all(TEST, 0, english)));
  }

  /// Headings, table rows, list items and code fences, in their order.
  private static List<String> shape(String text) {
    return text.lines()
        .map(line -> line.replaceFirst("^(#+ |\\||- |```[a-z]*).*", "$1"))
        .filter(start -> start.matches("#+ |\\||- |```[a-z]*"))
        .toList();
  }

  private static List<String> options() {
    return options(new Ringkeep().commandLine())
        .flatMap(option -> Stream.of(option.names()))
        .distinct()
        .toList();
  }

  private static Stream<OptionSpec> options(CommandLine command) {
    return Stream.concat(
        command.getCommandSpec().options().stream(),
        command.getSubcommands().values().stream().flatMap(DocumentsTest::options));
  }

  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Path file : tree()) {
      if (file.toString().matches(".*/src/main/.*\\.java|.*/bin/.*|.*/ringkeep|.*\\.sh")) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  private static List<String> testClasses() throws IOException {
    return tree().stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith(".java"))
        .map(name -> name.replace(".java", ""))
        .toList();
  }

  private static List<Path> tree() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> !file.toString().matches(".*/(target|\\.git|\\.engines)/.*"))
          .filter(Files::isRegularFile)
          .toList();
    }
  }
}
