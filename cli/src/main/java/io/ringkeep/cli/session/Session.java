package io.ringkeep.cli.session;

import io.ringkeep.backup.Incremental;
import io.ringkeep.cli.progress.ProgressDisplay;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.place.RepositoryPlace;
import io.ringkeep.repository.InitOptions;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.crypto.Encryption;
import io.ringkeep.repository.crypto.Passphrase;
import io.ringkeep.store.url.StoreUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What a command has at hand.
public final class Session {
  private final Console console;
  private final GlobalOptions options;
  private final Settings settings;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Secrets secrets;

  /// The passphrase, once it was asked for.
  private Optional<Passphrase> typed = Optional.empty();

  public Session(
      Console console,
      GlobalOptions options,
      Settings settings,
      Clock clock,
      LongSupplier nanoTime) {
    this.console = console;
    this.options = options;
    this.settings = settings;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.secrets = new Secrets(console);
  }

  public Clock clock() {
    return clock;
  }

  /// Measures time that has passed.
  public LongSupplier nanoTime() {
    return nanoTime;
  }

  public Secrets secrets() {
    return secrets;
  }

  /// Values that no option gives.
  public Settings settings() {
    return settings;
  }

  /// Where the repository is.
  public RepositoryPlace place() {
    return namedPlace()
        .orElseThrow(() ->
            new InvalidRequest(
                "no repository is named",
                "give its folder or URL with -r or in %s, or a file of settings with -c"
                    .formatted(GlobalOptions.REPOSITORY_VARIABLE)));
  }

  /// The same for who can do without; empty if none is named.
  public Optional<RepositoryPlace> namedPlace() {
    /* What the environment or the file says of a single place is in the option by now. */
    return options.repository == null
        ? settings.file().flatMap(RepositoryPlace::of)
        : Optional.of(new RepositoryPlace.Single(StoreUrl.parse(options.repository)));
  }

  /// Where another repository is.
  ///
  /// @param text its folder or URL, or the name of a file of settings that ends in `.yaml` or
  ///   `.yml`
  public RepositoryPlace place(String text) {
    return RepositoryPlace.parse(text, console.environment());
  }

  /// Opens the storage nodes, which takes no passphrase.
  ///
  /// @throws InvalidRequest if the repository is one place
  public PlacedStore openNodes() throws IOException {
    return place().many().open(console.environment());
  }

  /// Variables of the environment, for those who look for secrets there.
  public Map<String, String> environment() {
    return console.environment();
  }

  /// Where this machine keeps what can be made again.
  public Path localFolder() {
    return Incremental.folder(console.environment(), Path.of(System.getProperty("user.home")));
  }

  /// Where this user's programs keep what outlives them and is no configuration (XDG base
  /// directories).
  public Path stateFolder() {
    return console
        .variable("XDG_STATE_HOME")
        .map(Path::of)
        .orElseGet(() ->
            Path.of(console.variable("HOME").orElse(System.getProperty("user.home")))
                .resolve(".local/state"))
        .resolve("ringkeep");
  }

  /// Makes the repository.
  ///
  /// @throws io.ringkeep.model.BackupException.InvalidRequest if one is there
  public Repository init(Encryption encryption) throws IOException {
    Optional<Passphrase> passphrase =
        switch (encryption) {
          case NONE -> givenPassphrase();
          case AES_256_GCM ->
              Optional.of(
                  Passphrase.of(
                      secrets.requireNew(
                          options.passphraseFile,
                          Secrets.PASSPHRASE_VARIABLE,
                          "--passphrase-file",
                          "passphrase")));
        };
    InitOptions how =
        encryption == Encryption.NONE ? InitOptions.unencrypted() : InitOptions.encrypted();
    return Repository.init(place().create(console.environment(), clock), how, passphrase, clock);
  }

  /// Opens the repository, with a passphrase that is asked for if it needs one and none is given.
  public Repository open() throws IOException {
    Optional<Passphrase> passphrase = givenPassphrase();
    if (passphrase.isEmpty() && console.prompt().available()) {
      try {
        return Repository.open(place().open(console.environment()), Optional.empty(), clock);
      } catch (AccessDenied e) {
        passphrase = Optional.of(passphrase());
      }
    }
    return Repository.open(place().open(console.environment()), passphrase, clock);
  }

  /// The passphrase that opens the repository; asked for once if it is not given.
  public Passphrase passphrase() {
    if (typed.isEmpty()) {
      typed =
          Optional.of(
              Passphrase.of(
                  secrets.require(
                      options.passphraseFile,
                      Secrets.PASSPHRASE_VARIABLE,
                      "--passphrase-file",
                      "passphrase")));
    }
    return typed.get();
  }

  private Optional<Passphrase> givenPassphrase() {
    return typed.or(() ->
        secrets.find(options.passphraseFile, Secrets.PASSPHRASE_VARIABLE).map(Passphrase::of));
  }

  /// A display that lives as long as the run it is opened for.
  public ProgressDisplay progress() {
    if (silent()) {
      return ProgressDisplay.silent();
    }
    return console.terminalColumns().isPresent()
        ? ProgressDisplay.bars(
            console.err(), console.terminalColumns().getAsInt(), console.unicode(), nanoTime)
        : ProgressDisplay.lines(console.err(), nanoTime);
  }

  /// Says something on the way to the answer.
  public void say(List<String> lines) {
    if (!silent()) {
      lines.forEach(console.err()::println);
    }
  }

  /// Prints a part of the answer before the rest is known; in JSON it comes at the end.
  public void show(String line) {
    if (!silent()) {
      console.out().println(line);
      console.out().flush();
    }
  }

  /// Whether the person at the terminal types `yes`.
  ///
  /// @throws InvalidRequest if nobody can be asked; `otherwise` is the hint
  public boolean confirm(String question, String otherwise) {
    if (!console.prompt().available() || options.output == OutputFormat.JSON) {
      throw new InvalidRequest(
          "this asks before it goes on, and there is no terminal to ask on", otherwise);
    }
    return console
        .prompt()
        .line(question + " Type yes: ")
        .map(String::strip)
        .equals(Optional.of("yes"));
  }

  /// True if the answer is one JSON value.
  public boolean json() {
    return options.output == OutputFormat.JSON;
  }

  /// Where the answer goes, for one that is too long to be gathered; [Answer#printed] follows it.
  public PrintStream out() {
    return console.out();
  }

  /// True if the answer goes to a person's terminal, as far as that can be told.
  public boolean toTerminal() {
    return console.prompt().available();
  }

  /// Prints the answer in the form asked for.
  public void print(Answer answer) {
    if (answer.isPrinted()) {
      console.out().flush();
      return;
    }
    switch (options.output) {
      case JSON -> console.out().println(Json.text(answer.json()));
      case TEXT -> {
        if (!options.quiet || answer.exitCode() != Answer.DONE) {
          answer.text().forEach(console.out()::println);
        }
      }
    }
    console.out().flush();
  }

  private boolean silent() {
    return options.quiet || options.output == OutputFormat.JSON;
  }

  GlobalOptions options() {
    return options;
  }
}
