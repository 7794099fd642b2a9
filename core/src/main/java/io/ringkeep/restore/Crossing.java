package io.ringkeep.restore;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.command.Loss;
import io.ringkeep.redis.command.LossFinder;
import io.ringkeep.redis.command.Stall;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.resp.Printable;
import io.ringkeep.repository.manifest.Contents;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How a snapshot's records get from the engine that wrote them to the one that is to hold them: as
/// their bytes, or as commands; and what of them it can't hold.
///
/// @param ability what every server of the target can hold
/// @param byCommands records that are written as commands
/// @param losses how many records lose what
/// @param examples the first of them, in ring order
/// @param sentMillis about the longest that one value which goes as its bytes holds its server up
/// @param readMillis about the longest that reading one value back by itself does
public record Crossing(
    Ability ability,
    long byCommands,
    Map<Loss, Long> losses,
    List<Example> examples,
    long sentMillis,
    long readMillis) {
  /// How many keys are listed by name.
  static final int MOST_EXAMPLES = 100;

  /// A key that does not cross whole.
  ///
  /// @param key printable
  /// @param losses what it loses
  public record Example(int database, String key, Set<Loss> losses) {
    @Override
    public String toString() {
      return "database=%d key=%s: %s"
          .formatted(
              database, key, String.join("; ", losses.stream().map(Loss::words).sorted().toList()));
    }
  }

  public Crossing {
    losses = Map.copyOf(losses);
    examples = List.copyOf(examples);
  }

  /// Of records that all cross as their bytes.
  static Crossing asTheyAre(Ability ability) {
    return new Crossing(ability, 0, Map.of(), List.of(), /* sentMillis= */ 0, /* readMillis= */ 0);
  }

  /// True if the snapshot's list of types says that all cross as their bytes, and hold nobody up.
  static boolean asTheyAre(Ability ability, Contents contents) {
    return contents.types().stream()
            .allMatch(type -> {
              RdbVersion version = RdbVersion.parse(type.version());
              return ability.knows(version, type.type())
                  && Stall.millis(
                          RdbType.logicalType(version, type.type()), contents.largestValueBytes())
                      <= ability.mostStallMillis();
            })
        && DumpPayload.bytes((int) Math.min(contents.largestValueBytes(), Integer.MAX_VALUE))
            <= ability.longestArgument();
  }

  /// True if some of it is not there afterwards.
  public boolean loses() {
    return !losses.isEmpty();
  }

  /// One sentence for each kind of loss.
  public List<String> lossesInWords() {
    return losses.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(loss -> "%d records lose %s".formatted(loss.getValue(), loss.getKey().words()))
        .toList();
  }

  /// Gathers what crosses how, record by record.
  static final class Finder {
    private final Ability ability;
    private final LossFinder finder;
    private final Map<Loss, Long> losses = new EnumMap<>(Loss.class);
    private final List<Example> examples = new ArrayList<>();
    private long byCommands;
    private long sentMillis;
    private long readMillis;

    Finder(Ability ability) {
      this.ability = ability;
      finder = new LossFinder(ability);
    }

    Crossing crossing() {
      return new Crossing(ability, byCommands, losses, examples, sentMillis, readMillis);
    }

    void add(Record record) {
      long millis =
          Stall.millis(
              RdbType.logicalType(record.version(), record.type()), record.value().remaining());
      readMillis = Math.max(readMillis, millis);
      if (ability.restores(record)) {
        sentMillis = Math.max(sentMillis, millis);
        return;
      }
      Set<Loss> lost = finder.losses(record);
      if (lost.stream().noneMatch(Loss::wholeKey)) {
        byCommands++;
      }
      if (!lost.isEmpty()) {
        lost.forEach(loss -> losses.merge(loss, 1L, Long::sum));
        if (examples.size() < MOST_EXAMPLES) {
          examples.add(new Example(record.database(), Printable.of(record.key()), lost));
        }
      }
    }
  }
}
