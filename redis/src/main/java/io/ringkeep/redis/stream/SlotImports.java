package io.ringkeep.redis.stream;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the stream of a primary tells of slots that Valkey 9 moves to it as a whole (`CLUSTER
/// MIGRATESLOTS`). For one thread.
///
/// The importing primary passes on to its replicas what it is sent, in this order: `CLUSTER
/// SYNCSLOTS ESTABLISH SOURCE id NAME job SLOTSRANGE first last …`; the keys as ordinary commands,
/// then the writes to them, amid those of its own clients; `FINISH STATE SUCCESS NAME job …`. From
/// there on the keys are its own. Where the job has failed, deletions of what had come stand before
/// `FINISH STATE FAILED`, also if it was a replica that took over. The other side's stream has
/// nothing but the deletion of its keys once it knows.
///
/// Source: `cluster_migrateslots.c` in Valkey; streams of 9.1.2. Redis 8.4 has other commands,
/// which are known by name alone: [#isRedisMove].
public final class SlotImports {
  private static final String SLOTS = "SYNCSLOTS";
  private static final Set<String> STEPS =
      Set.of("ESTABLISH", "ACK", "SNAPSHOT-EOF", "PAUSED", "FAILOVER-GRANTED", "FINISH");

  private final Map<String, Job> running = new HashMap<>();
  private final List<Arrival> arrivals = new ArrayList<>();

  private record Job(String source, BitSet slots) {}

  /// Slots that have come as a whole.
  ///
  /// @param job name of the migration
  /// @param source node id of the primary that had them; empty if the job's begin was not seen
  /// @param slots whose keys they are; none if its begin was not seen
  /// @param end offset behind the command that says so
  public record Arrival(String job, String source, BitSet slots, long end) {
    /// Whether all of its keys came in what was seen of the stream.
    public boolean whole() {
      return !source.isEmpty();
    }
  }

  /// True if a command tells servers of a cluster about slots, and means nothing to others: Valkey
  /// 8 passes `CLUSTER SETSLOT` on to replicas, Valkey 9 `CLUSTER SYNCSLOTS`.
  public static boolean isOne(StreamCommand command) {
    return command.name().equals(StreamCommand.CLUSTER)
        && switch (word(command, 1)) {
          case "SETSLOT" -> true;
          case SLOTS -> STEPS.contains(word(command, 2));
          default -> false;
        };
  }

  /// True if a command tells the replicas of a shard about slots that Redis 8.4 moves as a whole
  /// (`CLUSTER MIGRATION`), to it or away from it: of the beginning and the end of it `CLUSTER
  /// SYNCSLOTS CONF ASM-TASK`, and of the deletion of all keys of slots at once `TRIMSLOTS`. A
  /// server that is in no cluster can do neither.
  ///
  /// Source: `asmNotifyReplicasStateChange` and `propagateTrimSlots` in Redis's `cluster_asm.c`; no
  /// such stream was at hand.
  public static boolean isRedisMove(StreamCommand command) {
    return command.name().equals("TRIMSLOTS")
        || (command.name().equals(StreamCommand.CLUSTER)
            && word(command, 1).equals(SLOTS)
            && word(command, 2).equals("CONF")
            && word(command, 3).equals("ASM-TASK"));
  }

  /// Takes note of what a command says about imports, if it says anything.
  ///
  /// @return what has arrived with it
  public Optional<Arrival> take(StreamCommand command) {
    if (!isOne(command) || !word(command, 1).equals(SLOTS)) {
      return Optional.empty();
    }
    String name = option(command, "NAME");
    switch (word(command, 2)) {
      case "ESTABLISH" -> running.put(name, new Job(option(command, "SOURCE"), slots(command)));
      case "FINISH" -> {
        Job job = running.remove(name);
        if (option(command, "STATE").equalsIgnoreCase("SUCCESS")) {
          Job known = job == null ? new Job("", new BitSet()) : job;
          arrivals.add(new Arrival(name, known.source(), known.slots(), command.end()));
          return Optional.of(arrivals.getLast());
        }
      }
      default -> {}
    }
    return Optional.empty();
  }

  /// Slots whose keys are arriving, and do not count yet.
  public BitSet arriving() {
    BitSet all = new BitSet(Slot.COUNT);
    running.values().forEach(job -> all.or(job.slots()));
    return all;
  }

  /// Whether the keys of a slot are arriving, and do not count yet.
  public boolean isArriving(int slot) {
    return running.values().stream().anyMatch(job -> job.slots().get(slot));
  }

  /// Those that have arrived, in order.
  public List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  private static String word(StreamCommand command, int index) {
    List<String> words = command.kept();
    return index < words.size() ? words.get(index).toUpperCase(Locale.ROOT) : "";
  }

  private static String option(StreamCommand command, String name) {
    for (int i = 3; i + 1 < command.kept().size(); i++) {
      if (word(command, i).equals(name)) {
        return command.kept().get(i + 1);
      }
    }
    return "";
  }

  private static BitSet slots(StreamCommand command) {
    List<String> words = command.kept();
    BitSet slots = new BitSet(Slot.COUNT);
    int at = 3;
    while (at < words.size() && !word(command, at).equals("SLOTSRANGE")) {
      at++;
    }
    for (int i = at + 1; i + 1 < words.size() && isNumber(words.get(i)); i += 2) {
      SlotRange range = SlotRange.parse(words.get(i) + "-" + words.get(i + 1));
      slots.set(range.first(), range.last() + 1);
    }
    return slots;
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,5}");
  }
}
