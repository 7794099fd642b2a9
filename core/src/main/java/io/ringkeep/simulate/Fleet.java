package io.ringkeep.simulate;

import io.ringkeep.advice.Measured;
import io.ringkeep.advice.Plan;
import io.ringkeep.advice.Proposal;
import io.ringkeep.advice.Situation;
import io.ringkeep.advice.StoragePlace;
import io.ringkeep.placement.GroupDeal;
import io.ringkeep.placement.PlacementTable;
import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.StorageNode.State;
import io.ringkeep.placement.Strategy.Sharded;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// A cache, its places and a plan, with every object where the product would put it.
///
/// Time passes in stations: each storage node serves one piece after the other, the processors one
/// object after the other, and as many writers or readers as the product has threads wait for the
/// pieces of an object. Each service takes up to a fifth more or less than its mean.
final class Fleet {
  /*
   * An object is 16 MiB. Where there would be more than 20,000, each stands for several: a queue does not care how
   * finely what goes through it is cut, once it is cut in thousands.
   */
  private static final int MOST_OBJECTS = 20_000;
  private static final int LEAST_PARTS = 500;
  private static final double VARIATION = 0.2;

  private final Situation situation;
  private final Plan plan;
  private final List<StoragePlace> places;
  private final PlacementTable table;
  private final int[][] groups;
  private final long seed;

  Fleet(Situation situation, Proposal proposal, long seed) {
    this.situation = situation;
    this.plan = proposal.plan();
    this.seed = seed;
    this.table = PlacementTable.first(plan.nodes(), plan.strategy());
    this.groups = table.groups();
    Map<String, StoragePlace> byId = new HashMap<>();
    situation.places().forEach(place -> byId.put(place.id(), place));
    this.places = new ArrayList<>();
    for (StorageNode node : table.nodes()) {
      StoragePlace place = byId.get(node.id());
      if (place == null) {
        throw new IllegalArgumentException("a node of the plan is no place: node=" + node.id());
      }
      places.add(place);
    }
  }

  PlacementTable table() {
    return table;
  }

  private boolean sharded() {
    return plan.strategy() instanceof Sharded;
  }

  private int dataPieces() {
    return sharded() ? 1 : plan.strategy().dataPieces();
  }

  /// Objects of so many stored bytes, each as the indexes of the nodes that hold its pieces.
  ///
  /// @param bytes of each object, all the same
  private record Objects(List<int[]> nodes, double bytes) {}

  private Objects objects(double storedBytes, String name) {
    int count = (int) Math.clamp(storedBytes / Measured.OBJECT_BYTES, 1, MOST_OBJECTS);
    List<int[]> nodes = new ArrayList<>(count);
    if (sharded()) {
      int ranges = groups[0].length;
      for (int i = 0; i < count; i++) {
        nodes.add(new int[] {groups[0][(int) ((long) i * ranges / count)]});
      }
    } else {
      GroupDeal deal = table.deal(name + seed);
      for (int i = 0; i < count; i++) {
        nodes.add(groups[deal.next()]);
      }
    }
    return new Objects(nodes, storedBytes / count);
  }

  /// What the fullest node holds over its share.
  double fullest(double storedBytes) {
    Objects objects = objects(storedBytes, "balance");
    double[] held = new double[places.size()];
    double all = 0;
    for (int[] nodes : objects.nodes()) {
      for (int node : nodes) {
        held[node]++;
        all++;
      }
    }
    double fullest = 0;
    double[] shares = table.shares();
    for (int node = 0; node < held.length; node++) {
      fullest = Math.max(fullest, held[node] / (all * shares[node]));
    }
    return fullest;
  }

  /// One run of the clock.
  private final class Run {
    private final Events events = new Events();
    private final SplittableRandom random;
    private final List<Station> nodes;

    Run(long salt) {
      random = new SplittableRandom(seed * 31 + salt);
      nodes = places.stream().map(_ -> new Station(events, 1)).toList();
    }

    double about(double seconds) {
      return seconds * (1 - VARIATION + 2 * VARIATION * random.nextDouble());
    }

