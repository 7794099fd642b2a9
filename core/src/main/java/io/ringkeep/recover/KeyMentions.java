package io.ringkeep.recover;

import io.ringkeep.model.Slot;
import io.ringkeep.redis.stream.SlotImports;
import io.ringkeep.redis.stream.StreamCommand;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.ShardLog;
import io.ringkeep.repository.log.StreamState;
import io.ringkeep.repository.log.Stretch;
import io.ringkeep.repository.log.StretchReader;
import io.ringkeep.task.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Finds the commands of a log that may have changed a key: those that have its name as a word, and
/// those that change a whole database.
///
/// A key in a slot that Valkey 9 moves to this shard as a whole changes with the command that says
/// that the slot has arrived, and not with those by which it comes. What Redis 8.4 says of such
/// moves counts as a change of any key: whoever replays it is told that it can't be.
///
/// More may be found than changed it, and none is missed: from 7.0 on servers replicate what a
/// script or function did, command by command. A module's command that changes keys without naming
/// them is not found.
public final class KeyMentions {
  private static final int SHOWN_WORDS = 6;

  private final int most;
  private final int database;
  private final ByteBuffer key;
  private final int slot;
  private final SlotImports imports = new SlotImports();
  private final SlotImports behind = new SlotImports();
  private final Deque<Mention> newest = new ArrayDeque<>();
  // Of the transaction that is open.
  private final List<Mention> open = new ArrayList<>();
  private long begin;
  private long all;

  /// One of them.
  ///
  /// @param begin offset where the transaction begins that it stands in
  /// @param offset of its first byte
  /// @param end offset behind the transaction
  /// @param command its beginning
  public record Mention(long begin, long offset, long end, String command) {}

  /// What was found.
  ///
  /// @param newest oldest first
  /// @param all how many there are
  /// @param imports what it says of slots that came to the shard as a whole
  public record Found(List<Mention> newest, long all, SlotImports imports) {
    public Found {
      newest = List.copyOf(newest);
    }

    /// What the part says of slots that came to the shard as a whole.
    ///
    /// @throws io.ringkeep.model.BackupException.NotFound if keys came with one whose begin lies
    ///   before the part: where they count is known, what they are is not
    public SlotImports requireWholeImports() {
      imports.arrivals().forEach(StreamPass::requireWhole);
      return imports;
    }
  }

  private KeyMentions(int database, ByteBuffer key, int most) {
    this.database = database;
    this.key = key;
    this.slot = Slot.of(key);
    this.most = most;
  }

  /// Looks through a part of a log.
  ///
  /// @param from offset where a transaction begins
  /// @param until offset where one ends
  /// @param most how many of the newest are told
  /// @throws io.ringkeep.model.BackupException.CorruptData if a segment is missing or damaged
  public static Found find(
      ShardLog log,
      Stretch stretch,
      long from,
      long until,
      int database,
      ByteBuffer key,
      int most,
      Deadline deadline)
      throws IOException {
    return new KeyMentions(database, key, most).find(log, stretch, from, until, deadline);
  }

  private Found find(ShardLog log, Stretch stretch, long from, long until, Deadline deadline)
      throws IOException {
    if (from >= until) {
      return new Found(List.of(), 0, behind);
    }
    StretchReader reader = log.read(stretch, from);
    StreamState state = reader.state();
    StreamCutter cutter =
        new StreamCutter(reader.start(), state.database(), state.insideTransaction(), SHOWN_WORDS);
    cutter.lookFor(key);
    while (cutter.commandEnd() < until) {
      deadline.check();
      ByteBuffer bytes = reader.next();
      if (!bytes.hasRemaining()) {
        break;
      }
      cutter.feed(
          bytes,
          command -> {
            if (command.end() <= until) {
              boolean came =
                  imports.take(command).filter(arrival -> arrival.slots().get(slot)).isPresent();
              if (command.start() >= from) {
                behind.take(command);
                take(command, cutter.mentioned(), came);
              }
            }
            return true;
          });
    }
    return new Found(List.copyOf(newest), all, behind);
  }

  private void take(StreamCommand command, boolean named, boolean came) {
    if (!command.insideTransaction() || command.name().equals("MULTI")) {
      begin = command.start();
    }
    boolean arriving = imports.isArriving(slot);
    if (came
        || SlotImports.isRedisMove(command)
        || (!arriving && command.changesData() && mayChange(command, named))) {
      open.add(new Mention(begin, command.start(), command.end(), command.text()));
    }
    if (!command.endsTransaction()) {
      return;
    }
    for (Mention mention : open) {
      all++;
      newest.addLast(
          new Mention(mention.begin(), mention.offset(), command.end(), mention.command()));
      if (newest.size() > most) {
        newest.removeFirst();
      }
    }
    open.clear();
  }

  private boolean mayChange(StreamCommand command, boolean named) {
    return switch (command.name()) {
      case "FLUSHALL", "SWAPDB" -> true;
      case "FLUSHDB" -> command.database() == database;
      // To another database than the one that they are sent to.
      case "MOVE", "COPY" -> named;
      default -> named && command.database() == database;
    };
  }
}
