package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;

/// Writes down what a walk brings, one line for each call.
final class RecordingVisitor implements ValueVisitor {
  private final List<String> calls = new ArrayList<>();

  List<String> calls() {
    return calls;
  }

  @Override
  public void string(Element value) {
    add("string", value);
  }

  @Override
  public void listElement(Element element) {
    add("element", element);
  }

  @Override
  public void setMember(Element member) {
    add("member", member);
  }

  @Override
  public void sortedSetMember(Element member, double score) {
    add("member", member, score);
  }

  @Override
  public void hashField(Element field, Element value, long expiryMillis) {
    add("field", field, value, expiryMillis);
  }

  @Override
  public void streamEntry(long idMillis, long idSequence, long fieldCount) {
    add("entry", new StreamId(idMillis, idSequence), fieldCount);
  }

  @Override
  public void streamField(Element name, Element value) {
    add("field", name, value);
  }

  @Override
  public void streamState(StreamState state) {
    add(
        "state",
        state.length(),
        state.last(),
        state.first(),
        state.maxDeleted(),
        state.entriesAdded());
  }

  @Override
  public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
    add("group", name, lastDelivered, entriesRead);
  }

  @Override
  public void streamPending(
      long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
    add("pending", new StreamId(idMillis, idSequence), deliveryMillis, deliveryCount);
  }

  @Override
  public void streamConsumer(Element name, long seenMillis, long activeMillis) {
    add("consumer", name, seenMillis, activeMillis);
  }

  @Override
  public void streamConsumerPending(long idMillis, long idSequence) {
    add("owns", new StreamId(idMillis, idSequence));
  }

  @Override
  public void streamUnowned(long idMillis, long idSequence) {
    add("unowned", new StreamId(idMillis, idSequence));
  }

  @Override
  public void streamProducer(Element id) {
    add("producer", id);
  }

  @Override
  public void streamProducerEntry(Element id, long idMillis, long idSequence) {
    add("sent", id, new StreamId(idMillis, idSequence));
  }

  @Override
  public void streamIdempotence(
      long durationSeconds, long mostEntries, long added, long duplicates) {
    add("idempotence", durationSeconds, mostEntries, added, duplicates);
  }

  @Override
  public void arrayElement(long index, Element value) {
    add("at", Long.toUnsignedString(index), value);
  }

  @Override
  public void arrayNext(long index) {
    add("next", Long.toUnsignedString(index));
  }

  @Override
  public void module(Element raw) {
    add("module", raw);
  }

  private void add(String call, Object... arguments) {
    StringBuilder line = new StringBuilder(call);
    for (Object argument : arguments) {
      line.append(' ')
          .append(
              argument instanceof Element element
                  ? new String(element.toBytes(), ISO_8859_1)
                  : argument);
    }
    calls.add(line.toString());
  }
}
