package io.ringkeep.redis.stream;

import io.ringkeep.redis.resp.Printable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// One command of a stream, as much of it as was kept.
///
/// @param start offset of its first byte
/// @param end offset behind its last byte
/// @param words number of its words; 0 for a bare newline
/// @param kept the first words, each at most [StreamCutter#KEPT_BYTES] of it unless the cutter
///   keeps keys whole, a character a byte
/// @param database that it goes to
/// @param insideTransaction whether it stands between `MULTI` and `EXEC`; both of these count as
///   inside, since nothing can stop between them
public record StreamCommand(
    long start, long end, int words, List<String> kept, int database, boolean insideTransaction) {
  /// Name of commands that primaries of a cluster send to their replicas about slots.
  public static final String CLUSTER = "CLUSTER";

  private static final int SHOWN_WORDS = 6;
  private static final int SHOWN_CHARACTERS = 40;

  public StreamCommand {
    kept = List.copyOf(kept);
  }

  /// Its name in upper case; empty for a bare newline.
  public String name() {
    return kept.isEmpty() ? "" : kept.getFirst().toUpperCase(Locale.ROOT);
  }

  /// True if the stream may be stopped behind it, with nothing done by halves.
  public boolean endsTransaction() {
    return !insideTransaction || name().equals("EXEC");
  }

  /// Whether it changes the dataset, as far as its name tells: what only keeps the link going does
  /// not.
  public boolean changesData() {
    return switch (name()) {
      case "", "PING", "REPLCONF", "SELECT", "MULTI", "EXEC", "PUBLISH", "SPUBLISH", CLUSTER ->
          false;
      default -> true;
    };
  }

  /// Its beginning, for people: printable, cut where it is long.
  public String text() {
    String shown =
        kept.stream()
            .limit(SHOWN_WORDS)
            .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
            .map(Printable::of)
            .map(word ->
                word.length() > SHOWN_CHARACTERS ? word.substring(0, SHOWN_CHARACTERS) + "…" : word)
            .collect(Collectors.joining(" "));
    int left = words - Math.min(kept.size(), SHOWN_WORDS);
    return left > 0 ? "%s … (%d words)".formatted(shown, words) : shown;
  }
}
