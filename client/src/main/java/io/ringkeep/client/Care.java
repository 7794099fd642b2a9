package io.ringkeep.client;

import io.ringkeep.client.Exchange.Answer;
import io.ringkeep.client.Exchange.Request;
import io.ringkeep.client.Finder.Found;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.Protocol.Command;

/// Looks after backups of several parts.
final class Care {
  private static final byte[] PX = Text.bytes("PX");

  private final Exchange exchange;
  private final Routing routing;

  Care(Exchange exchange, Routing routing) {
    this.exchange = exchange;
    this.routing = routing;
  }

  BackupHealth check(byte[] backupKey) {
    routing.refresh();
    return health(head(backupKey));
  }

  BackupHealth repair(byte[] backupKey) {
    routing.refresh();
    Envelope backup = head(backupKey);
    if (backup.divided()) {
      BackupHealth health = health(backup);
      if (health.parts().stream().allMatch(BackupHealth.Part::whole)) {
        return health;
      }
      throw new CorruptData(
          "a divided backup has no copies to repair it from: backup_key=" + Text.show(backupKey),
          "back the key up again",
          null);
    }
    List<byte[]> names =
        new PartNames(routing).choose(backupKey, backup.parts().size(), Optional.empty());
    if (names.size() < backup.parts().size()) {
      throw new InvalidRequest(
          "each copy needs a primary of its own: copies=%d primaries=%d"
              .formatted(backup.parts().size(), names.size()),
          "add a primary, or back the key up again in fewer copies");
    }
    List<Request> requests = new ArrayList<>();
    byte[] whole = backup.parts().get(backup.part());
    long left = ExactEnds.left(exchange.run(Request.of(whole, Command.PTTL)).get(), whole);
    for (int part = names.size() - 1; part >= 0; part--) {
      byte[] value = copy(backup, names, part).encode();
      requests.add(
          left >= 0
              ? Request.of(names.get(part), Command.SET, value, PX, Text.bytes(Math.max(1, left)))
              : Request.of(names.get(part), Command.SET, value));
    }
    exchange.run(requests).forEach(Answer::get);
    exchange.run(
        backup.parts().stream()
            .filter(old -> names.stream().noneMatch(name -> Arrays.equals(name, old)))
            .map(old -> Request.of(old, Command.DEL))
            .toList());
    return check(backupKey);
  }

  /// Whether there was one.
  boolean delete(byte[] backupKey) {
    Found found = new Finder(exchange, routing).heads(List.of(backupKey)).get(0);
    Envelope backup = found.envelope();
    List<Request> requests = new ArrayList<>();
    if (backup != null) {
      backup.parts().forEach(part -> requests.add(Request.of(part, Command.DEL)));
      requests.add(Catalog.remove(backup.key(), backupKey));
    } else if (found.failure() instanceof CorruptData) {
      requests.addAll(damaged(backupKey));
    } else if (found.failure() instanceof NotFound) {
      return false;
    } else {
      throw found.failure() == null ? new IllegalStateException("no reason") : found.failure();
    }
    exchange.run(requests).forEach(Answer::get);
    return true;
  }

  /// Deletes a damaged backup, and of what it says about itself only what can't hit others.
  private List<Request> damaged(byte[] backupKey) {
    List<Request> requests = new ArrayList<>();
    requests.add(Request.of(backupKey, Command.DEL));
    if (exchange.run(Request.of(backupKey, Command.GET)).get() instanceof byte[] value) {
      Envelope.unchecked(value)
          .ifPresent(said -> {
            said.parts().stream()
                .filter(part -> PartNames.belongs(part, backupKey))
                .forEach(part -> requests.add(Request.of(part, Command.DEL)));
            requests.add(Catalog.remove(said.key(), backupKey));
          });
    }
    return requests;
  }

  private Envelope head(byte[] backupKey) {
    Found found = new Finder(exchange, routing).heads(List.of(backupKey)).get(0);
    Envelope envelope = found.envelope();
    if (envelope != null) {
      return envelope;
    }
    throw found.failure() == null ? new IllegalStateException("no reason") : found.failure();
  }

  private BackupHealth health(Envelope backup) {
    List<Answer> answers =
        exchange.run(backup.parts().stream().map(name -> Request.of(name, Command.GET)).toList());
    List<BackupHealth.Part> parts = new ArrayList<>();
    for (int part = 0; part < answers.size(); part++) {
      byte[] name = backup.parts().get(part);
      parts.add(
          new BackupHealth.Part(
              Text.show(name), server(name), fault(backup, part, answers.get(part))));
    }
    return new BackupHealth(KeyBackup.of(backup), parts);
  }

  private String server(byte[] name) {
    try {
      return routing.owner(name).address();
    } catch (BackupException e) {
      return "";
    }
  }

  private static String fault(Envelope backup, int part, Answer answer) {
    try {
      if (!(answer.get() instanceof byte[] value)) {
        return "missing";
      }
      Envelope found = Envelope.decode(value, Text.show(backup.parts().get(part)));
      return found.createdMillis() == backup.createdMillis()
              && Arrays.equals(found.digest(), backup.digest())
          ? ""
          : "of another backup";
    } catch (BackupException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Envelope copy(Envelope of, List<byte[]> names, int part) {
    return new Envelope(
        /* divided= */ false,
        part,
        of.createdMillis(),
        of.expiryMillis(),
        of.key(),
        of.backupKey(),
        names,
        of.length(),
        of.digest(),
        of.bytes());
  }
}
