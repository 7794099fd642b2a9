package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.object.SealedObjects;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Reads the bytes of a stretch in order, proving each segment and that it follows the one before.
/// For one thread.
public final class StretchReader {
  private final SealedObjects objects;
  private final Note note;
  private final List<SegmentName> names;
  private int next;
  private SegmentInput input;
  private final StreamState state;
  private final long start;

  /// Takes note of a segment that is damaged.
  @FunctionalInterface
  interface Note {
    /// Takes it.
    ///
    /// @return the same, to be thrown
    CorruptData of(SegmentName name, CorruptData damage);
  }

  private StretchReader(SealedObjects objects, Note note, List<SegmentName> names, int first)
      throws IOException {
    this.objects = objects;
    this.note = note;
    this.names = names;
    this.next = first + 1;
    this.input = open(names.get(first));
    this.state = input.segment().before();
    this.start = input.segment().start();
  }

  static StretchReader open(SealedObjects objects, Note note, Stretch stretch, long offset)
      throws IOException {
    List<SegmentName> names = stretch.names();
    if (offset < stretch.start() || offset > stretch.end()) {
      throw new IllegalArgumentException(
          "offset is not in the stretch: offset=%d start=%d end=%d"
              .formatted(offset, stretch.start(), stretch.end()));
    }
    int first = 0;
    while (first + 1 < names.size() && names.get(first).end() <= offset) {
      first++;
    }
    return new StretchReader(objects, note, names, first);
  }

  private SegmentInput open(SegmentName name) throws IOException {
    try {
      return SegmentInput.open(objects, name);
    } catch (CorruptData e) {
      throw note.of(name, e);
    }
  }

  /// Offset of the first byte that this reads.
  public long start() {
    return start;
  }

  /// State there.
  public StreamState state() {
    return state;
  }

  /// The segment that the bytes of the last [#next] belong to.
  public Segment segment() {
    return input.segment();
  }

  /// The next bytes; without remaining bytes at the end of the stretch. Valid until the next call.
  ///
  /// @throws CorruptData if a segment is missing, damaged, or does not follow the one before
  public ByteBuffer next() throws IOException {
    ByteBuffer bytes = ofInput();
    while (!bytes.hasRemaining() && next < names.size()) {
      String chain = input.chain();
      SegmentName name = names.get(next++);
      input = open(name);
      if (!input.segment().chain().equals(chain)) {
        // Which of the two is wrong is not known: neither counts as missing.
        throw SegmentFormat.corrupt(
            name.key(),
            "segment does not follow the one before: expected=%s actual=%s"
                .formatted(chain, input.segment().chain()));
      }
      bytes = ofInput();
    }
    return bytes;
  }

  private ByteBuffer ofInput() throws IOException {
    try {
      return input.next();
    } catch (CorruptData e) {
      throw note.of(names.get(next - 1), e);
    }
  }
}
