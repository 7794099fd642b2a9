package io.ringkeep.cli.session;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;
import org.jspecify.annotations.Nullable;

/// The process as a command sees it.
///
/// @param out where the answer goes
/// @param err where everything else goes
/// @param environment the environment's variables
/// @param prompt who can be asked
/// @param terminalColumns width of the terminal that `err` is, if it is one
/// @param unicode whether that terminal shows more than ASCII
public record Console(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Prompt prompt,
    OptionalInt terminalColumns,
    boolean unicode) {
  private static final int USUAL_COLUMNS = 80;

  /// That of this process.
  public static Console ofProcess() {
    Map<String, String> environment = System.getenv();
    return new Console(
        System.out,
        System.err,
        environment,
        new TerminalPrompt(),
        terminalColumns(environment),
        isUtf8(environment));
  }

  /// The value of a variable that is set to something.
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  private static OptionalInt terminalColumns(Map<String, String> environment) {
    if ("dumb".equals(environment.get("TERM")) || isFileOrPipe()) {
      return OptionalInt.empty();
    }
    try {
      TerminalProvider terminal = TerminalProvider.load("ffm");
      if (!terminal.isSystemStream(SystemStream.Error)) {
        return OptionalInt.empty();
      }
      int columns = terminal.systemStreamWidth(SystemStream.Error);
      return OptionalInt.of(columns > 0 ? columns : USUAL_COLUMNS);
    } catch (IOException | RuntimeException | LinkageError e) {
      /* Unknown platform: plain lines are right everywhere. */
      return OptionalInt.empty();
    }
  }

  /// Whether the system shows (Linux: `proc_pid_fd(5)`) that standard error is no terminal. That
  /// spares a run by cron or a script the terminal's library, some 40 method handles at each start.
  private static boolean isFileOrPipe() {
    try {
      Path link = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
      return !link.startsWith("/dev") || link.equals(Path.of("/dev/null"));
    } catch (IOException | UnsupportedOperationException e) {
      /* Another system: the library knows. */
      return false;
    }
  }

  /// By the first variable that is set, as the C library decides.
  private static boolean isUtf8(Map<String, String> environment) {
    return Stream.of("LC_ALL", "LC_CTYPE", "LANG")
        .map(name -> environment.getOrDefault(name, ""))
        .filter(value -> !value.isEmpty())
        .findFirst()
        .filter(value -> value.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8"))
        .isPresent();
  }

  private static final class TerminalPrompt implements Prompt {
    private volatile boolean asking;

    @Override
    public boolean available() {
      return terminal().isPresent();
    }

    @Override
    public boolean asking() {
      return asking;
    }

    @Override
    public Optional<String> secret(String question) {
      return ask(terminal -> {
        char[] typed = terminal.readPassword("%s", question);
        if (typed == null) {
          return null;
        }
        String secret = new String(typed);
        Arrays.fill(typed, '\0');
        return secret;
      });
    }

    @Override
    public Optional<String> line(String question) {
      return ask(terminal -> terminal.readLine("%s", question));
    }

    private Optional<String> ask(Function<java.io.Console, @Nullable String> question) {
      asking = true;
      try {
        return terminal().flatMap(terminal -> Optional.ofNullable(question.apply(terminal)));
      } finally {
        asking = false;
      }
    }

    /// The JVM's console where standard input and output are a terminal.
    private static Optional<java.io.Console> terminal() {
      return Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal);
    }
  }
}
