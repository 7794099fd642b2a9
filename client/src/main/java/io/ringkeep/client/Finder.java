package io.ringkeep.client;

import io.ringkeep.client.Exchange.Answer;
import io.ringkeep.client.Exchange.Request;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.NotFound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/// Finds backups: at their backup keys, or at a copy if that is gone, damaged or out of reach; and
/// the pieces of divided ones.
final class Finder {
  private static final int TRIES_AT_ONCE = 64;

  private final Exchange exchange;

  Finder(Exchange exchange) {
    this.exchange = exchange;
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

  /// Any whole envelope of each backup.
  List<Found> heads(List<byte[]> backupKeys) {
    List<Answer> answers =
        exchange.run(backupKeys.stream().map(key -> Request.of(key, Command.GET)).toList());
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      found.add(head(backupKeys.get(i), answers.get(i)));
    }
    return found;
  }

  private Found head(byte[] backupKey, Answer answer) {
    String name = Text.show(backupKey);
    BackupException why;
    try {
      Object value = answer.get();
      if (value instanceof byte[] bytes) {
        return new Found(Envelope.decode(bytes, name), null, null);
      }
      why =
          new NotFound(
              "no such backup: backup_key=" + name,
              "it may have expired or been evicted; snapshots of a repository keep what caches drop");
    } catch (BackupException.InvalidRequest e) {
      return new Found(null, null, e);
    } catch (BackupException e) {
      why = e;
    }
    Envelope copy = copy(backupKey);
    return copy != null ? new Found(copy, null, null) : new Found(null, null, why);
  }

  /// A copy at one of the names where copies are put; null if none is found.
  private @Nullable Envelope copy(byte[] backupKey) {
    for (int begin = 0; begin < PartNames.COPY_TRIES; begin += TRIES_AT_ONCE) {
      List<Request> tries = new ArrayList<>();
      for (int attempt = begin; attempt < begin + TRIES_AT_ONCE; attempt++) {
        tries.add(Request.of(PartNames.copyName(backupKey, attempt), Command.GET));
      }
      for (Answer answer : exchange.runOnce(tries)) {
        if (answer.value() instanceof byte[] bytes) {
          try {
            Envelope copy = Envelope.decode(bytes, Text.show(backupKey));
            if (Arrays.equals(copy.backupKey(), backupKey) && !copy.divided()) {
              return copy;
            }
          } catch (BackupException e) {
            // Another one may be whole.
          }
        }
      }
    }
    return null;
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
