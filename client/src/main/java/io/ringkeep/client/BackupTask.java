package io.ringkeep.client;

import io.ringkeep.client.Exchange.Answer;
import io.ringkeep.client.Exchange.Request;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/// One backup of many keys: read all, look at what is to be overwritten, write the parts, then the
/// backup keys.
final class BackupTask {
  private static final byte[] NX = Text.bytes("NX");
  private static final byte[] PX = Text.bytes("PX");

  /// What servers take in one argument, unless `proto-max-bulk-len` says otherwise, without room
  /// for an envelope. A restore sends a whole value in one, also that of a divided backup.
  private static final long MOST_BYTES = 512L * 1024 * 1024 - 64 * 1024;

  private final Exchange exchange;
  private final Routing routing;
  private final ExactEnds ends;
  private final PartNames names;
  private final int primaries;
  private final BackupOptions options;
  private final long mostBytes;
  private final List<Job> jobs;

  /// One key on its way.
  private static final class Job {
    final KeyPair pair;
    List<Envelope> parts = List.of();
    List<byte[]> oldParts = List.of();

    /// Names that may have to be deleted again.
    final List<byte[]> written = new ArrayList<>();

    @Nullable BackupException failure;

    Job(KeyPair pair) {
      this.pair = pair;
    }
  }

  BackupTask(
      Exchange exchange,
      Routing routing,
      ExactEnds ends,
      List<KeyPair> pairs,
      BackupOptions options) {
    this(exchange, routing, ends, pairs, options, MOST_BYTES);
  }

  /// @param mostBytes of a value that a server takes back
  BackupTask(
      Exchange exchange,
      Routing routing,
      ExactEnds ends,
      List<KeyPair> pairs,
      BackupOptions options,
      long mostBytes) {
    this.exchange = exchange;
    this.routing = routing;
    this.ends = ends;
    this.names = new PartNames(routing);
    if (options.parts() > 1) {
      routing.refreshIfOld();
    }
    this.primaries = routing.primaries().size();
    this.options = options;
    this.mostBytes = mostBytes;
    this.jobs = pairs.stream().map(Job::new).toList();
  }

  /// @throws InvalidRequest if there are fewer primaries than copies or pieces
  List<KeyOutcome> run() {
    if (options.parts() > primaries) {
      throw new InvalidRequest(
          "each part needs a primary of its own: parts=%d primaries=%d"
              .formatted(options.parts(), primaries),
          "ask for at most " + primaries);
    }
    read();
    if (options.replace()) {
      lookAtOld();
    }
    writeParts();
    writeHeads();
    return jobs.stream()
        .map(job ->
            new KeyOutcome(job.pair.key(), job.pair.backupKey(), Optional.ofNullable(job.failure)))
        .toList();
  }

  private List<Job> alive() {
    return jobs.stream().filter(job -> job.failure == null).toList();
  }

  /// Value, time to live and the server's time of one moment; behind them, the exact end.
  private void read() {
    boolean exact = ends.told();
    List<Request> requests = new ArrayList<>();
    for (Job job : jobs) {
      requests.add(
          new Request(
              job.pair.key(),
              /* repeatable= */ true,
              List.of(
                  Request.command(job.pair.key(), Command.DUMP),
                  Request.command(job.pair.key(), Command.PTTL),
                  new CommandArguments(Command.TIME))));
      if (exact) {
        requests.add(ExactEnds.request(job.pair.key()));
      }
    }
    Iterator<Answer> answers = exchange.run(requests).iterator();
    for (Job job : jobs) {
      Answer read = answers.next();
      Optional<Answer> end = exact ? Optional.of(answers.next()) : Optional.empty();
      try {
        job.parts = parts(job.pair, (List<?>) read.get(), end);
      } catch (BackupException e) {
        job.failure = e;
      }
    }
  }

