package io.ringkeep.archive;

import io.ringkeep.redis.stream.StreamCutter;
import io.ringkeep.repository.log.Mark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/// Cuts what a file of a dead process's spool holds, to find where it may be shipped up to.
final class SpoolRecovery implements SpoolFile.Content {
  /// How often a file may be cut.
  private static final long CHECKPOINT_BYTES = 8 << 20;

  private final SpoolPart part;
  private final StreamCutter cutter;
  private long end;
  private int database;

  private SpoolRecovery(SpoolFile file) {
    SpoolHead head = file.head();
    part = new SpoolPart(file);
    cutter = new StreamCutter(head.start(), head.database(), /* insideTransaction= */ false, 2);
    end = head.start();
    database = head.database();
  }

  /// What is in a file, which is on the disk then.
  ///
  /// @return empty if not even its head is whole; the file is then deleted
  static Optional<SpoolRecovery> of(Path path, SpoolDisk disk) throws IOException {
    SpoolRecovery[] recovery = new SpoolRecovery[1];
    if (SpoolFile.recover(path, disk, file -> recovery[0] = new SpoolRecovery(file)).isEmpty()) {
      return Optional.empty();
    }
    try {
      recovery[0].part.force();
    } catch (IOException e) {
      recovery[0].part.file.close();
      throw e;
    }
    recovery[0].check();
    return Optional.of(recovery[0]);
  }

  @Override
  public void bytes(ByteBuffer bytes, long millis) {
    part.arrived(millis);
    cutter.feed(
        bytes,
        command -> {
          if (command.endsTransaction()) {
            end = command.end();
            database = command.database();
          }
          return true;
        });
    if (end - part.checked() >= CHECKPOINT_BYTES) {
      check();
    }
  }

  private void check() {
    part.check(end, database);
  }

  @Override
  public void mark(Mark mark) {
    part.mark(mark);
  }

  SpoolPart part() {
    return part;
  }

  /// Behind the last transaction that is whole.
  long end() {
    return end;
  }

  /// Database there.
  int database() {
    return database;
  }
}
