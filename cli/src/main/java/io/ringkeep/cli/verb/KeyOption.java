package io.ringkeep.cli.verb;

import io.ringkeep.lookup.KeyName;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.redis.EscapedText;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import picocli.CommandLine.Option;

/// How the keys that a command is given are to be read.
final class KeyOption {
  @Option(names = "--db", paramLabel = "N", description = "database of the key (default: 0)")
  private int database;

  @Option(
      names = "--key-hex",
      description = "the key is given in hexadecimal digits, such as 757365723a31")
  private boolean hex;

  /// The key that `text` names.
  ///
  /// @throws InvalidRequest if it names none
  KeyName key(String text) {
    if (database < 0) {
      throw new InvalidRequest("no such database: db=" + database, "databases count from 0");
    }
    try {
      return new KeyName(
          database, hex ? ByteBuffer.wrap(HexFormat.of().parseHex(text)) : EscapedText.parse(text));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(
          "not hexadecimal: key=" + text, "give two digits for each byte, or leave --key-hex out");
    }
  }
}
