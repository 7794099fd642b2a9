package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.nodes.NodeInfo;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.nodes.ReadReport;
import io.ringkeep.nodes.WriteReport;
import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ReadOnlyStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Adds to an answer what became of its bytes on several storage nodes. Answers about a repository
/// in one place stay as they are.
final class StorageReport {
  private StorageReport() {}

  /// Refuses to begin what could not be committed.
  ///
  /// @throws Unavailable if too few nodes answer
  static void requireWritable(Repository repository) {
    if (repository.store() instanceof PlacedStore store) {
      store
          .readOnlyBecause()
          .ifPresent(why -> {
            throw new Unavailable(
                "nothing can be written: " + why, "'nodes list' shows how each node is", null);
          });
    }
  }

  /// What it comes to that too few nodes answer: waiting for them helps, another user does not.
  static Unavailable unwritable(ReadOnlyStoreException failure) {
    return new Unavailable(
        String.valueOf(failure.getMessage()), "'nodes list' shows how each node is", failure);
  }

  /// What was written, under `stored`.
  ///
  /// @param full whether every piece and copy was written
  /// @param survives how many nodes, whichever, may be lost now without losing any of it
  /// @param missing by node, pieces and copies that it should have and has not
  record Written(
      boolean full,
      String strategy,
      long objects,
      long degraded,
      int survives,
      Map<String, Long> missing,
      Map<String, String> away) {}

  /// What was read, under `read`.
  ///
  /// @param rebuiltBytes computed from other pieces
  /// @param damaged pieces that were left out, as `node: key`
  /// @param slow nodes that were left for faster ones
  record Read(
      List<NodeRead> nodes,
      long rebuiltBytes,
      List<String> damaged,
      List<String> slow,
      Map<String, String> away) {}

  /// What came from one node.
  record NodeRead(String node, String tier, long pieces, long bytes) {}

  /// An answer to a command that wrote to a repository.
  static Answer written(Answer answer, Repository repository) {
    return written(answer, repository.store());
  }

  /// An answer to a command that wrote. Needs attention if anything is below full strength.
  static Answer written(Answer answer, ObjectStore place) {
    if (!(place instanceof PlacedStore store) || store.writes().objects() == 0) {
      return answer;
    }
    WriteReport writes = store.writes();
    Written written =
        new Written(
            writes.full(),
            store.strategy().toString(),
            writes.objects(),
            writes.degraded(),
            writes.survives(),
            writes.missing(),
            store.away());
    String losses =
        writes.survives() == 0
            ? "no node may be lost"
            : "any %s may be lost".formatted(Text.count(writes.survives(), "node"));
    List<String> lines = new ArrayList<>(answer.text());
    if (writes.full()) {
      lines.add(
          "stored on %s as %s: %s"
              .formatted(Text.count(store.nodes().size(), "node"), written.strategy(), losses));
    } else {
      lines.add(
          "DEGRADED: %s of %s lack a piece or a copy on %s; as it is, %s"
              .formatted(
                  Text.count(writes.degraded()),
                  Text.count(writes.objects(), "object"),
                  String.join(", ", writes.missing().keySet()),
                  losses));
      lines.add("hint: 'nodes repair' makes them anew when the nodes answer");
    }
    return extended(answer, "stored", written, lines, writes.full());
  }

  /// An answer to a command that read. Needs attention if it came upon damage.
  static Answer read(Answer answer, Repository repository) {
    if (!(repository.store() instanceof PlacedStore store)) {
      return answer;
    }
    ReadReport reads = store.reads();
    Map<String, String> tiers =
        store.nodes().stream()
            .map(NodeInfo::node)
            .collect(Collectors.toMap(node -> node.id(), node -> Choices.word(node.tier())));
    List<NodeRead> nodes =
        reads.nodes().entrySet().stream()
            .map(entry ->
                new NodeRead(
                    entry.getKey(),
                    tiers.getOrDefault(entry.getKey(), "unknown"),
                    entry.getValue().pieces(),
                    entry.getValue().bytes()))
            .toList();
    List<String> lines = new ArrayList<>(answer.text());
    if (!nodes.isEmpty()) {
      lines.add(
          "read from "
              + nodes.stream()
                  .map(node ->
                      "%s (%s) %s"
                          .formatted(node.node(), node.tier(), ByteSize.format(node.bytes())))
                  .collect(Collectors.joining(", "))
              + (reads.tiers().size() > 1
                  ? reads.tiers().entrySet().stream()
                      .map(tier ->
                          "%s %s"
                              .formatted(
                                  Choices.word(tier.getKey()),
                                  ByteSize.format(tier.getValue().bytes())))
                      .collect(Collectors.joining(", ", "; ", ""))
                  : "")
              + (reads.rebuilt() > 0
                  ? "; %s rebuilt from other pieces".formatted(ByteSize.format(reads.rebuilt()))
                  : ""));
    }
    store
        .away()
        .forEach((node, why) -> lines.add("note: node %s was left alone: %s".formatted(node, why)));
    reads.slow().forEach(node -> lines.add("note: node was slow and left for others: " + node));
    reads.damaged().forEach(piece -> lines.add("damaged: " + piece));
    if (!reads.damaged().isEmpty()) {
      lines.add("hint: 'nodes scrub --repair' makes damaged pieces anew");
    }
    Read read = new Read(nodes, reads.rebuilt(), reads.damaged(), reads.slow(), store.away());
    return extended(answer, "read", read, lines, reads.damaged().isEmpty());
  }

  private static Answer extended(
      Answer answer, String name, Object view, List<String> lines, boolean healthy) {
    Object json =
        answer.json() instanceof List ? answer.json() : Json.with(answer.json(), name, view);
    return new Answer(
        json, lines, healthy ? answer.exitCode() : Math.max(answer.exitCode(), Answer.ATTENTION));
  }
}
