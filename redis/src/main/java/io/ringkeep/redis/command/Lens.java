package io.ringkeep.redis.command;

import io.ringkeep.model.Fingerprint;
import io.ringkeep.model.HashKey;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.RecordFingerprinter;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueVisitor;
import io.ringkeep.redis.rdb.ValueWalker;
import java.util.List;
import java.util.Optional;

/// Looks at records as a server can hold them at a moment, so that what was stored and what the
/// server holds can be compared though the server knows less.
///
/// Left out: expiries of fields and counters of streams where the server has none, what idempotent
/// producers sent, pending entries that nobody owns, and fields that have expired at the cut: a
/// primary drops those by itself.
public final class Lens {
  private final Ability ability;
  private final long cutMillis;
  private final RecordFingerprinter fingerprinter;
  private final ValueWalker walker = new ValueWalker();
  private final View view = new View();

  /// @param cutMillis fields that expire at or before it are left out
  public Lens(Ability ability, long cutMillis, HashKey key) {
    this.ability = ability;
    this.cutMillis = cutMillis;
    this.fingerprinter = new RecordFingerprinter(key);
  }

  /// True if fields of values of these types may be left out.
  public static boolean mayLeaveOutFields(List<RdbType> types) {
    return types.stream().anyMatch(RdbType::hasFieldExpiry);
  }

  /// The record's fingerprint as far as the server can hold the record; empty if all its fields
  /// have expired.
  ///
  /// @param full its whole fingerprint, which is taken where nothing is left out
  public Optional<Fingerprint> fingerprint(Record record, Fingerprint full) {
    RdbType type = RdbType.of(record.version(), record.type()).orElseThrow();
    boolean fields = type.logicalType() == LogicalType.HASH && type.hasFieldExpiry();
    boolean stream =
        type.logicalType() == LogicalType.STREAM
            && (!ability.streamCounters() || type.hasProducers());
    if (!fields && !stream) {
      return Optional.of(full);
    }
    view.fieldsLeft = 0;
    view.group = -1;
    view.unowned = new UnownedIds();
    if (type == RdbType.STREAM_LISTPACKS_5) {
      walker.walk(record, view.unowned);
    }
    Fingerprint seen =
        fingerprinter.fingerprint(
            record,
            visitor -> {
              view.next = visitor;
              return view;
            });
    return fields && view.fieldsLeft == 0 ? Optional.empty() : Optional.of(seen);
  }

  private final class View extends QuietVisitor {
    // Set before each walk.
    private ValueVisitor next = this;
    private UnownedIds unowned = new UnownedIds();
    private long fieldsLeft;
    private int group;

    @Override
    public void hashField(Element field, Element value, long expiryMillis) {
      if (expiryMillis != NO_EXPIRY && expiryMillis <= cutMillis) {
        return;
      }
      fieldsLeft++;
      next.hashField(field, value, ability.fieldExpiry() ? expiryMillis : NO_EXPIRY);
    }

    @Override
    public void streamEntry(long idMillis, long idSequence, long fieldCount) {
      next.streamEntry(idMillis, idSequence, fieldCount);
    }

    @Override
    public void streamField(Element name, Element value) {
      next.streamField(name, value);
    }

    @Override
    public void streamState(StreamState state) {
      next.streamState(
          ability.streamCounters()
              ? state
              : new StreamState(
                  state.length(), state.last(), state.first(), StreamId.ZERO, state.length()));
    }

    @Override
    public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
      group++;
      next.streamGroup(
          name, lastDelivered, ability.streamCounters() ? entriesRead : ENTRIES_READ_UNKNOWN);
    }

    @Override
    public void streamPending(
        long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
      if (!unowned.contains(group, idMillis, idSequence)) {
        next.streamPending(idMillis, idSequence, deliveryMillis, deliveryCount);
      }
    }

    @Override
    public void streamConsumer(Element name, long seenMillis, long activeMillis) {
      next.streamConsumer(name, seenMillis, activeMillis);
    }

    @Override
    public void streamConsumerPending(long idMillis, long idSequence) {
      next.streamConsumerPending(idMillis, idSequence);
    }
  }
}
