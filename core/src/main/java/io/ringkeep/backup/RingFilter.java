package io.ringkeep.backup;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Record;
import io.ringkeep.model.ServerRing;
import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/// Leaves out keys of a ring's servers that no client looks for there.
///
/// A ring that grew leaves them behind: the key is on its new server by now, and the old one keeps
/// what it was. Both in one snapshot would be one key twice. Thread-safe.
final class RingFilter {
  /*
   * A wrong ring of n servers has 1 − 1/n of the keys astray, half of them at the least, if they are hashed evenly; Twemproxy's
   * usual hash puts keys that are much alike close together. One that grew from n servers to m leaves 1 − n/m behind, which are
   * a smaller part once the others hold keys again: a third from 1 to 2, or from 2 to 4. And growing moves keys one way, from
   * old servers to new ones: servers that hold keys of each other never were this ring. What each pair holds of each other is
   * summed up: a wrong tag deals keys over all pairs, so that among ten servers no pair has much. The hundredth is for weights,
   * which Twemproxy and spymemcached divide by their sum: a server that joins moves some keys between the others as well.
   */
  private static final double MOST_ASTRAY = 0.4;

  private static final double MOST_EXCHANGED = 0.01;

  /// How the warnings begin that a snapshot keeps of keys that it does not have.
  static final String LEFT_OUT = "keys that the ring looks for on other servers are left out: ";

  private final KeyRing ring;
  private final Map<Integer, Astray> astray = new TreeMap<>();
  private final LongAdder atHome = new LongAdder();

  /// Keys of one server that belong to others.
  private static final class Astray {
    private final String first;
    private final Map<Integer, Long> byOwner = new TreeMap<>();

    Astray(String first) {
      this.first = first;
    }

    long keys() {
      return byOwner.values().stream().mapToLong(Long::longValue).sum();
    }

    long of(int owner) {
      return byOwner.getOrDefault(owner, 0L);
    }
  }

  RingFilter(ServerRing ring) {
    this.ring = new KeyRing(ring);
  }

  /// Whether clients look for the record's key on this server; notes it if they do not.
  boolean isAtHome(Shard shard, Record record) {
    int server = Integer.parseInt(shard.id());
    int owner = ring.owner(record.key());
    if (owner == server) {
      atHome.increment();
      return true;
    }
    note(server, owner, record);
    return false;
  }

  private synchronized void note(int server, int owner, Record record) {
    astray
        .computeIfAbsent(server, _ -> new Astray(EscapedText.of(record.key())))
        .byOwner
        .merge(owner, 1L, Long::sum);
  }

  /// The keys that servers hold of each other: of each two, what both of them have.
  private long exchanged() {
    long sum = 0;
    for (Map.Entry<Integer, Astray> one : astray.entrySet()) {
      for (Map.Entry<Integer, Long> of : one.getValue().byOwner.entrySet()) {
        Astray other = astray.get(of.getKey());
        if (other != null && one.getKey() < of.getKey()) {
          sum += Math.min(of.getValue(), other.of(one.getKey()));
        }
      }
    }
    return sum;
  }

  /// What was left out.
  ///
  /// @throws InvalidRequest if that shows that the ring is another one
  synchronized List<String> warnings(Topology topology) {
    long elsewhere = astray.values().stream().mapToLong(Astray::keys).sum();
    long all = atHome.sum() + elsewhere;
    if (elsewhere > MOST_ASTRAY * all || exchanged() > MOST_EXCHANGED * all) {
      throw new InvalidRequest(
          "keys are not where this ring looks for them: keys=%d elsewhere=%d"
              .formatted(all, elsewhere),
          "give the ring as the clients have it: client, hash, tag, and each server's name, weight"
              + " and place; if it is, delete what a grown ring left behind");
    }
    List<String> warnings = new ArrayList<>();
    astray.forEach((server, one) ->
        warnings.add(
            LEFT_OUT
                + "server=%s keys=%d first=%s"
                    .formatted(
                        topology.shards().get(server).primary().endpoint(),
                        one.keys(),
                        one.first)));
    return warnings;
  }
}