    /// Has nodes move a piece each, and goes on when the last is done.
    void pieces(int[] those, double pieceBytes, Runnable done) {
      int[] left = {those.length};
      for (int node : those) {
        nodes
            .get(node)
            .serve(
                about(pieceBytes / places.get(node).bytesPerSecond()),
                () -> {
                  left[0]--;
                  if (left[0] == 0) {
                    done.run();
                  }
                });
      }
    }
  }

  private double roundTrip() {
    return situation.roundTrip().toNanos() / 1e9;
  }

  private int threads() {
    return Math.min(situation.processors(), Measured.MOST_WRITERS);
  }

  /// Seconds of a backup of all data that stores so many bytes.
  double backup(double storedBytes) {
    Run run = new Run(1);
    Objects objects = objects(storedBytes, "backup");
    int count = objects.nodes().size();
    /* What is read is cut more finely than what is stored, where that is little. */
    int parts =
        Math.max(count, Math.clamp(4L * situation.shards(), LEAST_PARTS, 10 * MOST_OBJECTS));
    double data = (double) situation.dataBytes() / parts;
    double processing =
        (Measured.backupSeconds(situation) - situation.pace() * Measured.BACKUP_START_SECONDS)
            / parts;
    double link = situation.linkSeconds(data);
    Station processors = new Station(run.events, 1);
    Station wire = new Station(run.events, 1);
    Threads writers = new Threads(threads());
    double waits = 2 * roundTrip() * objects.bytes() / Measured.OBJECT_BYTES;
    int shards = Math.min(situation.shards(), parts);
    int[] next = {0};
    for (int shard = 0; shard < shards; shard++) {
      Station child = new Station(run.events, 1);
      /* Two parts of a shard's stream are under way: one that the server makes, one that is read. */
      for (int stage = 0; stage < 2; stage++) {
        run.events.after(
            situation.pace() * Measured.BACKUP_START_SECONDS,
            new Runnable() {
              @Override
              public void run() {
                if (next[0] == parts) {
                  return;
                }
                int part = next[0]++;
                int object = (int) ((long) part * count / parts);
                boolean complete = (long) (part + 1) * count / parts > object;
                child.serve(
                    run.about(Measured.serverSeconds(situation, data)),
                    () ->
                        wire.serve(
                            link,
                            () ->
                                processors.serve(
                                    run.about(processing),
                                    () -> {
                                      if (complete) {
                                        writers.take(released ->
                                            run.pieces(
                                                objects.nodes().get(object),
                                                objects.bytes() / dataPieces(),
                                                () -> run.events.after(waits, released)));
                                      }
                                      this.run();
                                    })));
              }
            });
      }
    }
    return run.events.run();
  }

  /// Threads of which each carries one object at a time.
  private static final class Threads {
    private final ArrayDeque<Consumer<Runnable>> waiting = new ArrayDeque<>();
    private int free;

    Threads(int count) {
      free = count;
    }

    /// Has a thread do it; `work` calls what it is given when it is through.
    void take(Consumer<Runnable> work) {
      waiting.add(work);
      next();
    }

    private void next() {
      if (free > 0 && !waiting.isEmpty()) {
        free--;
        waiting
            .remove()
            .accept(() -> {
              free++;
              next();
            });
      }
    }
  }

  /// Seconds until so many stored bytes are read, loaded, and the cache is read back.
  ///
  /// @param localGone whether all local nodes are
  /// @return infinite if an object can't be read
  double restore(double storedBytes, boolean localGone) {
    Run run = new Run(2);
    Objects objects = objects(storedBytes, "backup");
    int count = objects.nodes().size();
    double start =
        situation.pace()
            * (situation.shards() == 1
                ? Measured.LOAD_START_SECONDS
                : Measured.COMMANDS_START_SECONDS);
    double loading = (Measured.loadSeconds(situation) - start) / count;
    double link = situation.linkSeconds((double) situation.dataBytes() / count);
    double range = Math.max(Measured.RANGE_BYTES, dataPieces() * Measured.UNIT_BYTES);
    double waits = roundTrip() * objects.bytes() / range;
    Station loader = new Station(run.events, 1);
    Station wire = new Station(run.events, 1);
    Threads readers = new Threads(threads());
    for (int[] nodes : objects.nodes()) {
      int[] read = readFrom(nodes, localGone);
      if (read.length < dataPieces()) {
        return Double.POSITIVE_INFINITY;
      }
      readers.take(released ->
          run.pieces(
              read,
              objects.bytes() / dataPieces(),
              () ->
                  run.events.after(
                      waits,
                      () -> {
                        wire.serve(link, () -> loader.serve(run.about(loading), () -> {}));
                        released.run();
                      })));
    }
    return start + run.events.run() + readBack();
  }

