package io.ringkeep.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One build of Redis or Valkey on this machine.
///
/// @param home folder that holds its programs, `server` at least
public record Engine(Product product, int major, int minor, int patch, Path home)
    implements Comparable<Engine> {

  private static final Pattern NAME =
      Pattern.compile("(redis|valkey)-(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})");

  /// Whose server it is.
  public enum Product {
    REDIS,
    VALKEY;

    String lowerCase() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The engine that a folder named like `redis-7.0.15` holds.
  static Optional<Engine> in(Path home) {
    Matcher name = NAME.matcher(home.getFileName().toString());
    if (!name.matches() || !Files.isExecutable(home.resolve("server"))) {
      return Optional.empty();
    }
    return Optional.of(
        new Engine(
            Product.valueOf(name.group(1).toUpperCase(Locale.ROOT)),
            Integer.parseInt(name.group(2)),
            Integer.parseInt(name.group(3)),
            Integer.parseInt(name.group(4)),
            home));
  }

  /// The server program.
  public Path server() {
    return home.resolve("server");
  }

  /// Another of its programs, where the build has it: `cli`, `bench`, `check-rdb`, `check-aof`.
  public Optional<Path> tool(String name) {
    return Optional.of(home.resolve(name)).filter(Files::isExecutable);
  }

  /// True if this is the product at that version or newer.
  public boolean isAtLeast(Product wanted, int wantedMajor, int wantedMinor) {
    return product == wanted
        && (major > wantedMajor || (major == wantedMajor && minor >= wantedMinor));
  }

  /// True if it has what Redis 7.0 brought: functions, `PEXPIRETIME`, guarded `DEBUG`, PXAT in the
  /// stream.
  public boolean hasFunctions() {
    return product == Product.VALKEY || major >= 7;
  }

  /// True if a hash's fields can expire.
  public boolean hasFieldExpiry() {
    return isAtLeast(Product.REDIS, 7, 4) || isAtLeast(Product.VALKEY, 9, 0);
  }

  public String version() {
    return major + "." + minor + "." + patch;
  }

  /// Redis before Valkey, then by version.
  @Override
  public int compareTo(Engine other) {
    int order = product.compareTo(other.product);
    order = order != 0 ? order : Integer.compare(major, other.major);
    order = order != 0 ? order : Integer.compare(minor, other.minor);
    return order != 0 ? order : Integer.compare(patch, other.patch);
  }

  /// Such as `redis-7.0.15`: the name of its folder, and of a parameterised test's row.
  @Override
  public String toString() {
    return product.lowerCase() + "-" + version();
  }
}
