package io.ringkeep.redis.topology;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.topology.Topology.SlotMove;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One line of `CLUSTER NODES`: what the server asked knows about one server of its cluster.
///
/// ```
/// <id> <address>:<port>@<bus port>[,<host name>[,…]] <flags> <primary's id or -> <ping> <pong> <epoch> <link> <slots…>
/// ```
///
/// Every version from 3.0 on has it, with fields added inside the second word since 7.0. Moving
/// slots (`[5->-id]`, `[5-<-id]`) stand only in the line of the server asked. Source:
/// `clusterGenNodeDescription` in `cluster.c`, `cluster_legacy.c`.
///
/// @param address empty where the cluster has none for it yet
/// @param port the port for clients
/// @param primaryId of a replica
/// @param moves those that this line names
record ClusterNode(
    String id,
    String address,
    int port,
    Set<String> flags,
    Optional<String> primaryId,
    List<SlotRange> slots,
    List<SlotMove> moves) {

  /// The lines of a whole reply.
  static List<ClusterNode> parse(String reply) {
    return reply.lines().filter(line -> !line.isBlank()).map(ClusterNode::parseLine).toList();
  }

  private static ClusterNode parseLine(String line) {
    String[] words = line.split(" ", -1);
    if (words.length < 8) {
      throw new IllegalArgumentException("not a line of CLUSTER NODES: " + line);
    }
    String place = words[1].split("[@,]", 2)[0];
    int colon = place.lastIndexOf(':');
    List<SlotRange> slots = new ArrayList<>();
    List<SlotMove> moves = new ArrayList<>();
    for (int i = 8; i < words.length; i++) {
      if (words[i].startsWith("[")) {
        moves.add(move(words[0], words[i]));
      } else {
        slots.add(SlotRange.parse(words[i]));
      }
    }
    return new ClusterNode(
        words[0],
        place.substring(0, colon),
        Integer.parseInt(place.substring(colon + 1)),
        Set.of(words[2].split(",", -1)),
        words[3].equals("-") ? Optional.empty() : Optional.of(words[3]),
        List.copyOf(slots),
        List.copyOf(moves));
  }

  private static SlotMove move(String id, String word) {
    String[] parts = word.substring(1, word.length() - 1).split("->-|-<-", -1);
    SlotRange slot = SlotRange.parse(parts[0]);
    return word.contains("->-")
        ? new SlotMove(slot, id, parts[1])
        : new SlotMove(slot, parts[1], id);
  }

  /// True if the reply came from this server.
  boolean isMyself() {
    return flags.contains("myself");
  }

  /// Whether it has the same slots in its own view, which is the first to know.
  boolean isToldAlikeIn(List<ClusterNode> itsView) {
    return itsView.stream()
        .filter(ClusterNode::isMyself)
        .allMatch(itself -> itself.id.equals(id) && itself.slots.equals(slots));
  }

  /// True if it takes writes, or should.
  boolean isPrimary() {
    return flags.contains("master");
  }

  /// True unless the cluster has given it up, does not know it yet, or does not know where it is.
  /// One that is only suspected (`fail?`) may well answer.
  boolean isPresent() {
    return port != 0
        && !flags.contains("fail")
        && !flags.contains("handshake")
        && !flags.contains("noaddr");
  }

  /// Where to reach it; a server that does not know its own address is where it was asked.
  Endpoint endpoint(String askedHost) {
    return new Endpoint(address.isEmpty() ? askedHost : address, port);
  }

  /// The slots that none of `nodes` serves.
  static List<SlotRange> unserved(Collection<ClusterNode> nodes) {
    BitSet served = new BitSet(Slot.COUNT);
    for (ClusterNode node : nodes) {
      node.slots.forEach(range -> served.set(range.first(), range.last() + 1));
    }
    served.flip(0, Slot.COUNT);
    return SlotRange.covering(served.stream().boxed().toList());
  }
}
