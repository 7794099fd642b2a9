package io.ringkeep.redis.command;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Record;
import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueWalker;
import java.util.EnumSet;
import java.util.Set;

/// Finds what a server could not hold of a record. Not thread-safe; used again for one record after
/// the other.
public final class LossFinder {
  private final Ability ability;
  private final ValueWalker walker = new ValueWalker();
  private final Found found = new Found();

  public LossFinder(Ability ability) {
    this.ability = ability;
  }

  /// What would be lost; empty if nothing.
  ///
  /// @throws CorruptData if the value's bytes make no sense
  public Set<Loss> losses(Record record) {
    found.losses.clear();
    boolean asIs = ability.restores(record);
    LogicalType type = RdbType.logicalType(record.version(), record.type());
    if (type == LogicalType.MODULE) {
      if (!asIs) {
        found.losses.add(Loss.MODULE);
      }
    } else if (type == LogicalType.ARRAY && !ability.knows(record.version(), record.type())) {
      found.losses.add(Loss.ARRAY);
    } else if (!asIs) {
      found.lastAdded = StreamId.ZERO;
      walker.walk(record, found);
    }
    return Set.copyOf(found.losses);
  }

  private final class Found extends QuietVisitor {
    final Set<Loss> losses = EnumSet.noneOf(Loss.class);
    StreamId lastAdded = StreamId.ZERO;
    private long length;

    private void measure(Element element) {
      if (element.length() > ability.longestArgument()) {
        losses.add(Loss.TOO_LONG);
      }
    }

    @Override
    public void string(Element value) {
      measure(value);
    }

    @Override
    public void listElement(Element element) {
      measure(element);
    }

    @Override
    public void setMember(Element member) {
      measure(member);
    }

    @Override
    public void sortedSetMember(Element member, double score) {
      measure(member);
    }

    @Override
    public void hashField(Element field, Element value, long expiryMillis) {
      measure(field);
      measure(value);
      if (expiryMillis != NO_EXPIRY && !ability.fieldExpiry()) {
        losses.add(Loss.FIELD_EXPIRY);
      }
    }

    @Override
    public void streamField(Element name, Element value) {
      measure(name);
      measure(value);
    }

    @Override
    public void streamState(StreamState state) {
      length = state.length();
      lastAdded = state.last();
      boolean counted =
          state.entriesAdded() != state.length() || !state.maxDeleted().equals(StreamId.ZERO);
      if (counted && !ability.streamCounters()) {
        losses.add(Loss.STREAM_COUNTERS);
      }
    }

    @Override
    public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
      // What an old server's next version would work out by itself is no loss.
      boolean derived =
          entriesRead == ENTRIES_READ_UNKNOWN
              || (entriesRead == 0 && lastDelivered.equals(StreamId.ZERO))
              || (entriesRead == length && lastDelivered.equals(lastAdded));
      if (!derived && !ability.streamCounters()) {
        losses.add(Loss.STREAM_COUNTERS);
      }
    }

    @Override
    public void streamUnowned(long idMillis, long idSequence) {
      losses.add(Loss.STREAM_UNOWNED);
    }

    @Override
    public void streamIdempotence(
        long durationSeconds, long mostEntries, long added, long duplicates) {
      losses.add(Loss.STREAM_PRODUCERS);
    }

    @Override
    public void arrayElement(long index, Element value) {
      measure(value);
    }
  }
}
