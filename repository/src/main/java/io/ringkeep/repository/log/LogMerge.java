package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.ObjectWriter;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Stores many small segments again as one, and tells which may be deleted. For one thread of the
/// holder of the shard's lease.
/* An archiver writes a segment a second: 86,400 objects a day, which nobody wants to list. Each time that
 * FAN_IN of them follow one another they become one, and each time that FAN_IN of those do, they become
 * one again, unless it would be larger than MOST_BYTES or its head than MOST_HEAD_BYTES: of a server that
 * nobody writes to the head is nearly all there is. That is the end of it, so that a year of a quiet
 * shard is some 700 objects and no head that cannot be read. The large one exists before the small ones
 * go, and of two that begin at one offset the one that leads further counts: a crash leaves what is
 * deleted the next time.
 */
final class LogMerge {
  static final int FAN_IN = 64;
  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_HEAD_BYTES = 8L << 20;

  /// Of what was merged from merged ones.
  private static final int LAST_LEVEL = 2;

  /// Whoever has listed the small ones before the large one was there has read them by then, or
  /// holds a read lease.
  private static final Duration GRACE = Duration.ofMinutes(15);

  private static final Duration ARRIVALS_APART = Duration.ofSeconds(1);

  private final SealedObjects objects;
  private final Stretches.Heads segments;
  private final StretchReader.Note damage;
  private final Consumer<SegmentName> whole;
  private final Map<SegmentName, Instant> coveredSince = new HashMap<>();
  private final Map<SegmentName, Head> heads = new HashMap<>();
  private final Set<SegmentName> readBack = new HashSet<>();

  /// What merging asks of a segment's head.
  ///
  /// @param level how often the segments that it was made of were merged
  private record Head(int level, long bytes) {}

  /// @param damage takes note of what is damaged
  /// @param whole is told what is not damaged any more
  LogMerge(
      SealedObjects objects,
      Stretches.Heads segments,
      StretchReader.Note damage,
      Consumer<SegmentName> whole) {
    this.objects = objects;
    this.segments = segments;
    this.damage = damage;
    this.whole = whole;
  }

  /// Merges the first run of segments of `stretch` that is long enough.
  ///
  /// @return whether there was one
  boolean merge(Stretch stretch) throws IOException {
    List<SegmentName> run = new ArrayList<>();
    long bytes = 0;
    long headBytes = 0;
    for (SegmentName name : stretch.names()) {
      long more = name.end() - name.start();
      Head head = head(name);
      boolean goesOn =
          !run.isEmpty()
              && run.getLast().replid().equals(name.replid())
              && head(run.getLast()).level() == head.level()
              && bytes + more <= MOST_BYTES
              && headBytes + head.bytes() <= MOST_HEAD_BYTES;
      if (!goesOn) {
        run.clear();
        bytes = 0;
        headBytes = 0;
      }
      if (head.level() == LAST_LEVEL) {
        continue;
      }
      run.add(name);
      bytes += more;
      headBytes += head.bytes();
      if (run.size() == FAN_IN) {
        write(run);
        return true;
      }
    }
    return false;
  }

  private Head head(SegmentName name) throws IOException {
    Head known = heads.get(name);
    if (known == null) {
      Segment segment = segments.of(name);
      int links = segment.links().size();
      known =
          new Head(
              links < FAN_IN ? 0 : links < FAN_IN * FAN_IN ? 1 : LAST_LEVEL,
              SegmentFormat.headBytes(segment));
      heads.put(name, known);
    }
    return known;
  }

  private void write(List<SegmentName> run) throws IOException {
    List<Segment> parts = new ArrayList<>();
    for (SegmentName name : run) {
      parts.add(segments.of(name));
    }
    Segment merged = merged(parts);
    SegmentName first = run.getFirst();
    SegmentName name =
        new SegmentName(first.cache(), first.shard(), first.replid(), merged.start(), merged.end());
    try (SegmentOutput output = new SegmentOutput();
        ObjectWriter writer = objects.create(name.key(), ObjectKind.LOG_SEGMENT);
        Chained bytes = new Chained(run)) {
      writer.write(SegmentFormat.encode(merged));
      output.write(bytes, merged.bytes(), writer);
      writer.commit();
    } catch (FileAlreadyExistsException e) {
      // Made before, and the small ones are still there.
      requireWhole(name);
    }
    whole.accept(name);
  }

