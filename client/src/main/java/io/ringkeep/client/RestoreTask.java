package io.ringkeep.client;

import io.ringkeep.client.Exchange.Answer;
import io.ringkeep.client.Exchange.Request;
import io.ringkeep.client.Finder.Found;
import io.ringkeep.client.RestoreOptions.Expiry;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/// One restore of many keys: find and check all, then write.
final class RestoreTask {
  private static final byte[] REPLACE = Text.bytes("REPLACE");
  private static final byte[] ABSTTL = Text.bytes("ABSTTL");
  private static final byte[] NEVER = Text.bytes("0");

  private final Exchange exchange;
  private final Routing routing;
  private final List<KeyPair> pairs;
  private final RestoreOptions options;

  RestoreTask(Exchange exchange, Routing routing, List<KeyPair> pairs, RestoreOptions options) {
    this.exchange = exchange;
    this.routing = routing;
    this.pairs = pairs;
    this.options = options;
  }

  List<KeyOutcome> run() {
    List<Found> found =
        new Finder(exchange, routing).find(pairs.stream().map(KeyPair::backupKey).toList());
    List<Optional<BackupException>> failures =
        new ArrayList<>(found.stream().map(one -> Optional.ofNullable(one.failure())).toList());
    failIfOver(found, failures);
    List<Request> writes = new ArrayList<>();
    List<Integer> whose = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      byte[] value = found.get(i).value();
      Envelope backup = found.get(i).envelope();
      if (failures.get(i).isEmpty() && value != null && backup != null) {
        writes.add(write(pairs.get(i), backup, value));
        whose.add(i);
      }
    }
    List<Answer> answers = exchange.run(writes);
    for (int w = 0; w < answers.size(); w++) {
      failures.set(whose.get(w), Optional.ofNullable(answers.get(w).failure()));
    }
    List<KeyOutcome> outcomes = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      outcomes.add(new KeyOutcome(pairs.get(i).key(), pairs.get(i).backupKey(), failures.get(i)));
    }
    return outcomes;
  }

  /// A server drops a key whose time is over, and what stood there with it: those are not written.
  private void failIfOver(List<Found> found, List<Optional<BackupException>> failures) {
    List<Integer> mortal = new ArrayList<>();
    List<Request> clocks = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      Envelope backup = found.get(i).envelope();
      if (options.expiry() instanceof Expiry.AsItWas
          && failures.get(i).isEmpty()
          && backup != null
          && backup.expiryMillis() >= 0) {
        mortal.add(i);
        clocks.add(
            new Request(
                pairs.get(i).key(),
                /* repeatable= */ true,
                List.of(new CommandArguments(Command.TIME))));
      }
    }
    List<Answer> answers = exchange.run(clocks);
    for (int m = 0; m < answers.size(); m++) {
      int i = mortal.get(m);
      Envelope backup = found.get(i).envelope();
      if (answers.get(m).failure() != null) {
        failures.set(i, Optional.ofNullable(answers.get(m).failure()));
      } else if (backup != null && backup.expiryMillis() <= Text.millis(answers.get(m).value())) {
        failures.set(
            i,
            Optional.of(
                new InvalidRequest(
                    "the key's time is over: key=%s expiry=%s"
                        .formatted(
                            Text.show(backup.key()), Instant.ofEpochMilli(backup.expiryMillis())),
                    "give the restored key a time to live, or none")));
      }
    }
  }

  private Request write(KeyPair pair, Envelope backup, byte[] value) {
    List<byte[]> arguments = new ArrayList<>();
    if (options.expiry() instanceof Expiry.AsItWas) {
      arguments.add(backup.expiryMillis() < 0 ? NEVER : Text.bytes(backup.expiryMillis()));
    } else {
      arguments.add(
          options.expiry() instanceof Expiry.After after
              ? Text.bytes(after.ttl().toMillis())
              : NEVER);
    }
    arguments.add(value);
    if (options.expiry() instanceof Expiry.AsItWas) {
      arguments.add(ABSTTL);
    }
    if (options.replace()) {
      arguments.add(REPLACE);
    }
    Request request = Request.of(pair.key(), Command.RESTORE, arguments.toArray(byte[][]::new));
    return options.replace() ? request : request.once();
  }
}
