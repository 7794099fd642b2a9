package io.ringkeep.client;

import io.ringkeep.placement.PlacementHash;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// What the parts of a backup are called, and thereby on which primaries they lie.
final class PartNames {
  /*
   * A primary is chosen by rendezvous hashing: of all primaries but the backup key's own, the highest draws for the
   * backup. A name that belongs to it is then searched for: ringkeep:{<hash of the backup key>-<try>}:<backup key>, with
   * try 0, 1, … until it falls to that primary. Someone who has lost the backup key finds copies by the same tries,
   * whoever owns what by now. Pieces carry their generation besides, so that a backup that is overwritten stays whole
   * until its successor is.
   *
   * COST  With p primaries of equal share some p tries a part, each a hash and a look into a table.
   */
  static final int TRIES = 4096;

  private final Routing routing;

  PartNames(Routing routing) {
    this.routing = routing;
  }

  /// Names of `count` parts on as many primaries, the backup key itself first.
  ///
  /// @param generation tells pieces of one backup from those of the next at the same name; empty
  ///   for copies
  /// @return fewer than `count` if there are fewer primaries with slots to be found
  List<byte[]> choose(byte[] backupKey, int count, Optional<Long> generation) {
    List<byte[]> names = new ArrayList<>(count);
    names.add(backupKey);
    if (count == 1) {
      return names;
    }
    long subject = subject(backupKey);
    Primary first = routing.owner(backupKey);
    List<Primary> chosen =
        routing.primaries().stream()
            .filter(primary -> !primary.id().equals(first.id()))
            .sorted(Comparator.comparingLong((Primary primary) -> primary.draw(subject)).reversed())
            .limit(count - 1L)
            .toList();
    Set<String> wanted = new TreeSet<>(chosen.stream().map(Primary::id).toList());
    byte[][] found = new byte[chosen.size()][];
    for (int attempt = 0; attempt < TRIES && !wanted.isEmpty(); attempt++) {
      byte[] name = name(backupKey, attempt, generation);
      String owner = routing.owner(name).id();
      if (wanted.remove(owner)) {
        int index =
            IntStream.range(0, found.length)
                .filter(i -> chosen.get(i).id().equals(owner))
                .findFirst()
                .orElseThrow();
        found[index] = name;
      }
    }
    for (byte[] name : found) {
      if (name != null) {
        names.add(name);
      }
    }
    return names;
  }

  /// The name that copies of a backup are looked for at.
  static byte[] copyName(byte[] backupKey, int attempt) {
    return name(backupKey, attempt, Optional.empty());
  }

  private static byte[] name(byte[] backupKey, int attempt, Optional<Long> generation) {
    String hash = HexFormat.of().toHexDigits(subject(backupKey));
    String before = "ringkeep:{" + hash + "-" + attempt + "}:";
    String after = generation.map(millis -> millis + ":").orElse("");
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    name.writeBytes((before + after).getBytes(StandardCharsets.US_ASCII));
    name.writeBytes(backupKey);
    return name.toByteArray();
  }

  /// Hash of a backup key, whatever its bytes: read as Latin-1.
  private static long subject(byte[] backupKey) {
    return PlacementHash.ofObject(
        StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(backupKey)).toString());
  }
}
