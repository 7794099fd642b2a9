package io.ringkeep.recover;

import io.ringkeep.history.CacheHistory;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import java.util.Map;
import java.util.TreeMap;

/// Which timelines of a cache's logs a moment is looked for on, as `status` numbers them. A shard
/// that is not named takes the newest one that has it.
///
/// @param numbers by the name of a shard's log, or its beginning
public record Timelines(Map<String, Integer> numbers) {
  /// The newest that have it.
  public static final Timelines NEWEST = new Timelines(Map.of());

  private static final String HINT = "write 2, or SHARD=2,SHARD=1 with what 'status' shows";

  public Timelines {
    numbers = Map.copyOf(numbers);
  }

  /// Reads `2`, of the only shard, or `SHARD=2,SHARD=1`.
  ///
  /// @throws InvalidRequest if it is neither
  public static Timelines parse(String text) {
    Map<String, Integer> numbers = new TreeMap<>();
    for (String one : text.split(",", -1)) {
      int equals = one.indexOf('=');
      String shard = one.substring(0, Math.max(equals, 0));
      String number = one.substring(equals + 1);
      boolean well =
          number.matches("[1-9][0-9]{0,8}")
              && (equals > 0 || (equals < 0 && text.equals(one)))
              && numbers.put(shard, Integer.valueOf(number)) == null;
      if (!well) {
        throw new InvalidRequest("not a timeline: " + text, HINT);
      }
    }
    return new Timelines(numbers);
  }

  /// The numbers by the whole names of logs.
  ///
  /// @throws InvalidRequest if there are several shards, and it is not said whose timeline is meant
  /// @throws NotFound if a name is not the beginning of one shard's
  Map<String, Integer> of(CacheHistory history) {
    Map<String, Integer> known = new TreeMap<>();
    numbers.forEach((beginning, number) -> {
      if (beginning.isEmpty() && history.shards().size() > 1) {
        throw new InvalidRequest(
            "each shard has timelines of its own: shards=%d".formatted(history.shards().size()),
            HINT);
      }
      known.put(history.logNamed(beginning), number);
    });
    return known;
  }
}
