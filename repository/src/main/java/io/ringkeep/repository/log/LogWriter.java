package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectWriter;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Appends segments to one shard's log. For one thread; the caller holds the shard's lease.
public final class LogWriter implements AutoCloseable {
  private final SealedObjects objects;
  private final String cache;
  private final String shard;
  // Damaged ones that were there before, and are removed when their range is stored again.
  private final Set<SegmentName> replaced;
  private final Consumer<SegmentName> whole;
  private final SegmentOutput output = new SegmentOutput();
  // Where the next segment begins; its replid is that of the segment before it.
  private LogEnd end;
  private Optional<String> continues;
  private String replid;
  // The first segment is not older than this, whatever the host's clock says.
  private Instant notBefore = Instant.MIN;

  /// What is to become a segment, from the end of the log on.
  ///
  /// @param end offset behind its last byte
  /// @param after state there
  /// @param capturedFrom when its first byte had arrived
  /// @param capturedUntil when its last byte had arrived
  /// @param engine product and version of the server that sent it
  /// @param marks in order of offset, none outside
  public record Draft(
      long end,
      StreamState after,
      Instant capturedFrom,
      Instant capturedUntil,
      String engine,
      List<Mark> marks) {}

  private LogWriter(
      SealedObjects objects,
      String cache,
      String shard,
      Set<SegmentName> replaced,
      Consumer<SegmentName> whole,
      LogEnd end,
      Optional<String> continues) {
    this.objects = objects;
    this.cache = cache;
    this.shard = shard;
    this.replaced = new HashSet<>(replaced);
    this.whole = whole;
    this.end = end;
    this.continues = continues;
    this.replid = end.replid();
  }

  /// Begins a stretch: nothing before it belongs to it.
  ///
  /// @param replaced damaged segments from there on
  /// @param whole is told each of these names that is damaged no more, or there no more
  static LogWriter begin(
      SealedObjects objects,
      String cache,
      String shard,
      Set<SegmentName> replaced,
      Consumer<SegmentName> whole,
      String replid,
      long offset,
      StreamState state) {
    LogEnd nothing = new LogEnd(replid, offset, state, SegmentFormat.NO_CHAIN);
    return new LogWriter(objects, cache, shard, replaced, whole, nothing, Optional.empty());
  }

  /// The same behind a stretch: by `capturedFrom` stretches are put in order, so that a clock that
  /// was set back must not let the new one begin before the old one.
  ///
  /// @param behind when the last byte of any earlier stretch had arrived
  static LogWriter beginBehind(
      SealedObjects objects,
      String cache,
      String shard,
      Set<SegmentName> replaced,
      Consumer<SegmentName> whole,
      Instant behind,
      String replid,
      long offset,
      StreamState state) {
    LogWriter writer = begin(objects, cache, shard, replaced, whole, replid, offset, state);
    writer.notBefore = behind.plusMillis(1);
    return writer;
  }

  /// Goes on where a stretch ends.
  static LogWriter resume(
      SealedObjects objects,
      String cache,
      String shard,
      Set<SegmentName> replaced,
      Consumer<SegmentName> whole,
      LogEnd end) {
    return new LogWriter(objects, cache, shard, replaced, whole, end, Optional.of(end.replid()));
  }

  /// The next segments belong to another history, which shares with this one all that was written
  /// so far: a replica was promoted.
  public void continueAs(String newReplid) {
    replid = newReplid;
  }

  /// Where the next segment begins.
  public LogEnd end() {
    return end;
  }

  /// Writes a segment. It is durable when this returns.
  ///
  /// After an [IOException] the same call may be made again, with as many bytes anew: if the
  /// segment was stored all the same, it is compared; a damaged one has made room.
  ///
  /// @param stream its bytes; not closed
  /// @return where the log ends now
  /// @throws CorruptData if a segment of that name has other bytes
  public LogEnd append(Draft draft, ReadableByteChannel stream) throws IOException {
    SegmentName name = new SegmentName(cache, shard, replid, end.offset(), draft.end());
    Instant from = later(draft.capturedFrom(), notBefore);
    Segment segment =
        new Segment(
            replid,
            end.offset(),
            draft.end(),
            end.state(),
            draft.after(),
            continues,
            end.chain(),
            from,
            later(draft.capturedUntil(), from),
            draft.engine(),
            List.of(draft.end()),
            draft.marks());
    String chain;
    try (ObjectWriter writer = objects.create(name.key(), ObjectKind.LOG_SEGMENT)) {
      writer.write(SegmentFormat.encode(segment));
      byte[] digest = output.write(stream, segment.bytes(), writer);
      chain = SegmentFormat.chain(end.chain(), segment.start(), segment.end(), digest);
      commit(writer, name, chain);
    }
    end = new LogEnd(replid, draft.end(), draft.after(), chain);
    continues = Optional.of(replid);
    notBefore = Instant.MIN;
    removeReplaced(name);
    return end;
  }

  /// Removes what was damaged and has all been stored again now: nobody is to meet it.
  private void removeReplaced(SegmentName last) {
    for (SegmentName name : Set.copyOf(replaced)) {
      if (!name.replid().equals(last.replid()) || name.end() > last.end()) {
        continue;
      }
      try {
        if (!name.equals(last)) {
          objects.delete(name.key());
        }
        whole.accept(name);
        replaced.remove(name);
      } catch (IOException | BackupException e) {
        // The next time.
      }
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }

  private void commit(ObjectWriter writer, SegmentName name, String chain) throws IOException {
    try {
      writer.commit();
    } catch (FileAlreadyExistsException e) {
      if (!chainOf(name).equals(chain)) {
        throw new CorruptData(
            "another segment lies where this one belongs: object=" + name.key(),
            "does another archive write under this name of a cache? Give each its own",
            e);
      }
    }
  }

  /// The chain behind a segment that is there.
  ///
  /// @throws IOException if it is damaged: then it is there no more, and can be written again
  private String chainOf(SegmentName name) throws IOException {
    try {
      return SegmentInput.open(objects, name).readToTheEnd();
    } catch (CorruptData e) {
      objects.delete(name.key());
      throw new IOException(
          "a damaged segment lay there, was removed and will be written again: " + e.getMessage(),
          e);
    }
  }

  @Override
  public void close() {
    output.close();
  }
}
