package io.ringkeep.cli.session;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds secrets where the process list does not show them: a file, the environment, a prompt.
public final class Secrets {
  /// Environment variable of the passphrase that opens the repository.
  public static final String PASSPHRASE_VARIABLE = "RINGKEEP_PASSPHRASE";

  /// Environment variable of a passphrase that is being added.
  public static final String NEW_PASSPHRASE_VARIABLE = "RINGKEEP_NEW_PASSPHRASE";

  private final Console console;

  Secrets(Console console) {
    this.console = console;
  }

  /// The first line of `file` if it is given, else the variable, else nothing.
  public Optional<String> find(@Nullable Path file, String variable) {
    return file != null ? Optional.of(firstLine(file)) : console.variable(variable);
  }

  /// As [#find], else what is typed, else a refusal that names both ways.
  public String require(@Nullable Path file, String variable, String option, String what) {
    Optional<String> found = find(file, variable);
    if (found.isPresent()) {
      return found.get();
    }
    requireTerminal(variable, option, what);
    return notEmpty(console.prompt().secret(what + ": "), what);
  }

  /// As [#require], but what is typed is typed twice, since nobody has used it before.
  public String requireNew(@Nullable Path file, String variable, String option, String what) {
    Optional<String> found = find(file, variable);
    if (found.isPresent()) {
      return found.get();
    }
    requireTerminal(variable, option, what);
    String secret = notEmpty(console.prompt().secret(what + ": "), what);
    if (!console.prompt().secret(what + " again: ").equals(Optional.of(secret))) {
      throw new InvalidRequest("the two differ: nothing was done", "type the same one twice");
    }
    return secret;
  }

  private void requireTerminal(String variable, String option, String what) {
    if (!console.prompt().available()) {
      throw new InvalidRequest(
          "no " + what + " was given, and there is no terminal to ask on",
          "set %s or name a file with %s".formatted(variable, option));
    }
  }

  private static String notEmpty(Optional<String> typed, String what) {
    return typed
        .filter(text -> !text.isEmpty())
        .orElseThrow(
            () -> new InvalidRequest("the " + what + " is empty", "type at least one character"));
  }

  private static String firstLine(Path file) {
    String line;
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      line = reader.readLine();
    } catch (MalformedInputException e) {
      throw new InvalidRequest("a secret's file is not UTF-8 text: file=" + file, null);
    } catch (IOException e) {
      throw new InvalidRequest(
          "can't read a secret's file: file=" + file, "does it exist, and may this user read it?");
    }
    if (line == null || line.isEmpty()) {
      throw new InvalidRequest("a secret's file has an empty first line: file=" + file, null);
    }
    return line;
  }
}
