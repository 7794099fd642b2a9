package io.ringkeep.placement.ring;

import io.ringkeep.model.ServerRing;
import io.ringkeep.model.ServerRing.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/// The ring of Jedis: a key belongs to the first point at or after its hash, among signed numbers.
///
/// Source: `Sharded` of Jedis 2.10 and 3, `ShardedConnectionProvider` of Jedis 4.
final class JedisRing {
  /*
   * Point n of a server is the hash of "SHARD-<its index>-NODE-<n>", so the order matters and addresses do not; of a
   * server with a name it is that of "<name>*<n>". A server has 160 points for each unit of weight, whatever the others
   * weigh. Where two have the same point, the later one has it.
   */
  private final TreeMap<Long, Integer> points = new TreeMap<>();

  JedisRing(ServerRing ring) {
    for (int server = 0; server < ring.members().size(); server++) {
      Member member = ring.members().get(server);
      String before = "SHARD-" + server + "-NODE-";
      IntFunction<String> name =
          member
              .alias()
              .<IntFunction<String>>map(alias -> n -> alias + "*" + n)
              .orElse(n -> before + n);
      for (int n = 0; n < KetamaRing.USUAL_POINTS * member.weight(); n++) {
        byte[] bytes = name.apply(n).getBytes(StandardCharsets.UTF_8);
        points.put(KeyHash.of(ring.hash(), ByteBuffer.wrap(bytes)), server);
      }
    }
  }

  /// Index of the server that a hash belongs to.
  int nodeAt(long hash) {
    Map.Entry<Long, Integer> point = points.ceilingEntry(hash);
    return (point == null ? points.firstEntry() : point).getValue();
  }
}
