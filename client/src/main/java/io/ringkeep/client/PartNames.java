package io.ringkeep.client;

import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.placement.PlacementHash;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What the parts of a backup are called, and thereby on which primaries they lie.
final class PartNames {
  /*
   * A primary is chosen by rendezvous hashing: of all primaries but the backup key's own, the highest draws for the
   * backup. A part's name is the first one that belongs to its primary: ringkeep:{<hash of the backup key>-<try>}:<backup
   * key>, with try 0, 1, … Someone who has lost the backup key finds copies by the same tries, whoever owns what by now;
   * so a primary with too few slots for any of these tries is passed over, and the next draw is taken. Pieces carry their
   * generation besides, so that a backup that is overwritten stays whole until its successor is; the backup key names
   * them, so more tries do no harm.
   *
   * COST  With p primaries of equal share some p tries a part, each a hash and a look into a table; all tries where one
   * of the highest draws has hardly a slot.
   */
  static final int COPY_TRIES = 512;
  private static final int PIECE_TRIES = 4096;

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
    Primary own = routing.owner(backupKey);
    List<String> ranked =
        routing.primaries().stream()
            .filter(primary -> !primary.id().equals(own.id()))
            .sorted(Comparator.comparingLong((Primary primary) -> primary.draw(subject)).reversed())
            .map(Primary::id)
            .toList();
    Map<String, byte[]> first = firstNames(ranked, count - 1, backupKey, generation);
    ranked.stream().map(first::get).filter(Objects::nonNull).limit(count - 1L).forEach(names::add);
    return names;
  }

  /// The first name of each primary that one belongs to; no more are looked for once the highest
  /// `enough` draws have theirs.
  private Map<String, byte[]> firstNames(
      List<String> ranked, int enough, byte[] backupKey, Optional<Long> generation) {
    String start = start(backupKey);
    Set<String> best = new HashSet<>(ranked.subList(0, Math.min(enough, ranked.size())));
    Map<String, byte[]> first = new HashMap<>();
    int tries = generation.isPresent() ? PIECE_TRIES : COPY_TRIES;
    for (int attempt = 0; attempt < tries && !best.isEmpty(); attempt++) {
      byte[] name = name(start, backupKey, attempt, generation);
      try {
        String owner = routing.owner(name).id();
        first.putIfAbsent(owner, name);
        best.remove(owner);
      } catch (Unavailable e) {
        // Nobody serves that slot; the next name is in another one.
      }
    }
    return first;
  }

  /// All names that copies of a backup are looked for at.
  static List<byte[]> copyNames(byte[] backupKey) {
    String start = start(backupKey);
    List<byte[]> names = new ArrayList<>(COPY_TRIES);
    for (int attempt = 0; attempt < COPY_TRIES; attempt++) {
      names.add(name(start, backupKey, attempt, Optional.empty()));
    }
    return names;
  }

  /// True of the backup key and of what parts of its backups are called.
  static boolean belongs(byte[] name, byte[] backupKey) {
    byte[] start = Text.bytes(start(backupKey));
    int rest = name.length - backupKey.length;
    return Arrays.equals(name, backupKey)
        || (rest > start.length
            && Arrays.equals(name, 0, start.length, start, 0, start.length)
            && Arrays.equals(name, rest, name.length, backupKey, 0, backupKey.length));
  }

  private static String start(byte[] backupKey) {
    return "ringkeep:{" + HexFormat.of().toHexDigits(subject(backupKey)) + "-";
  }

  private static byte[] name(
      String start, byte[] backupKey, int attempt, Optional<Long> generation) {
    String before = start + attempt + "}:";
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