  /// The nodes that an object is read from: local ones first.
  private int[] readFrom(int[] nodes, boolean localGone) {
    return Arrays.stream(nodes)
        .boxed()
        .filter(node -> !localGone || places.get(node).tier() == StorageNode.Tier.REMOTE)
        .sorted(Comparator.comparing(node -> places.get(node).tier()))
        .limit(dataPieces())
        .mapToInt(node -> node)
        .toArray();
  }

  private double readBack() {
    Run run = new Run(3);
    int parts = Math.max(1_000, situation.shards());
    double data = (double) situation.dataBytes() / parts;
    double link = situation.linkSeconds(data);
    Station wire = new Station(run.events, 1);
    Station processors = new Station(run.events, situation.processors());
    List<Station> children = new ArrayList<>();
    for (int shard = 0; shard < situation.shards(); shard++) {
      children.add(new Station(run.events, 1));
    }
    for (int part = 0; part < parts; part++) {
      children
          .get(part % children.size())
          .serve(
              run.about(Measured.serverSeconds(situation, data)),
              () ->
                  wire.serve(
                      link,
                      () ->
                          processors.serve(
                              run.about(Measured.readBackSeconds(situation, data)), () -> {})));
    }
    return run.events.run();
  }

  /// Seconds until what the first node held is made anew: on other nodes, or on an empty one in its
  /// place where no other may take it.
  double repair(double storedBytes) {
    int lost = heaviest();
    List<StorageNode> after = new ArrayList<>(table.nodes());
    StorageNode node = after.get(lost);
    after.set(
        lost, new StorageNode(node.id(), node.weight(), node.zone(), node.tier(), State.LOST));
    int[][] next =
        places.size() > plan.strategy().width()
            ? table.next(after, plan.strategy()).groups()
            : groups;
    Run run = new Run(4);
    int count = (int) Math.clamp(storedBytes / Measured.OBJECT_BYTES, 1, MOST_OBJECTS);
    double bytes = storedBytes / count;
    GroupDeal deal = table.deal("repair" + seed);
    List<int[]> moves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int group = deal.next();
      for (int position = 0; position < groups[group].length; position++) {
        if (groups[group][position] == lost) {
          moves.add(new int[] {group, position});
        }
      }
    }
    double piece = bytes / dataPieces();
    double waits =
        roundTrip()
            * (piece / Measured.REPAIR_BYTES
                + Measured.REPAIR_ROUNDS * bytes / Measured.OBJECT_BYTES);
    /* One after the other, as NodeCare does. */
    Runnable[] step = new Runnable[1];
    int[] at = {0};
    step[0] =
        () -> {
          if (at[0] == moves.size()) {
            return;
          }
          int[] move = moves.get(at[0]++);
          int[] sources =
              Arrays.stream(groups[move[0]])
                  .filter(one -> one != lost)
                  .limit(dataPieces())
                  .toArray();
          int target = next[move[0]][move[1]];
          run.pieces(
              sources,
              piece,
              () -> run.pieces(new int[] {target}, piece, () -> run.events.after(waits, step[0])));
        };
    step[0].run();
    return run.events.run();
  }

  private int heaviest() {
    double[] shares = table.shares();
    int heaviest = 0;
    for (int node = 1; node < shares.length; node++) {
      heaviest = shares[node] > shares[heaviest] ? node : heaviest;
    }
    return heaviest;
  }
}
