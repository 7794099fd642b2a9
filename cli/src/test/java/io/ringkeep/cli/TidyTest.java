package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Rules about the text of the source tree, such as no compiler keeps.
class TidyTest {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));
  private static final int LONGEST_FILE_LINES = 500;

  private static final Set<String> BUILT = Set.of("target", ".git", ".engines", ".idea", ".vscode");
  private static final Pattern TEXT_FILE =
      Pattern.compile(".*\\.(java|md|xml|sh|properties|ya?ml|json|config|txt)|[^.]+|\\.gitignore");

  // Each pattern is spelled so that it does not find itself.
  private static final Pattern UNFINISHED =
      Pattern.compile("\\b(TOD[O]|FIXM[E]|XX[X])\\b|@Disable[d]|not implemente[d]");
  private static final Pattern PACKAGE_HOST =
      Pattern.compile(
          "repo[0-9]?\\.mave[n]|sonatyp[e]\\.(org|com)|(deb|ftp|security|snapshot)\\.debia[n]"
              + "|archive\\.ubunt[u]|registry\\.npmj[s]|pyp[i]\\.org|plugins\\.gradl[e]|jitpac[k]"
              + "|docker\\.i[o]|ghcr\\.i[o]");
  private static final Pattern SOMEBODYS_FOLDER =
      Pattern.compile("(?<![\\w.])/(work|root|home/\\w+)/");
  private static final Pattern UNTYPED = Pattern.compile("(^|[(\\s])var\\s+\\w+\\s*[=:]");

  private static final Pattern OLD_WORD = Pattern.compile("(?i)maste[r]|slav[e]");
  private static final Pattern CODE_IN_TEXT = Pattern.compile("(?s)```.*?```|`[^`\n]*`");
  private static final Pattern STRING =
      Pattern.compile("(?s)\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"");

  /// A field, a command, a setting or an error code of a server, maybe with what parts it from its
  /// value: no sentence.
  private static final Pattern WIRE_WORD = Pattern.compile("\"[-A-Za-z0-9_\\\\+*.|()\\[\\]:]+\"");

  private record Source(Path path, String text) {
    boolean isJava() {
      return path.toString().endsWith(".java");
    }

    boolean isTest() {
      return path.toString().contains("src/test/");
    }

    List<String> lines() {
      return text.lines().toList();
    }
  }

  private static final List<Source> SOURCES = new ArrayList<>();

  @BeforeAll
  static void readTree() throws IOException {
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return BUILT.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path path = ROOT.relativize(file);
            boolean golden = path.toString().contains("src/test/resources/");
            if (!golden && TEXT_FILE.matcher(file.getFileName().toString()).matches()) {
              SOURCES.add(new Source(path, Files.readString(file)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(SOURCES).hasSizeGreaterThan(100);
  }

  private static List<String> findings(Predicate<Source> which, Pattern pattern) {
    return SOURCES.stream()
        .filter(which)
        .flatMap(source ->
            source.lines().stream()
                .filter(line -> pattern.matcher(line).find())
                .map(line -> source.path() + ": " + line.strip()))
        .toList();
  }

  @Test
  void sources_ofEveryKind_leaveNothingUnfinished() {
    assertThat(findings(source -> true, UNFINISHED)).isEmpty();
  }

  @Test
  void sources_ofEveryKind_nameNoPackageHost() {
    assertThat(findings(source -> true, PACKAGE_HOST)).isEmpty();
  }

  @Test
  void sources_ofEveryKind_nameNobodysFolder() {
    assertThat(findings(source -> true, SOMEBODYS_FOLDER)).isEmpty();
  }

  @Test
  void javaFiles_everywhere_nameTheirTypes() {
    assertThat(findings(Source::isJava, UNTYPED)).isEmpty();
  }

  @Test
  void javaFiles_everywhere_areShortEnoughToRead() {
    assertThat(
            SOURCES.stream()
                .filter(source -> source.isJava() && source.lines().size() > LONGEST_FILE_LINES)
                .map(source -> source.path() + ": " + source.lines().size() + " lines"))
        .isEmpty();
  }

  @Test
  void packages_ofEveryModule_sayWhatTheyAre() {
    TreeMap<String, String> descriptions = new TreeMap<>();
    for (Source source : SOURCES) {
      // An example is one file, as its reader copies it.
      if (source.isJava() && !source.path().startsWith("examples")) {
        String name = source.path().toString().replaceAll("src/(main|test)/java/|/[^/]+$", "");
        boolean describes = source.path().endsWith("package-info.java");
        descriptions.merge(name, describes ? source.text() : "", String::concat);
      }
    }
    assertThat(descriptions)
        .allSatisfy((name, description) ->
            assertThat(description).as(name).contains("@NullMarked").startsWith("/// "));
  }

  /// Primaries and replicas have no other name here, except in what servers say or are told.
  @Test
  void sources_ofEveryKind_callServersPrimaryAndReplica() {
    assertThat(SOURCES.stream().flatMap(TidyTest::oldWords)).isEmpty();
  }

  private static Stream<String> oldWords(Source source) {
    if (!OLD_WORD.matcher(source.text()).find()) {
      return Stream.empty();
    }
    String withoutCode = blank(CODE_IN_TEXT, source.text());
    String prose = source.isJava() ? blank(STRING, withoutCode) : withoutCode;
    Stream<String> words =
        prose
            .lines()
            .filter(line -> OLD_WORD.matcher(line).find())
            .map(line -> source.path() + ": " + line.strip());
    // What a test holds for a server's words may be whole answers of servers.
    return source.isTest() ? words : Stream.concat(words, sentencesWithOldWords(source));
  }

  private static Stream<String> sentencesWithOldWords(Source source) {
    return source.isJava()
        ? STRING
            .matcher(blank(CODE_IN_TEXT, source.text()))
            .results()
            .map(match -> match.group())
            .filter(text -> OLD_WORD.matcher(text).find())
            .filter(text -> !WIRE_WORD.matcher(text).matches())
            .map(text -> source.path() + ": " + text)
        : Stream.empty();
  }

  private static String blank(Pattern pattern, String text) {
    return pattern.matcher(text).replaceAll("\"\"");
  }
}