  /// @throws IOException if it is damaged: then it is there no more, and can be made again
  private void requireWhole(SegmentName name) throws IOException {
    try {
      SegmentInput.open(objects, name).readToTheEnd();
    } catch (CorruptData e) {
      objects.delete(name.key());
      throw new IOException("a damaged merged segment was removed: " + e.getMessage(), e);
    }
  }

  private boolean isWhole(SegmentName name) throws IOException {
    if (!readBack.contains(name)) {
      try {
        SegmentInput.open(objects, name).readToTheEnd();
      } catch (CorruptData e) {
        damage.of(name, e);
        return false;
      }
      readBack.add(name);
    }
    return true;
  }

  private static Segment merged(List<Segment> parts) {
    Segment first = parts.getFirst();
    Segment last = parts.getLast();
    List<Long> links = new ArrayList<>();
    List<Mark> marks = new ArrayList<>();
    for (Segment part : parts) {
      links.addAll(part.links());
      for (Mark mark : part.marks()) {
        if (mark.kind() == Mark.Kind.SAMPLE || marks.isEmpty() || apart(marks.getLast(), mark)) {
          marks.add(mark);
        }
      }
    }
    return new Segment(
        first.replid(),
        first.start(),
        last.end(),
        first.before(),
        last.after(),
        first.continues(),
        first.chain(),
        first.capturedFrom(),
        last.capturedUntil(),
        last.engine(),
        links,
        marks);
  }

  private static boolean apart(Mark before, Mark mark) {
    return mark.timeMicros() - before.timeMicros() > ARRIVALS_APART.toNanos() / 1_000;
  }

  /// Segments that lie within a merged one, and have for a while. That one is read as a whole
  /// before: what is damaged takes nobody's place.
  ///
  /// @param names all there are
  /// @param stretches which of them are needed
  List<SegmentName> deletable(List<SegmentName> names, List<Stretch> stretches, Instant now)
      throws IOException {
    Set<SegmentName> needed = new HashSet<>();
    stretches.forEach(stretch -> needed.addAll(stretch.names()));
    Map<String, NavigableMap<Long, SegmentName>> places = new HashMap<>();
    for (SegmentName name : needed) {
      places.computeIfAbsent(name.replid(), _ -> new TreeMap<>()).put(name.start(), name);
    }
    List<SegmentName> deletable = new ArrayList<>();
    for (SegmentName name : names) {
      NavigableMap<Long, SegmentName> history = places.get(name.replid());
      Map.Entry<Long, SegmentName> large =
          history == null ? null : history.floorEntry(name.start());
      if (!needed.contains(name) && large != null && large.getValue().end() >= name.end()) {
        Instant since = coveredSince.computeIfAbsent(name, _ -> now);
        if (since.plus(GRACE).isBefore(now) && isWhole(large.getValue())) {
          deletable.add(name);
        }
      }
    }
    Set<SegmentName> there = new HashSet<>(names);
    coveredSince.keySet().retainAll(there);
    coveredSince.keySet().removeAll(needed);
    readBack.retainAll(there);
    heads.keySet().retainAll(there);
    return deletable;
  }

  /// The bytes of segments one after the other.
  private final class Chained implements ReadableByteChannel {
    private final StretchReader reader;
    private ByteBuffer current = ByteBuffer.allocate(0);

    Chained(List<SegmentName> run) throws IOException {
      Stretch part = new Stretch(run, "");
      reader = StretchReader.open(objects, damage, part, part.start());
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (!current.hasRemaining()) {
        current = reader.next();
        if (!current.hasRemaining()) {
          return -1;
        }
      }
      int count = Math.min(current.remaining(), into.remaining());
      into.put(current.slice(current.position(), count));
      current.position(current.position() + count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
