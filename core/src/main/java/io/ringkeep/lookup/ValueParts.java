package io.ringkeep.lookup;

import io.ringkeep.lookup.Part.Bytes;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueVisitor;
import io.ringkeep.redis.rdb.ValueWalker;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/// Takes a value apart for people, in memory that does not grow with it.
///
/// Members, fields and scores come sorted (fields and members by their bytes, scores first by
/// score) as long as there are at most 10,000 in 8 MiB; beyond that they come as the server had
/// stored them. Lists, streams and arrays always have their order.
public final class ValueParts implements ValueVisitor {
  private static final int MOST_SORTED = 10_000;
  private static final long MOST_SORTED_BYTES = 8 << 20;

  private static final Comparator<Bytes> BY_BYTES =
      (one, other) -> Arrays.compareUnsigned(one.head(), other.head());

  /// How much is handed on.
  ///
  /// @param elements of each kind
  /// @param bytes of each string
  public record Limits(long elements, int bytes) {
    /// What fits on some screens.
    public static final Limits SCREEN = new Limits(100, 1024);

    /// All elements; of a string as much as a heap can hold twice.
    public static final Limits ALL = new Limits(Long.MAX_VALUE, 16 << 20);
  }

  /// How many elements there are, and how many were handed on.
  ///
  /// @param elements members, fields, entries; 1 for a string
  public record Count(long elements, long shown) {}

  private final Limits limits;
  private final Consumer<Part> sink;
  private long elements;
  private long shown;

  // What may still be sorted.
  private final List<Part> gathered = new ArrayList<>();
  private long gatheredBytes;
  private boolean sorting = true;

  // The entry and the group that are not complete yet.
  private StreamId entryId = StreamId.ZERO;
  private long entryFieldsLeft;
  private long entryFields;
  private final List<List<Bytes>> fields = new ArrayList<>();
  private long groups;
  private Bytes groupName = new Bytes(new byte[0], 0);
  private StreamId groupDelivered = StreamId.ZERO;
  private long groupRead;
  private long groupPending;
  private boolean inGroup;
  private final List<Part.Consumer> consumers = new ArrayList<>();
  private Bytes consumerName = new Bytes(new byte[0], 0);
  private long consumerPending;
  private boolean inConsumer;

  private ValueParts(Limits limits, Consumer<Part> sink) {
    this.limits = limits;
    this.sink = sink;
  }

  /// Hands the parts of the record's value to `sink`.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if the value's bytes make no sense
  public static Count read(Record record, Limits limits, Consumer<Part> sink) {
    ValueParts parts = new ValueParts(limits, sink);
    new ValueWalker().walk(record, parts);
    parts.flush();
    parts.endGroup();
    return new Count(parts.elements, parts.shown);
  }

  /// Number of elements, without looking at any.
  public static long count(Record record) {
    return read(record, new Limits(0, 0), part -> {}).elements();
  }

  @Override
  public void string(Element value) {
    elements = 1;
    shown = 1;
    sink.accept(new Part.Text(bytes(value)));
  }

  @Override
  public void listElement(Element element) {
    if (more()) {
      sink.accept(new Part.Item(elements - 1, bytes(element)));
    }
  }

  @Override
  public void setMember(Element member) {
    if (wanted()) {
      gather(new Part.Member(bytes(member)), member.length());
    }
  }

  @Override
  public void sortedSetMember(Element member, double score) {
    if (wanted()) {
      gather(new Part.Scored(bytes(member), score), member.length());
    }
  }

  @Override
  public void hashField(Element field, Element value, long expiryMillis) {
    if (wanted()) {
      gather(
          new Part.Field(bytes(field), bytes(value), expiryMillis),
          Math.min(field.length(), limits.bytes()) + Math.min(value.length(), limits.bytes()));
    }
  }

  /// Counts an element; true if it may be shown, now or when all are sorted.
  private boolean wanted() {
    elements++;
    return limits.elements() > 0 && (sorting || shown < limits.elements());
  }

  /// Counts an element; true if it is shown.
  private boolean more() {
    elements++;
    if (shown < limits.elements()) {
      shown++;
      return true;
    }
    return false;
  }

