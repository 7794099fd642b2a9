package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;

/// Walks over an encoded stream: its entries, what it knows of itself, its consumer groups, and
/// what idempotent producers left.
///
/// Source: `rdbLoadObject` in `rdb.c` and `streamAppendItem` in `t_stream.c`.
final class StreamWalker {
  /*
   * FORMAT  Number of nodes; for each a string of 16 bytes, the node's id, and a string, its listpack.
   *         Length; last id; from type 19 on: first id, highest deleted id, number of entries added.
   *         Number of groups; for each: name, last delivered id, from type 19 on: entries read;
   *           number of pending entries; for each: id (16 bytes), delivery time (8 bytes), delivery count;
   *           number of consumers; for each: name, seen time, from type 21 on: active time,
   *             number of pending entries; for each: id;
   *           from type 27 on: number of pending entries that no consumer owns; for each: id.
   *         From type 26 on: duration, most entries; number of producers; for each: id, number of entries, for each
   *           its own id and the stream's; entries added; entries refused.
   *         Ids are two big-endian longs where they take 16 bytes, two numbers elsewhere.
   *
   * A node's listpack:
   *         number of entries, number of deleted ones, number n of fields, n names, 0; then for each entry, deleted
   *         ones too: flags, difference of its id's halves to the node's; then n values, if its names are those
   *         above, or else its number of fields, names and values in turn; then the number of listpack elements
   *         that the entry took.
   */
  private static final long DELETED = 1;
  private static final long SAME_FIELDS = 2;
  private static final int ID_BYTES = 16;

  /// What Redis 8.6 assumes for every stream (`stream-idmp-duration`, `stream-idmp-maxsize`).
  private static final long DEFAULT_DURATION_SECONDS = 100;

  private static final long DEFAULT_MOST_ENTRIES = 100;

  private final ValueCursor cursor;
  private final Element container;
  private final Listpack entries;
  private final Listpack names = new Listpack();
  private final Listpack namesStart = new Listpack();
  private final Element name;
  private final Element value;

  /// Id of the first entry met that is not deleted.
  private StreamId firstId = StreamId.ZERO;

  private boolean firstIdKnown;

  /// Reads what `cursor` stands before; the others are scratch.
  StreamWalker(
      ValueCursor cursor, Element container, Listpack entries, Element name, Element value) {
    this.cursor = cursor;
    this.container = container;
    this.entries = entries;
    this.name = name;
    this.value = value;
  }

  /// Hands the whole stream to `visitor`.
  void walk(RdbType type, ValueVisitor visitor) {
    firstId = StreamId.ZERO;
    firstIdKnown = false;
    for (long left = cursor.count(); left > 0; left--) {
      node(visitor);
    }
    StreamState state = state(type);
    visitor.streamState(state);
    for (long left = cursor.count(); left > 0; left--) {
      group(type, state, visitor);
    }
    if (type.hasProducers()) {
      producers(visitor);
    }
  }

  private void node(ValueVisitor visitor) {
    cursor.string(name);
    if (name.length() != ID_BYTES) {
      throw new CorruptData("a node's id has a wrong length: bytes=" + name.length(), null, null);
    }
    long millis = Long.reverseBytes(name.buffer().getLong(name.start()));
    long sequence = Long.reverseBytes(name.buffer().getLong(name.start() + Long.BYTES));
    cursor.string(container);
    entries.begin(container.buffer(), container.start(), container.end());
    long left = number() + number();
    if (left < 0) {
      throw new CorruptData("a node's number of entries is out of range", null, null);
    }
    long sharedFields = number();
    namesStart.beginAt(entries);
    for (long i = 0; i < sharedFields; i++) {
      entries.nextElement(name);
    }
    entries.nextInteger(value); // 0, which ends the way back
    for (; left > 0; left--) {
      entry(millis, sequence, sharedFields, visitor);
    }
    if (entries.next(value)) {
      throw new CorruptData("a node holds more entries than it says", null, null);
    }
  }

