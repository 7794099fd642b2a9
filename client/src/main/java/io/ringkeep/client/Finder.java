package io.ringkeep.client;

import io.ringkeep.client.Exchange.Answer;
import io.ringkeep.client.Exchange.Request;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/// Finds backups: at their backup keys, or at a copy if that is gone, damaged or out of reach; and
/// the pieces of divided ones.
final class Finder {
  private static final int SEARCHED_AT_ONCE = 64;

  private final Exchange exchange;
  private final Routing routing;

  Finder(Exchange exchange, Routing routing) {
    this.exchange = exchange;
    this.routing = routing;
  }

  /// A backup, or why there is none.
  ///
  /// @param envelope of any whole part of it
  /// @param value whole and checked; null if it was not asked for or can't be had
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these
  record Found(
      @Nullable Envelope envelope, byte @Nullable [] value, @Nullable BackupException failure) {}

  /// A piece that is asked for.
  ///
  /// @param backup index of its backup among those that are looked for
  private record Wanted(int backup, Envelope head, int part) {}

  /// The backups at these keys, values and all, in their order.
  List<Found> find(List<byte[]> backupKeys) {
    List<Found> heads = heads(backupKeys);
    List<Request> requests = new ArrayList<>();
    List<Wanted> whose = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Envelope head = heads.get(i).envelope();
      if (head != null && head.divided()) {
        for (int part = 1; part < head.parts().size(); part++) {
          requests.add(Request.of(head.parts().get(part), Command.GET));
          whose.add(new Wanted(i, head, part));
        }
      }
    }
    List<Answer> answers = exchange.run(requests);
    Map<Integer, List<byte[]>> pieces = new HashMap<>();
    Map<Integer, BackupException> failures = new HashMap<>();
    for (int r = 0; r < answers.size(); r++) {
      Wanted wanted = whose.get(r);
      try {
        byte[] piece = piece(wanted.head(), wanted.part(), answers.get(r));
        pieces.computeIfAbsent(wanted.backup(), any -> new ArrayList<>()).add(piece);
      } catch (BackupException e) {
        failures.putIfAbsent(wanted.backup(), e);
      }
    }
    List<Found> all = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Envelope head = heads.get(i).envelope();
      if (head == null) {
        all.add(heads.get(i));
      } else if (failures.containsKey(i)) {
        all.add(new Found(head, null, failures.get(i)));
      } else {
        all.add(whole(head, pieces.getOrDefault(i, List.of())));
      }
    }
    return all;
  }

  /// A whole envelope of each backup: the backup key's, else the newest copy's.
  List<Found> heads(List<byte[]> backupKeys) {
    return heads(backupKeys, any -> true);
  }

  /// The same, where copies are looked for of some only.
  ///
  /// @param mayHaveCopies tells by the index of a backup key
  List<Found> heads(List<byte[]> backupKeys, IntPredicate mayHaveCopies) {
    List<Answer> answers =
        exchange.run(backupKeys.stream().map(key -> Request.of(key, Command.GET)).toList());
    List<Found> found = new ArrayList<>();
    List<Integer> lost = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      Found head = head(Text.show(backupKeys.get(i)), answers.get(i));
      found.add(head);
      if (head.envelope() == null
          && !(head.failure() instanceof InvalidRequest)
          && mayHaveCopies.test(i)) {
        lost.add(i);
      }
    }
    List<@Nullable Envelope> copies = copies(lost.stream().map(backupKeys::get).toList());
    for (int i = 0; i < lost.size(); i++) {
      if (copies.get(i) != null) {
        found.set(lost.get(i), new Found(copies.get(i), null, null));
      }
    }
    return found;
  }

  private static Found head(String name, Answer answer) {
    try {
      return answer.get() instanceof byte[] bytes
          ? new Found(Envelope.decode(bytes, name), null, null)
          : new Found(
              null,
              null,
              new NotFound(
                  "no such backup: backup_key=" + name,
                  "it may have expired or been evicted; snapshots of a repository keep what caches"
                      + " drop"));
    } catch (BackupException e) {
      return new Found(null, null, e);
    }
  }

  /// The newest copy of each backup at the names where copies are put; null where there is none. A
  /// backup that was overwritten while its backup key was gone may have left an older one.
  List<@Nullable Envelope> copies(List<byte[]> backupKeys) {
    List<@Nullable Envelope> newest = new ArrayList<>();
    if (!routing.spreads()) {
      backupKeys.forEach(any -> newest.add(null));
      return newest;
    }
    for (int begin = 0; begin < backupKeys.size(); begin += SEARCHED_AT_ONCE) {
      List<byte[]> some =
          backupKeys.subList(begin, Math.min(begin + SEARCHED_AT_ONCE, backupKeys.size()));
      List<Request> tries = new ArrayList<>();
      for (byte[] backupKey : some) {
        PartNames.copyNames(backupKey).forEach(name -> tries.add(Request.of(name, Command.GET)));
      }
      List<Answer> answers = exchange.runOnce(tries);
      for (int i = 0; i < some.size(); i++) {
        int first = i * PartNames.COPY_TRIES;
        newest.add(newest(some.get(i), answers.subList(first, first + PartNames.COPY_TRIES)));
      }
    }
    return newest;
  }

  private static @Nullable Envelope newest(byte[] backupKey, List<Answer> answers) {
    Envelope newest = null;
    for (Answer answer : answers) {
      if (answer.value() instanceof byte[] bytes) {
        try {
          Envelope copy = Envelope.decode(bytes, Text.show(backupKey));
          if (Arrays.equals(copy.backupKey(), backupKey)
              && !copy.divided()
              && (newest == null || copy.createdMillis() > newest.createdMillis())) {
            newest = copy;
          }
        } catch (BackupException e) {
          // Another one may be whole.
        }
      }
    }
    return newest;
  }

  private static byte[] piece(Envelope head, int part, Answer answer) {
    String name = Text.show(head.parts().get(part));
    Object value = answer.get();
    if (!(value instanceof byte[] bytes)) {
      throw new CorruptData(
          "a piece of the backup is missing: piece=%d of=%d key=%s"
              .formatted(part, head.parts().size(), name),
          "pieces have no copies; use another backup, or a snapshot of a repository",
          null);
    }
    return Envelope.decode(bytes, name).bytes();
  }

  private static Found whole(Envelope head, List<byte[]> pieces) {
    if (!head.divided()) {
      // The envelope's own digest, which was right, covers these bytes.
      return new Found(head, head.bytes(), null);
    }
    byte[] value = new byte[Math.toIntExact(head.length())];
    int at = 0;
    List<byte[]> all = new ArrayList<>();
    all.add(head.bytes());
    all.addAll(pieces);
    for (byte[] piece : all) {
      if (at + piece.length > value.length) {
        return unequal(head);
      }
      System.arraycopy(piece, 0, value, at, piece.length);
      at += piece.length;
    }
    return at == value.length && Arrays.equals(Envelope.digestOf(value), head.digest())
        ? new Found(head, value, null)
        : unequal(head);
  }

  private static Found unequal(Envelope head) {
    return new Found(
        head,
        null,
        new CorruptData(
            "pieces do not give the value that was backed up: backup_key="
                + Text.show(head.backupKey()),
            "use another backup",
            null));
  }
}
