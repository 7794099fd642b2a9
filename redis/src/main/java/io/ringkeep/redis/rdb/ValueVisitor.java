package io.ringkeep.redis.rdb;

/// Takes what a [ValueWalker] finds in a value, element by element, in the order of the encoded
/// bytes.
///
/// Whatever the encoding, one logical value brings the same calls; only the order of members and
/// fields may differ. An [Element] holds until the method it was handed to returns; two handed to
/// one method are distinct. A visitor stops a walk by throwing.
///
/// Calls for each [LogicalType]:
///
/// - STRING: [#string] once
/// - LIST: [#listElement] for each, head first
/// - SET: [#setMember] for each, in no order
/// - SORTED_SET: [#sortedSetMember] for each, in no order
/// - HASH: [#hashField] for each, in no order
/// - STREAM: for each entry, oldest first, [#streamEntry] and its [#streamField]s; then
///   [#streamState] once; then for each group [#streamGroup], its [#streamPending]s, and for each
///   of its consumers [#streamConsumer] and its [#streamConsumerPending]s, and the group's
///   [#streamUnowned]s; then, where idempotent producers left something, each [#streamProducer]
///   with its [#streamProducerEntry]s and [#streamIdempotence]
/// - ARRAY: [#arrayElement] for each, lowest index first; then [#arrayNext] once
/// - MODULE: [#module] once
///
/// So each can be turned into a command as it comes: `SET`, `RPUSH`, `SADD`, `ZADD`, `HSET` and
/// `HPEXPIREAT`, `XADD`, `XSETID`, `XGROUP CREATE`, `XGROUP CREATECONSUMER`, `XCLAIM`, `ARMSET`,
/// `ARSEEK`.
public interface ValueVisitor {
  /// Stands for a hash field that does not expire.
  long NO_EXPIRY = -1;

  /// Stands for a group whose number of read entries is not known.
  long ENTRIES_READ_UNKNOWN = -1;

  /// The whole string.
  void string(Element value);

  /// The next element of a list.
  void listElement(Element element);

  /// A member of a set.
  void setMember(Element member);

  /// A member of a sorted set.
  ///
  /// @param score may be infinite and may be -0.0, which equals 0.0 to a server
  void sortedSetMember(Element member, double score);

  /// A field of a hash.
  ///
  /// @param expiryMillis the field's own absolute expiry in milliseconds since the epoch, or
  ///   [#NO_EXPIRY]
  void hashField(Element field, Element value, long expiryMillis);

  /// The next entry of a stream that is not deleted; `fieldCount` calls of [#streamField] follow.
  ///
  /// @param idMillis first half of the entry's id, unsigned
  /// @param idSequence second half, unsigned
  void streamEntry(long idMillis, long idSequence, long fieldCount);

  /// A field of the entry; a name may occur more than once.
  void streamField(Element name, Element value);

  /// What a stream knows of itself beside its entries.
  void streamState(StreamState state);

  /// A consumer group.
  ///
  /// @param lastDelivered id of the last entry delivered to its consumers
  /// @param entriesRead how many entries the group has read, or [#ENTRIES_READ_UNKNOWN]
  void streamGroup(Element name, StreamId lastDelivered, long entriesRead);

  /// An entry that the group delivered and nobody acknowledged.
  ///
  /// @param deliveryMillis when it was last delivered, in milliseconds since the epoch
  /// @param deliveryCount how often it was delivered
  void streamPending(long idMillis, long idSequence, long deliveryMillis, long deliveryCount);

  /// A consumer of the group.
  ///
  /// @param seenMillis when it last tried anything, in milliseconds since the epoch
  /// @param activeMillis when it last succeeded, or -1 for never; equal to `seenMillis` where the
  ///   version did not record it
  void streamConsumer(Element name, long seenMillis, long activeMillis);

  /// One of the group's pending entries, which this consumer owns.
  void streamConsumerPending(long idMillis, long idSequence);

  /// One of the group's pending entries, which its consumer handed back and nobody owns now
  /// (`XNACK`, Redis 8.8).
  void streamUnowned(long idMillis, long idSequence);

  /// A producer whose entries' own ids the stream remembers.
  void streamProducer(Element id);

  /// An entry of the producer: the id it gave itself, and the one that the stream gave it.
  void streamProducerEntry(Element id, long idMillis, long idSequence);

  /// How the stream recognises entries that are sent twice (`XADD … IDMP`, Redis 8.6); not called
  /// for a stream that holds the server's defaults and never saw such an entry.
  ///
  /// @param durationSeconds how long an entry's own id is remembered
  /// @param mostEntries how many are remembered for each producer
  /// @param added how many were ever added
  /// @param duplicates how many were ever refused
  void streamIdempotence(long durationSeconds, long mostEntries, long added, long duplicates);

  /// An element of an array: what a client reads there, whichever way the server keeps it.
  ///
  /// @param index unsigned, at most 2^64 - 2
  void arrayElement(long index, Element value);

  /// Where `ARINSERT` goes on in an array.
  ///
  /// @param index unsigned; 0 if nothing was inserted, 2^64 - 1 if nothing more can be
  void arrayNext(long index);

  /// A module's value: its id, what the module wrote, and the end mark, as they stand.
  void module(Element raw);
}