  private List<Envelope> parts(KeyPair pair, @Nullable List<?> replies, Optional<Answer> exact) {
    if (replies == null || !(replies.get(0) instanceof byte[] value)) {
      throw new NotFound(
          "no such key: key=" + Text.show(pair.key()),
          "check its name; it may have expired in between");
    }
    if (value.length > mostBytes) {
      throw new InvalidRequest(
          "value is larger than a server takes back: key=%s bytes=%d most=%d"
              .formatted(Text.show(pair.key()), value.length, mostBytes),
          "back it up into a repository");
    }
    long ttl = ExactEnds.left(replies.get(1), pair.key());
    long now = Text.millis(replies.get(2));
    long end = ttl < 0 ? -1 : exact.map(answer -> ends.of(now + ttl, answer)).orElse(now + ttl);
    boolean divided = divided();
    List<byte[]> all =
        names.choose(
            pair.backupKey(), options.parts(), divided ? Optional.of(now) : Optional.empty());
    if (all.size() < options.parts()) {
      throw new Unavailable(
          "too few primaries have slots enough for a name: parts=%d primaries=%d"
              .formatted(options.parts(), all.size()),
          "ask for fewer, or give them slots",
          null);
    }
    byte[] digest = Envelope.digestOf(value);
    List<Envelope> parts = new ArrayList<>();
    for (int part = 0; part < all.size(); part++) {
      byte[] bytes = divided ? piece(value, part, all.size()) : value;
      parts.add(
          new Envelope(
              divided,
              part,
              now,
              end,
              pair.key(),
              pair.backupKey(),
              all,
              value.length,
              digest,
              bytes));
    }
    return parts;
  }

  /// Piece `part` of `count` of about the same length.
  private static byte[] piece(byte[] value, int part, int count) {
    int begin = (int) ((long) value.length * part / count);
    int end = (int) ((long) value.length * (part + 1) / count);
    return Arrays.copyOfRange(value, begin, end);
  }

