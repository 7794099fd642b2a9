package io.ringkeep.recover;

import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.redis.stream.RelativeExpiry;
import io.ringkeep.redis.stream.SlotImports;
import io.ringkeep.redis.stream.StreamCommand;
import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.Segment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Sends a target bytes of a stream as they are. Left out is what only servers of a cluster
/// understand, since a server of our own is in none and would refuse it; behind a command that says
/// how long its key lives is added until when. For one thread.
/* Only a command that may turn out to be CLUSTER is held back until its end, so values are passed on as they come.
 */
final class StreamPass {
  private final Consumer<ByteBuffer> target;
  private final StreamCutter cutter;
  private final Optional<AbsoluteExpiries> expiries;
  private final SlotImports imports = new SlotImports();
  // What was held back of a command whose end is yet to come.
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private long commands;

  /// @param target takes what is sent
  /// @param cutter at the first byte that will be passed
  StreamPass(
      Consumer<ByteBuffer> target, StreamCutter cutter, Optional<AbsoluteExpiries> expiries) {
    this.target = target;
    this.cutter = cutter;
    this.expiries = expiries;
  }

  /// Passes on the next bytes.
  ///
  /// @param segment that the last of them lies in
  void pass(ByteBuffer part, Segment segment) throws IOException {
    while (part.hasRemaining()) {
      int from = part.position();
      Optional<StreamCommand> last = feed(part);
      ByteBuffer fed = part.slice(from, part.position() - from);
      if (last.isPresent() && SlotImports.isRedisMove(last.get())) {
        throw new NotFound(
            "slots moved as a whole between servers of Redis, which can't be replayed:"
                + " command=%s offset=%d".formatted(last.get().text(), last.get().end()),
            "take a moment before that, or one behind the next snapshot");
      }
      if (last.isPresent() && SlotImports.isOne(last.get())) {
        leaveOut(last.get(), fed);
      } else if (last.isPresent()) {
        send(fed);
        target.accept(expiries.orElseThrow().behind(last.get(), segment));
      } else {
        int mayBe = cutter.mayBe(StreamCommand.CLUSTER) ? unfinished(fed) : 0;
        if (mayBe < fed.remaining()) {
          send(fed.slice(0, fed.remaining() - mayBe));
        }
        hold(fed.slice(fed.remaining() - mayBe, mayBe));
      }
    }
  }

  /// Counts commands up to one that is not passed on as it is.
  private Optional<StreamCommand> feed(ByteBuffer part) {
    List<StreamCommand> met = new ArrayList<>(1);
    cutter.feed(
        part,
        command -> {
          commands += command.changesData() ? 1 : 0;
          boolean lives = expiries.isPresent() && RelativeExpiry.millis(command).isPresent();
          if (lives || SlotImports.isOne(command) || SlotImports.isRedisMove(command)) {
            met.add(command);
          }
          return met.isEmpty();
        });
    return met.stream().findFirst();
  }

  private void leaveOut(StreamCommand command, ByteBuffer fed) {
    long before = fed.remaining() - (command.end() - command.start());
    if (before > 0) {
      send(fed.slice(0, (int) before));
    }
    begun.reset();
    imports.take(command).ifPresent(StreamPass::requireWhole);
  }

  /// @throws NotFound if keys came with an arrival that neither the base has nor what is replayed
  static void requireWhole(SlotImports.Arrival arrival) {
    if (!arrival.whole()) {
      throw new NotFound(
          "keys that arrived with a slot migration are not in the snapshot that the log goes on"
              + " from: migration=%s offset=%d".formatted(arrival.job(), arrival.end()),
          "take a moment before that, or one behind the next snapshot");
    }
  }

  /// How many of the bytes belong to the command that has no end yet.
  private int unfinished(ByteBuffer fed) {
    return (int) Math.min(fed.remaining(), cutter.offset() - cutter.commandEnd());
  }

  private void hold(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    begun.writeBytes(copy);
  }

  /// Sends what was held back, then these.
  private void send(ByteBuffer bytes) {
    if (begun.size() > 0) {
      target.accept(ByteBuffer.wrap(begun.toByteArray()));
      begun.reset();
    }
    target.accept(bytes);
  }

  /// Commands so far that change data.
  long commands() {
    return commands;
  }

  /// What was left out about slots that came as a whole.
  SlotImports imports() {
    return imports;
  }
}