  private void gather(Part part, long bytes) {
    if (!sorting) {
      shown++;
      sink.accept(part);
      return;
    }
    gathered.add(part);
    gatheredBytes += Math.min(bytes, 2L * limits.bytes());
    if (gathered.size() > MOST_SORTED || gatheredBytes > MOST_SORTED_BYTES) {
      sorting = false;
      handOn();
    }
  }

  private void flush() {
    gathered.sort(
        Comparator.comparingDouble(ValueParts::score).thenComparing(ValueParts::name, BY_BYTES));
    handOn();
  }

  private void handOn() {
    for (Part part : gathered) {
      if (shown < limits.elements()) {
        shown++;
        sink.accept(part);
      }
    }
    gathered.clear();
  }

  private static double score(Part part) {
    return part instanceof Part.Scored scored ? scored.score() : 0;
  }

  private static Bytes name(Part part) {
    return switch (part) {
      case Part.Member(Bytes member) -> member;
      case Part.Scored(Bytes member, _) -> member;
      case Part.Field(Bytes name, _, _) -> name;
      case Part.Text _,
          Part.Item _,
          Part.Entry _,
          Part.State _,
          Part.Group _,
          Part.Cell _,
          Part.Next _,
          Part.Opaque _ ->
          throw new IllegalStateException("has its own order: " + part);
    };
  }

  @Override
  public void streamEntry(long idMillis, long idSequence, long fieldCount) {
    entryFields = fieldCount;
    entryFieldsLeft = fieldCount;
    fields.clear();
    if (more()) {
      entryId = new StreamId(idMillis, idSequence);
      endEntry();
    } else {
      entryFields = -1;
    }
  }

  @Override
  public void streamField(Element name, Element value) {
    if (entryFields < 0) {
      return;
    }
    entryFieldsLeft--;
    if (fields.size() < limits.elements()) {
      fields.add(List.of(bytes(name), bytes(value)));
    }
    endEntry();
  }

  private void endEntry() {
    if (entryFieldsLeft == 0) {
      sink.accept(new Part.Entry(entryId, entryFields, fields));
    }
  }

  @Override
  public void streamState(StreamState state) {
    sink.accept(new Part.State(state));
  }

  @Override
  public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
    endGroup();
    inGroup = true;
    groups++;
    groupName = bytes(name);
    groupDelivered = lastDelivered;
    groupRead = entriesRead;
    groupPending = 0;
    consumers.clear();
  }

  @Override
  public void streamPending(
      long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
    groupPending++;
  }

  @Override
  public void streamConsumer(Element name, long seenMillis, long activeMillis) {
    endConsumer();
    inConsumer = true;
    consumerName = bytes(name);
    consumerPending = 0;
  }

  @Override
  public void streamConsumerPending(long idMillis, long idSequence) {
    consumerPending++;
  }

  private void endConsumer() {
    if (inConsumer && consumers.size() < limits.elements()) {
      consumers.add(new Part.Consumer(consumerName, consumerPending));
    }
    inConsumer = false;
  }

  private void endGroup() {
    endConsumer();
    if (inGroup && groups <= limits.elements()) {
      sink.accept(new Part.Group(groupName, groupDelivered, groupRead, groupPending, consumers));
    }
    inGroup = false;
  }

  @Override
  public void streamUnowned(long idMillis, long idSequence) {}

  @Override
  public void streamProducer(Element id) {}

  @Override
  public void streamProducerEntry(Element id, long idMillis, long idSequence) {}

  @Override
  public void streamIdempotence(
      long durationSeconds, long mostEntries, long added, long duplicates) {}

  @Override
  public void arrayElement(long index, Element value) {
    if (more()) {
      sink.accept(new Part.Cell(index, bytes(value)));
    }
  }

  @Override
  public void arrayNext(long index) {
    sink.accept(new Part.Next(index));
  }

  @Override
  public void module(Element raw) {
    elements = 1;
    shown = 1;
    sink.accept(new Part.Opaque(bytes(raw)));
  }

  private Bytes bytes(Element element) {
    long length = element.length();
    if (length <= limits.bytes()) {
      return new Bytes(element.toBytes(), length);
    }
    ByteArrayOutputStream head = new ByteArrayOutputStream(limits.bytes());
    element.pieces((buffer, start, end) -> {
      byte[] piece = new byte[Math.min(end - start, limits.bytes() - head.size())];
      buffer.get(start, piece);
      head.writeBytes(piece);
    });
    return new Bytes(head.toByteArray(), length);
  }
}