  /// What is overwritten must be a backup; what only it named is deleted afterwards. Where the
  /// backup key is gone, a copy says what its parts are called.
  private void lookAtOld() {
    List<Job> looking = alive();
    List<Answer> answers = exchange.run(looking.stream().map(BackupTask::head).toList());
    List<Job> headless = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      Job job = looking.get(i);
      try {
        Optional<Envelope> old = old(answers.get(i), Text.show(job.pair.backupKey()));
        old.ifPresentOrElse(envelope -> job.oldParts = envelope.parts(), () -> headless.add(job));
      } catch (BackupException e) {
        job.failure = e;
      }
    }
    if (routing.spreads()) {
      lookAtOldCopies(headless);
    }
  }

  private static Request head(Job job) {
    return Request.of(job.pair.backupKey(), Command.GET);
  }

  private static Optional<Envelope> old(Answer answer, String name) {
    try {
      return there(answer, name);
    } catch (CorruptData e) {
      return Optional.empty(); // damaged, and about to be replaced
    }
  }

  private static Optional<Envelope> there(Answer answer, String name) {
    return answer.get() instanceof byte[] value
        ? Optional.of(Envelope.decode(value, name))
        : Optional.empty();
  }

  /// Looks only where the key's list has a backup of several copies, for it takes many tries.
  private void lookAtOldCopies(List<Job> headless) {
    List<Answer> entries =
        exchange.run(
            headless.stream()
                .map(job -> Catalog.entry(job.pair.key(), job.pair.backupKey()))
                .toList());
    List<Job> listed = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).value() instanceof byte[] entry && Catalog.mayHaveCopies(entry)) {
        listed.add(headless.get(i));
      }
    }
    List<@Nullable Envelope> copies =
        new Finder(exchange, routing)
            .copies(listed.stream().map(job -> job.pair.backupKey()).toList());
    for (int i = 0; i < listed.size(); i++) {
      Envelope copy = copies.get(i);
      if (copy != null) {
        listed.get(i).oldParts = copy.parts();
      }
    }
  }

  /// Pieces are named by this backup alone: whatever became of a write that was not answered, they
  /// may be deleted. A copy may be somebody else's, unless the server said that it took it.
  private void writeParts() {
    List<Request> writes = new ArrayList<>();
    List<Job> owners = new ArrayList<>();
    for (Job job : alive()) {
      for (Envelope part : job.parts.subList(1, job.parts.size())) {
        writes.add(write(part));
        owners.add(job);
      }
    }
    List<Answer> answers = exchange.run(writes);
    for (int i = 0; i < answers.size(); i++) {
      if (stored(owners.get(i), answers.get(i)) || divided()) {
        owners.get(i).written.add(writes.get(i).key());
      }
    }
  }

  private boolean divided() {
    return options.pieces() > 1;
  }

  /// The backup keys, which make the backups, and the lists of each key's backups, in one go.
  private void writeHeads() {
    List<Job> writing = alive();
    List<Request> requests = new ArrayList<>(2 * writing.size());
    writing.forEach(job -> requests.add(write(job.parts.get(0))));
    writing.forEach(job -> requests.add(Catalog.add(job.parts.get(0))));
    List<Answer> answers = exchange.run(requests);
    List<Job> refused = new ArrayList<>();
    for (int i = 0; i < writing.size(); i++) {
      Job job = writing.get(i);
      if (!stored(job, answers.get(i)) && (job.failure instanceof TargetRefused || divided())) {
        refused.add(job);
      }
    }
    List<Request> afterwards = new ArrayList<>(lookAtRefused(refused));
    for (Job job : jobs) {
      if (job.failure == null) {
        job.oldParts.stream()
            .filter(old -> job.parts.stream().noneMatch(part -> Arrays.equals(old, name(part))))
            .forEach(old -> afterwards.add(Request.of(old, Command.DEL)));
      } else if (divided() || !options.replace()) {
        // Copies that replaced older ones are backups in their own right and stay.
        job.written.forEach(part -> afterwards.add(Request.of(part, Command.DEL)));
      }
    }
    exchange.run(afterwards);
  }

  /// What is at backup keys that were not taken decides what is said and what is deleted.
  ///
  /// @return what sets the keys' lists right
  private List<Request> lookAtRefused(List<Job> refused) {
    List<Answer> answers = exchange.run(refused.stream().map(BackupTask::head).toList());
    List<Request> corrections = new ArrayList<>();
    for (int i = 0; i < refused.size(); i++) {
      Job job = refused.get(i);
      boolean exists = job.failure instanceof TargetRefused;
      try {
        Optional<Envelope> there = there(answers.get(i), Text.show(job.pair.backupKey()));
        if (!exists && there.isPresent() && same(there.get(), job.parts.get(0))) {
          job.failure = null; // it was taken, and only the answer got lost
        } else if (exists) {
          corrections.add(
              there
                  .filter(backup -> Arrays.equals(backup.key(), job.pair.key()))
                  .map(Catalog::add)
                  .orElseGet(() -> Catalog.remove(job.pair.key(), job.pair.backupKey())));
        }
      } catch (InvalidRequest e) {
        if (exists) {
          job.failure =
              new TargetRefused(
                  "key exists and is no backup: backup_key=" + Text.show(job.pair.backupKey()),
                  "name another backup key");
          corrections.add(Catalog.remove(job.pair.key(), job.pair.backupKey()));
        }
      } catch (CorruptData e) {
        // An older one: the list keeps it.
      } catch (BackupException e) {
        if (!exists) {
          job.written.clear(); // the backup may be there, and whole
        }
      }
    }
    return corrections;
  }

  private static boolean same(Envelope a, Envelope b) {
    return a.createdMillis() == b.createdMillis() && Arrays.equals(a.digest(), b.digest());
  }

  /// Whether the server took it; the first reason against it stays with the job.
  private static boolean stored(Job job, Answer answer) {
    if (answer.failure() == null && answer.value() != null) {
      return true;
    }
    if (job.failure == null) {
      job.failure =
          answer.failure() != null
              ? answer.failure()
              : new TargetRefused(
                  "backup exists: backup_key=" + Text.show(job.pair.backupKey()),
                  "say that it is to be replaced, or name another backup key");
    }
    return false;
  }

  private Request write(Envelope part) {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(part.encode());
    options
        .ttl()
        .ifPresent(ttl -> {
          arguments.add(PX);
          arguments.add(Text.bytes(ttl.toMillis()));
        });
    if (!options.replace()) {
      arguments.add(NX);
    }
    Request request = Request.of(name(part), Command.SET, arguments.toArray(byte[][]::new));
    return options.replace() ? request : request.once();
  }

  private static byte[] name(Envelope part) {
    return part.parts().get(part.part());
  }
}
