package io.ringkeep.backup;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.Record;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.redis.topology.Topology;
import io.ringkeep.ring.CacheRing;
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
  private final CacheRing ring;
  private final Map<Integer, Astray> astray = new TreeMap<>();
  private final LongAdder atHome = new LongAdder();

  /// Keys of one server that belong to others.
  private static final class Astray {
    private final String first;
    private long keys;

    Astray(String first) {
      this.first = first;
    }
  }

  RingFilter(CacheRing ring) {
    this.ring = ring;
  }

  /// Whether clients look for the record's key on this server; notes it if they do not.
  boolean isAtHome(Shard shard, Record record) {
    int server = Integer.parseInt(shard.id());
    if (ring.owner(record.key()) == server) {
      atHome.increment();
      return true;
    }
    note(server, record);
    return false;
  }

  private synchronized void note(int server, Record record) {
    astray.computeIfAbsent(server, _ -> new Astray(EscapedText.of(record.key()))).keys++;
  }

  /// What was left out.
  ///
  /// @throws InvalidRequest if it is more than was kept: then it is the ring that is wrong
  synchronized List<String> warnings(Topology topology) {
    long all = astray.values().stream().mapToLong(one -> one.keys).sum();
    if (all > atHome.sum()) {
      throw new InvalidRequest(
          "most keys are not where this ring looks for them: keys=%d elsewhere=%d"
              .formatted(atHome.sum() + all, all),
          "name the servers as the clients' ring does: the same host:port, order and weights");
    }
    List<String> warnings = new ArrayList<>();
    astray.forEach((server, one) ->
        warnings.add(
            "keys that the ring looks for on other servers are left out: server=%s keys=%d first=%s"
                .formatted(
                    topology.shards().get(server).primary().endpoint(), one.keys, one.first)));
    return warnings;
  }
}
