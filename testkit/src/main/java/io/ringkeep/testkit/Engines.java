package io.ringkeep.testkit;

import io.ringkeep.testkit.Engine.Product;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The engines on this machine that tests run against.
///
/// `testkit/engines/get-engines.sh` fills the folder that the system property `ringkeep.engines`
/// (or else the environment variable `RINGKEEP_ENGINES`) names, and writes into its file `SKIPPED`
/// what could not be had and why. For a parameterised test:
///
/// ```java
/// @ParameterizedTest
/// @MethodSource("io.ringkeep.testkit.Engines#all")
/// void restore_sameEngine_sameDigest(Engine engine) {
/// ```
public final class Engines {
  private static final Pattern VERSION = Pattern.compile("v=(\\d+\\.\\d+\\.\\d+)");

  private Engines() {}

  /// Every engine that is there, oldest first, Redis before Valkey.
  ///
  /// @throws EngineException if there is none
  public static Stream<Engine> all() {
    return list().stream();
  }

  /// As [#all].
  public static List<Engine> list() {
    Path folder = folder();
    List<Engine> engines = List.of();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> homes = Files.list(folder)) {
        engines = homes.map(Engine::in).flatMap(Optional::stream).sorted().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    if (engines.isEmpty()) {
      throw new EngineException(
          "no engine found: folder=" + folder + "; testkit/engines/get-engines.sh fills it");
    }
    return engines;
  }

  /// One engine of each kind that matters to a test too slow to run on all: Redis 6.2, the newest
  /// Redis and the newest Valkey.
  public static Stream<Engine> few() {
    return Stream.of(Optional.of(redis62()), Optional.of(newest()), newestValkey())
        .flatMap(Optional::stream)
        .distinct();
  }

  /// What could not be had: the row's label and the reason.
  public static Map<String, String> skipped() {
    Path file = folder().resolve("SKIPPED");
    Map<String, String> reasons = new LinkedHashMap<>();
    if (Files.exists(file)) {
      try (Stream<String> lines = Files.lines(file)) {
        lines.forEach(line -> {
          int colon = line.indexOf(": ");
          if (colon > 0) {
            reasons.put(line.substring(0, colon), line.substring(colon + 2));
          }
        });
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return reasons;
  }

  /// The newest Redis.
  public static Engine newest() {
    return all().filter(Engines::isRedis).reduce((older, newer) -> newer).orElseThrow();
  }

  /// The newest Valkey, where there is one.
  public static Optional<Engine> newestValkey() {
    return all().filter(engine -> !isRedis(engine)).reduce((older, newer) -> newer);
  }

  /// Redis 6.0, where it could be had.
  public static Optional<Engine> redis60() {
    return named(Product.REDIS, 6, 0);
  }

  /// Redis 6.2: always there.
  public static Engine redis62() {
    return required(Product.REDIS, 6, 2);
  }

  /// Redis 7.0: always there.
  public static Engine redis70() {
    return required(Product.REDIS, 7, 0);
  }

  /// The newest patch of Redis 8.0, where it could be had.
  public static Optional<Engine> redis80() {
    return named(Product.REDIS, 8, 0);
  }

  /// Valkey 8.1, where it could be had.
  public static Optional<Engine> valkey81() {
    return named(Product.VALKEY, 8, 1);
  }

  /// The newest Valkey 9, where it could be had.
  public static Optional<Engine> valkey9() {
    return newestValkey().filter(engine -> engine.major() == 9);
  }

  /// The newest patch of one minor version.
  public static Optional<Engine> named(Product product, int major, int minor) {
    return all()
        .filter(e -> e.product() == product && e.major() == major && e.minor() == minor)
        .reduce((older, newer) -> newer);
  }

  private static Engine required(Product product, int major, int minor) {
    return named(product, major, minor)
        .orElseThrow(() ->
            new EngineException(
                "engine missing: %s %d.%d folder=%s; testkit/engines/get-engines.sh fetches it"
                    .formatted(product.lowerCase(), major, minor, folder())));
  }

  /// Unpacks the server that the library embedded-redis carries for this platform into a folder
  /// below `directory`. Needs no network and no other engine.
  ///
  /// @throws EngineException if there is none for this platform, or it does not run here
  public static Engine embedded(Path directory) {
    String resource = embeddedName();
    Path program = directory.resolve("embedded-server");
    try (InputStream content = Engines.class.getResourceAsStream("/" + resource)) {
      if (content == null) {
        throw new EngineException("no server embedded for this platform: resource=" + resource);
      }
      Files.createDirectories(directory);
      Files.copy(content, program);
      setExecutable(program);
      Path home = directory.resolve("redis-" + embeddedVersion(program));
      Files.createDirectory(home);
      Files.move(program, home.resolve("server"));
      return Engine.in(home).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void setExecutable(Path program) throws IOException {
    if (!program.toFile().setExecutable(/* executable= */ true, /* ownerOnly= */ true)) {
      throw new IOException("cannot be made executable: file=" + program);
    }
  }

  /// What the library calls the server for this platform. The name's version is not the server's.
  private static String embeddedName() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    if (os.contains("mac")) {
      return "redis-server-6.2.6-v5-darwin-" + (arm ? "arm64" : "amd64");
    }
    return arm ? "redis-server-6.2.7-linux-arm64" : "redis-server-6.2.6-v5-linux-amd64";
  }

  /// @throws EngineException if it does not run here: another C library, or a folder of files that
  ///   may not be run
  static String embeddedVersion(Path program) throws IOException {
    Process process = start(program, "--version");
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher version = VERSION.matcher(said);
    if (!version.find()) {
      throw new EngineException("embedded server does not run here: " + said.strip());
    }
    return version.group(1);
  }

  private static Process start(Path program, String argument) {
    try {
      return new ProcessBuilder(program.toString(), argument).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new EngineException("embedded server does not run here: " + e.getMessage(), e);
    }
  }

  private static boolean isRedis(Engine engine) {
    return engine.product() == Product.REDIS;
  }

  static Path folder() {
    String property = System.getProperty("ringkeep.engines");
    String variable = System.getenv("RINGKEEP_ENGINES");
    if (property == null && variable == null) {
      throw new EngineException(
          "no folder of engines: set -Dringkeep.engines or RINGKEEP_ENGINES to one that"
              + " testkit/engines/get-engines.sh filled");
    }
    return Path.of(property != null ? property : variable);
  }
}
