package io.ringkeep.redis.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/// Commands of a stream that say how long a key lives instead of until when, as servers before 7.0
/// pass them on: replayed later, they would lengthen its life.
///
/// Source: `setGenericCommand` in `t_string.c`, `expireGenericCommand` in `expire.c`,
/// `restoreCommand` in `cluster.c` of Redis 6.0 and 6.2. What these commands do on a server that
/// lets none of its keys expire, as a replica, is right but for the time; a `PEXPIREAT` behind them
/// mends it.
public final class RelativeExpiry {
  /// How many words of a command tell: `RESTORE key ttl payload REPLACE ABSTTL IDLETIME n`, any
  /// order behind the payload.
  public static final int WORDS = 10;

  private static final long SECOND = 1_000;

  private RelativeExpiry() {}

  /// How many milliseconds from its execution on the command's key, its second word, lives; empty
  /// if the command says nothing of the kind.
  ///
  /// @param command of which [#WORDS] words were kept
  public static OptionalLong millis(StreamCommand command) {
    List<String> words = command.kept();
    return switch (command.name()) {
      case "EXPIRE", "SETEX" -> number(words, 2, SECOND);
      case "PEXPIRE", "PSETEX" -> number(words, 2, 1);
      case "SET" -> option(words, 3);
      case "GETEX" -> option(words, 2);
      case "RESTORE", "RESTORE-ASKING" -> restored(words);
      default -> OptionalLong.empty();
    };
  }

  /// `PEXPIREAT` of the command's key.
  ///
  /// @param command whose key was kept whole
  /// @param millis when the key ends, since 1970
  public static ByteBuffer endsAt(StreamCommand command, long millis) {
    String key = command.kept().get(1);
    String end = Long.toString(millis);
    return StandardCharsets.ISO_8859_1.encode(
        "*3\r\n$9\r\nPEXPIREAT\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n"
            .formatted(key.length(), key, end.length(), end));
  }

  private static OptionalLong option(List<String> words, int from) {
    for (int i = from; i < words.size() - 1; i++) {
      if (words.get(i).equalsIgnoreCase("EX")) {
        return number(words, i + 1, SECOND);
      }
      if (words.get(i).equalsIgnoreCase("PX")) {
        return number(words, i + 1, 1);
      }
    }
    return OptionalLong.empty();
  }

  /// A time to live of 0 is none.
  private static OptionalLong restored(List<String> words) {
    boolean absolute = words.stream().skip(4).anyMatch(word -> word.equalsIgnoreCase("ABSTTL"));
    OptionalLong lives = absolute ? OptionalLong.empty() : number(words, 2, 1);
    return lives.isPresent() && lives.getAsLong() == 0 ? OptionalLong.empty() : lives;
  }

  private static OptionalLong number(List<String> words, int index, long factor) {
    // Longer ones are refused by servers, and so in no stream.
    return words.size() > index && words.get(index).matches("[0-9]{1,15}")
        ? OptionalLong.of(Long.parseLong(words.get(index)) * factor)
        : OptionalLong.empty();
  }
}
