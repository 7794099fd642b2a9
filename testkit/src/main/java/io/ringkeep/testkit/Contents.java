package io.ringkeep.testkit;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What one or several servers held when an [Oracle] read them.
public final class Contents {
  private static final int SHOWN_DIFFERENCES = 50;
  private static final int SHOWN_CHARACTERS = 160;

  private final SortedMap<Name, Facts> keys;
  private final SortedMap<String, String> functions;
  private final Optional<String> wholeDigest;

  /// @param wholeDigest what the server says of all it holds, where that can be compared
  Contents(
      SortedMap<Name, Facts> keys,
      SortedMap<String, String> functions,
      Optional<String> wholeDigest) {
    this.keys = keys;
    this.functions = functions;
    this.wholeDigest = wholeDigest;
  }

  /// A key and its database. The text has bytes above ASCII escaped.
  record Name(int database, String key) implements Comparable<Name> {
    @Override
    public int compareTo(Name other) {
      int order = Integer.compare(database, other.database);
      return order != 0 ? order : key.compareTo(other.key);
    }

    @Override
    public String toString() {
      return "db=" + database + " key=" + shorten(key);
    }
  }

  /// What is known of a key.
  ///
  /// @param digest the server's digest of the value
  /// @param expiryMillis absolute expiry, or -1
  /// @param detail what the digest leaves out: expiries of fields, state of a stream
  record Facts(String type, String digest, long expiryMillis, String detail) {}

  /// Number of keys.
  public long keys() {
    return keys.size();
  }

  /// Number of keys of each database that has any.
  public SortedMap<Integer, Long> keysByDatabase() {
    SortedMap<Integer, Long> counts = new TreeMap<>();
    keys.keySet().forEach(name -> counts.merge(name.database(), 1L, Long::sum));
    return counts;
  }

  /// Number of keys of each type, as `TYPE` names them.
  public SortedMap<String, Long> keysByType() {
    SortedMap<String, Long> counts = new TreeMap<>();
    keys.values().forEach(facts -> counts.merge(facts.type(), 1L, Long::sum));
    return counts;
  }

  /// Function libraries by name.
  public SortedMap<String, String> functions() {
    return functions;
  }

  /// The sum mod 2^128, in hexadecimal, of a hash of each key with all that is known of it. Equal
  /// contents have equal sums whatever the servers' number and shape.
  public String sum() {
    BigInteger sum = BigInteger.ZERO;
    for (Map.Entry<Name, Facts> entry : keys.entrySet()) {
      sum = sum.add(hash(entry.getKey(), entry.getValue()));
    }
    return "%032x".formatted(sum.mod(BigInteger.ONE.shiftLeft(128)));
  }

  private static BigInteger hash(Name name, Facts facts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Object part :
          List.of(
              name.database(), name.key(), facts.digest(), facts.expiryMillis(), facts.detail())) {
        byte[] bytes = part.toString().getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
      }
      return new BigInteger(1, digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Says where `actual` differs from this, a line each; empty if they are the same.
  public List<String> differences(Contents actual) {
    List<String> lines = new ArrayList<>();
    TreeSet<Name> names = new TreeSet<>(keys.keySet());
    names.addAll(actual.keys.keySet());
    for (Name name : names) {
      describe(name.toString(), keys.get(name), actual.keys.get(name)).ifPresent(lines::add);
    }
    TreeSet<String> libraries = new TreeSet<>(functions.keySet());
    libraries.addAll(actual.functions.keySet());
    for (String library : libraries) {
      String expected = functions.get(library);
      String found = actual.functions.get(library);
      if (!Objects.equals(expected, found)) {
        lines.add("function library %s: %s".formatted(library, contrast(expected, found)));
      }
    }
    if (lines.isEmpty()
        && wholeDigest.isPresent()
        && actual.wholeDigest.isPresent()
        && !wholeDigest.equals(actual.wholeDigest)) {
      lines.add("all: " + contrast(wholeDigest.get(), actual.wholeDigest.get()));
    }
    if (lines.size() > SHOWN_DIFFERENCES) {
      int more = lines.size() - SHOWN_DIFFERENCES;
      lines = new ArrayList<>(lines.subList(0, SHOWN_DIFFERENCES));
      lines.add("and " + more + " more");
    }
    return lines;
  }

  private static Optional<String> describe(
      String name, @Nullable Facts expected, @Nullable Facts actual) {
    if (expected == null || actual == null) {
      return Optional.of(name + (expected == null ? " is too many" : " is missing"));
    }
    if (expected.equals(actual)) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>();
    if (!expected.type().equals(actual.type())) {
      parts.add("type " + contrast(expected.type(), actual.type()));
    }
    if (!expected.digest().equals(actual.digest())) {
      parts.add("value " + contrast(expected.digest(), actual.digest()));
    }
    if (expected.expiryMillis() != actual.expiryMillis()) {
      parts.add("expiry " + contrast("" + expected.expiryMillis(), "" + actual.expiryMillis()));
    }
    if (!expected.detail().equals(actual.detail())) {
      parts.add("detail " + contrast(expected.detail(), actual.detail()));
    }
    return Optional.of(name + " " + expected.type() + ": " + String.join("; ", parts));
  }

  /// Both texts from a little before where they part.
  private static String contrast(@Nullable String expected, @Nullable String actual) {
    if (expected == null || actual == null) {
      return expected == null ? "is too many" : "is missing";
    }
    int same = 0;
    int shorter = Math.min(expected.length(), actual.length());
    while (same < shorter && expected.charAt(same) == actual.charAt(same)) {
      same++;
    }
    int from = Math.max(0, same - SHOWN_CHARACTERS / 4);
    return "expected=%s actual=%s"
        .formatted(shorten(expected.substring(from)), shorten(actual.substring(from)));
  }

  private static String shorten(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }

  @Override
  public String toString() {
    return keys.size() + " keys, sum " + sum();
  }
}