  private void entry(long nodeMillis, long nodeSequence, long sharedFields, ValueVisitor visitor) {
    long flags = entries.nextInteger(value);
    long millis = nodeMillis + entries.nextInteger(value);
    long sequence = nodeSequence + entries.nextInteger(value);
    boolean shared = (flags & SAME_FIELDS) != 0;
    boolean deleted = (flags & DELETED) != 0;
    long fields = shared ? sharedFields : number();
    if (!deleted) {
      visitor.streamEntry(millis, sequence, fields);
      if (!firstIdKnown) {
        firstIdKnown = true;
        firstId = new StreamId(millis, sequence);
      }
    }
    if (shared) {
      names.beginAt(namesStart);
    }
    for (long i = 0; i < fields; i++) {
      (shared ? names : entries).nextElement(name);
      entries.nextElement(value);
      if (!deleted) {
        visitor.streamField(name, value);
      }
    }
    entries.nextInteger(value); // how many elements the entry took, for the way back
  }

  private StreamState state(RdbType type) {
    long length = cursor.number();
    StreamId last = id();
    if (type == RdbType.STREAM_LISTPACKS) {
      return new StreamState(length, last, firstId, StreamId.ZERO, length);
    }
    return new StreamState(length, last, id(), id(), cursor.number());
  }

  private void group(RdbType type, StreamState state, ValueVisitor visitor) {
    cursor.string(name);
    StreamId delivered = id();
    long entriesRead =
        type == RdbType.STREAM_LISTPACKS ? entriesRead(state, delivered) : cursor.number();
    visitor.streamGroup(name, delivered, entriesRead);
    for (long left = cursor.count(); left > 0; left--) {
      long millis = cursor.bigEndianLong();
      long sequence = cursor.bigEndianLong();
      visitor.streamPending(millis, sequence, cursor.littleEndianLong(), cursor.number());
    }
    for (long left = cursor.count(); left > 0; left--) {
      consumer(type, visitor);
    }
    if (type == RdbType.STREAM_LISTPACKS_5) {
      for (long left = cursor.count(); left > 0; left--) {
        long millis = cursor.bigEndianLong();
        visitor.streamUnowned(millis, cursor.bigEndianLong());
      }
    }
  }

  private void consumer(RdbType type, ValueVisitor visitor) {
    cursor.string(name);
    long seen = cursor.littleEndianLong();
    boolean hasActive = type != RdbType.STREAM_LISTPACKS && type != RdbType.STREAM_LISTPACKS_2;
    visitor.streamConsumer(name, seen, hasActive ? cursor.littleEndianLong() : seen);
    for (long left = cursor.count(); left > 0; left--) {
      long millis = cursor.bigEndianLong();
      visitor.streamConsumerPending(millis, cursor.bigEndianLong());
    }
  }

  private void producers(ValueVisitor visitor) {
    long duration = cursor.number();
    long most = cursor.number();
    long count = cursor.count();
    for (long left = count; left > 0; left--) {
      cursor.string(name);
      visitor.streamProducer(name);
      for (long entriesLeft = cursor.count(); entriesLeft > 0; entriesLeft--) {
        cursor.string(name);
        long millis = cursor.number();
        visitor.streamProducerEntry(name, millis, cursor.number());
      }
    }
    long added = cursor.number();
    long refused = cursor.number();
    boolean untouched = count == 0 && added == 0 && refused == 0;
    if (!untouched || duration != DEFAULT_DURATION_SECONDS || most != DEFAULT_MOST_ENTRIES) {
      visitor.streamIdempotence(duration, most, added, refused);
    }
  }

  /// What Redis 7.0 and later take for a group's entries read if the file does not say: the rule of
  /// `streamEstimateDistanceFromFirstEverEntry` for a stream of which nothing is known to be
  /// deleted.
  private static long entriesRead(StreamState state, StreamId delivered) {
    if (state.length() == 0) {
      return 0;
    }
    int toLast = delivered.compareTo(state.last());
    if (toLast >= 0) {
      return toLast == 0 ? state.entriesAdded() : ValueVisitor.ENTRIES_READ_UNKNOWN;
    }
    int toFirst = delivered.compareTo(state.first());
    return toFirst < 0 ? 0 : toFirst == 0 ? 1 : ValueVisitor.ENTRIES_READ_UNKNOWN;
  }

  /// An id as two numbers.
  private StreamId id() {
    long millis = cursor.number();
    return new StreamId(millis, cursor.number());
  }

  /// A count inside a node.
  private long number() {
    long number = entries.nextInteger(value);
    if (number < 0) {
      throw new CorruptData("a count is negative: " + number, null, null);
    }
    return number;
  }
}
