package io.ringkeep.lookup;

import io.ringkeep.lookup.Part.Bytes;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Record;
import io.ringkeep.model.SipHash;
import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueVisitor;
import io.ringkeep.redis.rdb.ValueWalker;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// Walks over a value as a set of named elements, whatever its type; names and contents are hashes,
/// and the name itself is made when somebody asks.
final class ElementWalk implements ValueVisitor {
  private static final int MOST_NAME_BYTES = 256;

  /// Takes the elements.
  @FunctionalInterface
  interface Taker {
    /// One element.
    ///
    /// @param name of a list, that of the content: a list's elements have no other
    void take(long name, long content, Label label);
  }

  /// The element's name, valid while it is taken.
  @FunctionalInterface
  interface Label {
    Bytes bytes();
  }

  private final ValueWalker walker = new ValueWalker();
  private final SipHash names;
  private final SipHash contents;
  private final SipHash order;
  private final Element.PieceSink intoNames;
  private final Element.PieceSink intoContents;
  private Taker taker = (name, content, label) -> {};
  private Consumer<Element> whole = element -> {};
  private long state;
  private StreamId entry = StreamId.ZERO;
  private long entryFieldsLeft;
  private Bytes group = new Bytes(new byte[0], 0);
  private long groupName;
  private boolean inGroup;
  private boolean ordered;

  ElementWalk(HashKey key) {
    names = new SipHash(key);
    contents = new SipHash(key);
    order = new SipHash(key);
    intoNames = (bytes, from, to) -> names.putBytes(bytes, from, to);
    intoContents = (bytes, from, to) -> contents.putBytes(bytes, from, to);
  }

  /// Hands the elements of a value with elements to `into`.
  void walk(Record record, Taker into) {
    taker = into;
    state = 0;
    inGroup = false;
    ordered = false;
    order.reset();
    walker.walk(record, this);
    endGroup();
    if (ordered) {
      order.finish();
      state = order.low();
    }
  }

  /// Of what the last walk met beside elements: the order of a list, a stream's counters, where an
  /// array goes on.
  long state() {
    return state;
  }

  /// Hands a string, or a module's value, to `into` as a whole.
  void whole(Record record, Consumer<Element> into) {
    whole = into;
    walker.walk(record, this);
  }

  /// Hands the bytes of a string to `into`, piece by piece.
  static void string(Record record, Element.PieceSink into) {
    new ElementWalk(new HashKey(0, 0)).whole(record, element -> element.pieces(into));
  }

  @Override
  public void string(Element value) {
    whole.accept(value);
  }

  @Override
  public void module(Element raw) {
    whole.accept(raw);
  }

  @Override
  public void listElement(Element element) {
    long name = name(element);
    ordered = true;
    order.putLong(name);
    taker.take(name, 0, () -> bytes(element));
  }

  @Override
  public void setMember(Element member) {
    taker.take(name(member), 0, () -> bytes(member));
  }

  @Override
  public void sortedSetMember(Element member, double score) {
    taker.take(name(member), Double.doubleToLongBits(score + 0.0), () -> bytes(member));
  }

  @Override
  public void hashField(Element field, Element value, long expiryMillis) {
    contents.reset().putLong(expiryMillis).putLong(value.length());
    value.pieces(intoContents);
    contents.align().finish();
    taker.take(name(field), contents.low(), () -> bytes(field));
  }

  @Override
  public void streamEntry(long idMillis, long idSequence, long fieldCount) {
    entry = new StreamId(idMillis, idSequence);
    entryFieldsLeft = fieldCount;
    contents.reset().putLong(fieldCount);
    endEntry();
  }

  @Override
  public void streamField(Element name, Element value) {
    put(name);
    put(value);
    entryFieldsLeft--;
    endEntry();
  }

  private void endEntry() {
    if (entryFieldsLeft == 0) {
      StreamId id = entry;
      contents.finish();
      names.reset().putLong(1).putLong(id.millis()).putLong(id.sequence()).finish();
      taker.take(names.low(), contents.low(), () -> text(id.toString()));
    }
  }

  @Override
  public void streamState(StreamState found) {
    contents
        .reset()
        .putLong(found.length())
        .putLong(found.last().millis())
        .putLong(found.last().sequence())
        .putLong(found.maxDeleted().millis())
        .putLong(found.maxDeleted().sequence())
        .putLong(found.entriesAdded())
        .finish();
    state = contents.low();
  }

  @Override
  public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
    endGroup();
    inGroup = true;
    group = bytes(name);
    names.reset().putLong(2).putLong(name.length());
    name.pieces(intoNames);
    names.align().finish();
    groupName = names.low();
    contents
        .reset()
        .putLong(lastDelivered.millis())
        .putLong(lastDelivered.sequence())
        .putLong(entriesRead);
  }

  @Override
  public void streamPending(
      long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
    contents.putLong(idMillis).putLong(idSequence).putLong(deliveryMillis).putLong(deliveryCount);
  }

  @Override
  public void streamConsumer(Element name, long seenMillis, long activeMillis) {
    put(name);
  }

  @Override
  public void streamConsumerPending(long idMillis, long idSequence) {
    contents.putLong(idMillis).putLong(idSequence);
  }

  @Override
  public void streamUnowned(long idMillis, long idSequence) {
    contents.putLong(-1).putLong(idMillis).putLong(idSequence);
  }

  private void endGroup() {
    if (inGroup) {
      inGroup = false;
      contents.finish();
      Bytes name = group;
      taker.take(
          groupName,
          contents.low(),
          () -> text("group " + new String(name.head(), StandardCharsets.UTF_8)));
    }
  }

  @Override
  public void streamProducer(Element id) {
    endGroup();
    contents.reset().putLong(state);
    put(id);
    contents.finish();
    state = contents.low();
  }

  @Override
  public void streamProducerEntry(Element id, long idMillis, long idSequence) {
    contents.reset().putLong(state);
    put(id);
    contents.putLong(idMillis).putLong(idSequence).finish();
    state = contents.low();
  }

  @Override
  public void streamIdempotence(
      long durationSeconds, long mostEntries, long added, long duplicates) {
    endGroup();
    contents
        .reset()
        .putLong(state)
        .putLong(durationSeconds)
        .putLong(mostEntries)
        .putLong(added)
        .putLong(duplicates)
        .finish();
    state = contents.low();
  }

  @Override
  public void arrayElement(long index, Element value) {
    names.reset().putLong(index).finish();
    contents.reset();
    put(value);
    contents.finish();
    taker.take(names.low(), contents.low(), () -> text("[" + Long.toUnsignedString(index) + "]"));
  }

  @Override
  public void arrayNext(long index) {
    state = index;
  }

  private long name(Element element) {
    names.reset().putLong(element.length());
    element.pieces(intoNames);
    names.align().finish();
    return names.low();
  }

  private void put(Element element) {
    contents.putLong(element.length());
    element.pieces(intoContents);
    contents.align();
  }

  private static Bytes bytes(Element element) {
    byte[] whole = element.toBytes();
    return whole.length <= MOST_NAME_BYTES
        ? new Bytes(whole, whole.length)
        : new Bytes(Arrays.copyOf(whole, MOST_NAME_BYTES), whole.length);
  }

  private static Bytes text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Bytes(bytes, bytes.length);
  }
}
