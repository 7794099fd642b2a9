package io.ringkeep.cli.verb;

import java.util.regex.Pattern;

/// Blots secrets out of what a server says about itself.
final class Redaction {
  private static final String BLOT = "***";

  /// `requirepass`, `masterauth`, `primaryauth`, `tls-key-file-pass`, and what modules call so.
  private static final Pattern SECRET_SETTING =
      Pattern.compile(".*(pass|auth$|secret|token|credential).*", Pattern.CASE_INSENSITIVE);

  /// A password, or its hash, in a line of `ACL LIST`.
  private static final Pattern ACL_PASSWORD = Pattern.compile("(?<=\\s)([#><!])\\S+");

  private Redaction() {}

  /// The value of a setting, as it may be shown.
  static String setting(String name, String value) {
    return !value.isEmpty() && SECRET_SETTING.matcher(name).matches() ? BLOT : value;
  }

  /// A line of `ACL LIST`, as it may be shown.
  static String aclLine(String line) {
    return ACL_PASSWORD.matcher(line).replaceAll("$1" + BLOT);
  }
}
