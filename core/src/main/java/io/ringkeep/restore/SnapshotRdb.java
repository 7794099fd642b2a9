package io.ringkeep.restore;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.rdb.RdbWriter;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.TypeCount;
import io.ringkeep.task.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A snapshot, or some slots of it, as one RDB.
final class SnapshotRdb {
  private static final int PROGRESS_RECORDS = 4096;

  private final Repository repository;
  private final Manifest manifest;
  private final List<SlotRange> slots;
  private final RdbVersion version;
  private final SnapshotFeed.Check check;
  private final Clock clock;
  private final Progress.Task task;
  private SnapshotFeed.@Nullable Fed fed;

  SnapshotRdb(
      Repository repository,
      Manifest manifest,
      List<SlotRange> slots,
      RdbVersion version,
      SnapshotFeed.Check check,
      Clock clock,
      Progress.Task task) {
    this.repository = repository;
    this.manifest = manifest;
    this.slots = slots;
    this.version = version;
    this.check = check;
    this.clock = clock;
    this.task = task;
  }

  /// Writes the RDB. Its end is written only after the check was passed, so that a server never
  /// takes a damaged one for whole.
  void writeTo(WritableByteChannel out) throws IOException {
    RdbWriter writer = new RdbWriter(out, version);
    writer.aux("ringkeep-snapshot", manifest.id());
    writer.aux("repl-stream-db", "0");
    for (byte[] module : Sidecars.moduleAux(manifest)) {
      writer.moduleAux(ByteBuffer.wrap(module));
    }
    for (byte[] library : Sidecars.functions(manifest)) {
      writer.function(ByteBuffer.wrap(library));
    }
    hint(writer);
    long[] done = new long[2];
    fed =
        SnapshotFeed.feed(
            repository,
            manifest,
            slots,
            clock,
            check,
            record -> {
              writer.record(record);
              done[0] += record.key().remaining() + record.value().remaining();
              if (++done[1] == PROGRESS_RECORDS) {
                task.advance(done[0], done[1]);
                done[0] = 0;
                done[1] = 0;
              }
            });
    task.advance(done[0], done[1]);
    writer.finish();
  }

  /// Tells the server how many keys come, so that it makes room once: a table that grows as it
  /// fills nearly doubles the time of a load.
  private void hint(RdbWriter writer) {
    double share = slots.stream().mapToInt(SlotRange::slotCount).sum() / (double) Slot.COUNT;
    Contents contents = manifest.contents();
    contents.types().stream()
        .collect(groupingBy(TypeCount::database, summingLong(TypeCount::records)))
        .forEach((database, records) ->
            writer.resizeHint(
                database,
                Math.round(records * share),
                Math.round((double) contents.expiring() * records / contents.records() * share)));
  }

  /// What was written, once [#writeTo] has returned.
  SnapshotFeed.Fed fed() {
    if (fed == null) {
      throw new IllegalStateException("nothing was written yet");
    }
    return fed;
  }
}
