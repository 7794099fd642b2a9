package io.ringkeep.lookup;

import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import java.util.List;

/// A part of a value, as whoever uses the cache thinks of it.
public sealed interface Part {

  /// Some bytes, maybe only their beginning.
  final class Bytes {
    private final byte[] head;
    private final long length;

    /// @param head the bytes, or the first of them; kept
    /// @param length how many there are
    Bytes(byte[] head, long length) {
      this.head = head;
      this.length = length;
    }

    /// The bytes, or the first of them.
    public byte[] head() {
      return head;
    }

    /// How many there are.
    public long length() {
      return length;
    }

    /// True if there are more than the first.
    public boolean cut() {
      return length > head.length;
    }
  }

  /// The whole string.
  record Text(Bytes value) implements Part {}

  /// An element of a list; the head has index 0.
  record Item(long index, Bytes value) implements Part {}

  /// A member of a set.
  record Member(Bytes member) implements Part {}

  /// A member of a sorted set.
  record Scored(Bytes member, double score) implements Part {}

  /// A field of a hash.
  ///
  /// @param expiryMillis the field's own absolute expiry in milliseconds since the epoch, or -1
  record Field(Bytes name, Bytes value, long expiryMillis) implements Part {}

  /// An entry of a stream.
  ///
  /// @param fieldCount how many fields it has
  /// @param fields the first of them, each a name and a value
  record Entry(StreamId id, long fieldCount, List<List<Bytes>> fields) implements Part {
    public Entry {
      fields = List.copyOf(fields);
    }
  }

  /// What a stream knows of itself beside its entries.
  record State(StreamState state) implements Part {}

  /// A consumer group of a stream.
  ///
  /// @param entriesRead how many entries it has read, or -1 if that is not known
  /// @param pending how many entries nobody acknowledged
  record Group(
      Bytes name, StreamId lastDelivered, long entriesRead, long pending, List<Consumer> consumers)
      implements Part {
    public Group {
      consumers = List.copyOf(consumers);
    }
  }

  /// A consumer of a group, and how many of the pending entries are its own.
  record Consumer(Bytes name, long pending) {}

  /// An element of an array.
  ///
  /// @param index unsigned
  record Cell(long index, Bytes value) implements Part {}

  /// Where `ARINSERT` goes on in an array; comes behind all elements.
  ///
  /// @param index unsigned; 2^64 - 1 if nothing more can be inserted
  record Next(long index) implements Part {}

  /// A module's value: its RDB bytes.
  record Opaque(Bytes raw) implements Part {}
}
