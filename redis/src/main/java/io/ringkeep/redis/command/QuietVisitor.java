package io.ringkeep.redis.command;

import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueVisitor;

/// Takes no notice of anything; who wants to know of something overrides that.
abstract class QuietVisitor implements ValueVisitor {
  @Override
  public void string(Element value) {}

  @Override
  public void listElement(Element element) {}

  @Override
  public void setMember(Element member) {}

  @Override
  public void sortedSetMember(Element member, double score) {}

  @Override
  public void hashField(Element field, Element value, long expiryMillis) {}

  @Override
  public void streamEntry(long idMillis, long idSequence, long fieldCount) {}

  @Override
  public void streamField(Element name, Element value) {}

  @Override
  public void streamState(StreamState state) {}

  @Override
  public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {}

  @Override
  public void streamPending(
      long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {}

  @Override
  public void streamConsumer(Element name, long seenMillis, long activeMillis) {}

  @Override
  public void streamConsumerPending(long idMillis, long idSequence) {}

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
  public void arrayElement(long index, Element value) {}

  @Override
  public void arrayNext(long index) {}

  @Override
  public void module(Element raw) {}
}
