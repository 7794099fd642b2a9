package io.ringkeep.store;

import java.util.regex.Pattern;

/// What a key looks like: names joined by `/`.
///
/// A name has 1–200 of `A–Z a–z 0–9 . _ -` and does not begin with a dot, so that `.` and `..` are
/// none and a file system may keep hidden names to itself. A key has at most 800 characters.
public final class ObjectKeys {
  private static final int MAX_LENGTH = 800;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");

  private ObjectKeys() {}

  /// Whether this is one name of a key.
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /// Whether this is a key.
  public static boolean isKey(String key) {
    if (key.length() > MAX_LENGTH) {
      return false;
    }
    for (String name : key.split("/", /* limit= */ -1)) {
      if (!isName(name)) {
        return false;
      }
    }
    return true;
  }

  /// The names of a key.
  ///
  /// @throws IllegalArgumentException if it is none
  public static String[] names(String key) {
    if (!isKey(key)) {
      throw new IllegalArgumentException("not an object key: key=" + key);
    }
    return key.split("/", /* limit= */ -1);
  }

  /// The key of a directory without its `/`; empty for all.
  ///
  /// @throws IllegalArgumentException if it is neither empty nor a key followed by `/`
  public static String directory(String directory) {
    if (directory.isEmpty()) {
      return directory;
    }
    if (!directory.endsWith("/")) {
      throw new IllegalArgumentException("a directory ends with a slash: directory=" + directory);
    }
    String key = directory.substring(0, directory.length() - 1);
    names(key);
    return key;
  }
}
