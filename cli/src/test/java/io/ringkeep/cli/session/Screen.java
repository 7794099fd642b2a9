package io.ringkeep.cli.session;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A console that keeps what is written to it, and types what it was told to.
public final class Screen {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> environment = new HashMap<>();
  private final Deque<String> typed = new ArrayDeque<>();
  private final List<String> questions = new ArrayList<>();
  private boolean terminal;

  /// Sets an environment variable.
  public Screen variable(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /// Makes it a terminal at which these lines are typed, one for each question.
  public Screen types(String... lines) {
    terminal = true;
    typed.addAll(List.of(lines));
    return this;
  }

  public Console console() {
    return new Console(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        environment,
        new Typist(),
        OptionalInt.empty(),
        /* unicode= */ false);
  }

  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  public String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  public List<String> questions() {
    return questions;
  }

  private final class Typist implements Prompt {
    @Override
    public boolean available() {
      return terminal;
    }

    @Override
    public Optional<String> secret(String question) {
      return line(question);
    }

    @Override
    public Optional<String> line(String question) {
      questions.add(question);
      return Optional.ofNullable(typed.poll());
    }
  }
}
