package io.ringkeep.cli.session;

import io.ringkeep.config.ConfigFile;
import io.ringkeep.config.Setting;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Values of options that are not on the command line: those of the environment, then those of the
/// file of settings.
public final class Settings implements IDefaultValueProvider {
  private static final String PROGRAM = "ringkeep";

  private final Console console;
  private final Optional<ConfigFile> file;

  /// @param file the one given with `-c`, if one is
  public Settings(Console console, Optional<ConfigFile> file) {
    this.console = console;
    this.file = file;
  }

  /// A value and where it comes from.
  ///
  /// @param origin for people: `$RINGKEEP_MAX_AGE`, `ringkeep.yaml line 7`
  public record Found(String value, String origin) {}

  public Optional<ConfigFile> file() {
    return file;
  }

  /// Whether a variable of the environment is set to something.
  public boolean isSet(String variable) {
    return console.variable(variable).isPresent();
  }

  /// The value of a setting that no option gives.
  public Optional<Found> find(Setting setting) {
    if (setting.secretVariable().flatMap(console::variable).isPresent()) {
      return Optional.empty(); // The secret itself is there, and the environment wins.
    }
    Optional<Found> variable =
        console
            .variable(setting.variable())
            .map(value -> new Found(value, "$" + setting.variable()));
    return variable.or(() ->
        file.flatMap(config ->
            config
                .value(setting)
                .map(value -> new Found(value.text(), config.place(value.line())))));
  }

  /// The same for an option of a command.
  public Optional<Found> find(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? Setting.of(option.longestName(), verb(option.command())).flatMap(this::find)
        : Optional.empty();
  }

  /// The words of a command after `ringkeep`.
  private static String verb(CommandSpec command) {
    String name = command.qualifiedName();
    return name.equals(PROGRAM) ? "" : name.substring(PROGRAM.length() + 1);
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return find(argument).map(Found::value).orElse(null);
  }
}
