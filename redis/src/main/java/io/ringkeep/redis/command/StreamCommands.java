package io.ringkeep.redis.command;

import static io.ringkeep.redis.command.ValueCommands.ascii;

import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import io.ringkeep.redis.rdb.ValueVisitor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The commands that write a stream: its entries, its counters, its groups with their consumers and
/// pending entries.
final class StreamCommands {
  /*
   * A pending entry whose stream entry was deleted or trimmed can't be claimed by itself. So placeholders with those
   * ids are added in order, claimed, and removed: by XTRIM MINID in front of the first entry that lives, which leaves
   * the highest deleted id alone as the source's own trimming did, and by XDEL behind it.
   */
  private static final byte[] XADD = ascii("XADD");
  private static final byte[] XDEL = ascii("XDEL");
  private static final byte[] XTRIM = ascii("XTRIM");
  private static final byte[] XSETID = ascii("XSETID");
  private static final byte[] XGROUP = ascii("XGROUP");
  private static final byte[] XCLAIM = ascii("XCLAIM");
  private static final byte[] XREADGROUP = ascii("XREADGROUP");
  private static final byte[] CREATE = ascii("CREATE");
  private static final byte[] DESTROY = ascii("DESTROY");
  private static final byte[] CREATECONSUMER = ascii("CREATECONSUMER");

  /// A group that makes an empty stream and goes again.
  private static final String MAKER = "ringkeep";

  private final ValueCommands commands;
  private final Ability ability;

  private PendingIds pending = new PendingIds();
  private final List<StreamId> inFront = new ArrayList<>();
  private final List<StreamId> behind = new ArrayList<>();
  private boolean entries;
  private long fieldBytes;
  private long fieldsLeft;
  private Optional<StreamState> state = Optional.empty();

  // Of the group in work: its pending entries by id, and how each was delivered.
  private byte[] group = new byte[0];
  private byte[] consumer = new byte[0];
  private long[] delivered = new long[0];
  private int deliveredCount;

  StreamCommands(ValueCommands commands, Ability ability) {
    this.commands = commands;
    this.ability = ability;
  }

  void begin(PendingIds pendingIds) {
    pending = pendingIds;
    inFront.clear();
    behind.clear();
    entries = false;
    state = Optional.empty();
    deliveredCount = 0;
  }

  void entry(StreamId id, long fieldCount) {
    for (StreamId lost : pending.before(id)) {
      placeholder(lost);
    }
    entries = true;
    commands.head(XADD, 2 + 2 * fieldCount);
    commands.word(id.toString());
    fieldsLeft = fieldCount;
    fieldBytes = 0;
    if (fieldsLeft == 0) {
      commands.sent(fieldBytes);
    }
  }

  void field(Element name, Element value) {
    commands.word(name);
    commands.word(value);
    fieldBytes += name.length() + value.length();
    if (--fieldsLeft == 0) {
      commands.sent(fieldBytes);
    }
  }

  private void placeholder(StreamId id) {
    (entries ? behind : inFront).add(id);
    commands.head(XADD, 4);
    commands.word(id.toString());
    commands.word("");
    commands.word("");
    commands.sent(0);
  }

  void state(StreamState found) {
    for (StreamId lost : pending.rest()) {
      placeholder(lost);
    }
    if (!entries && inFront.isEmpty()) {
      commands.head(XGROUP, CREATE, 4);
      commands.word(MAKER);
      commands.word("$");
      commands.word("MKSTREAM");
      commands.sent(0);
      commands.head(XGROUP, DESTROY, 2);
      commands.word(MAKER);
      commands.sent(0);
    }
    state = Optional.of(found);
    setId(found, Math.max(found.entriesAdded(), found.length() + inFront.size() + behind.size()));
  }

  private void setId(StreamState found, long entriesAdded) {
    boolean deleted = !found.maxDeleted().equals(StreamId.ZERO);
    commands.head(XSETID, 2 + (!ability.streamCounters() ? 0 : deleted ? 4 : 2));
    commands.word(found.last().toString());
    if (ability.streamCounters()) {
      commands.word("ENTRIESADDED");
      commands.number(entriesAdded);
      if (deleted) {
        commands.word("MAXDELETEDID");
        commands.word(found.maxDeleted().toString());
      }
    }
    commands.sent(0);
  }

  void group(Element name, StreamId lastDelivered, long entriesRead) {
    group = name.toBytes();
    deliveredCount = 0;
    boolean counted = ability.streamCounters() && entriesRead != ValueVisitor.ENTRIES_READ_UNKNOWN;
    commands.head(XGROUP, CREATE, counted ? 5 : 3);
    commands.word(group, 0, group.length);
    commands.word(lastDelivered.toString());
    if (counted) {
      commands.word("ENTRIESREAD");
      commands.number(entriesRead);
    }
    commands.sent(0);
  }

  /// They come by id, so that their owners find them by halving.
  void pending(long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
    int at = 4 * deliveredCount++;
    if (at + 4 > delivered.length) {
      delivered = Arrays.copyOf(delivered, Math.max(256, 2 * delivered.length));
    }
    delivered[at] = idMillis;
    delivered[at + 1] = idSequence;
    delivered[at + 2] = deliveryMillis;
    delivered[at + 3] = deliveryCount;
  }

  void consumer(Element name) {
    consumer = name.toBytes();
    if (ability.consumers()) {
      commands.head(XGROUP, CREATECONSUMER, 3);
      commands.word(group, 0, group.length);
      commands.word(consumer, 0, consumer.length);
      commands.sent(0);
    } else {
      // 6.0 makes a consumer for whoever asks for what is pending.
      commands.whole(
          XREADGROUP,
          ascii("GROUP"),
          group,
          consumer,
          ascii("COUNT"),
          ascii("1"),
          ascii("STREAMS"),
          commands.key(),
          ascii("0"));
    }
  }

  void consumerPending(long idMillis, long idSequence) {
    StreamId id = new StreamId(idMillis, idSequence);
    int at = find(id);
    commands.head(XCLAIM, at < 0 ? 7 : 11);
    commands.word(group, 0, group.length);
    commands.word(consumer, 0, consumer.length);
    commands.number(0);
    commands.word(id.toString());
    if (at >= 0) {
      commands.word("TIME");
      commands.number(delivered[at + 2]);
      commands.word("RETRYCOUNT");
      commands.number(delivered[at + 3]);
    }
    commands.word("FORCE");
    commands.word("JUSTID");
    commands.sent(0);
  }

  private int find(StreamId id) {
    int low = 0;
    int high = deliveredCount - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = id.compareTo(new StreamId(delivered[4 * middle], delivered[4 * middle + 1]));
      if (order == 0) {
        return 4 * middle;
      }
      if (order < 0) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return -1;
  }

  void end() {
    if (state.isEmpty() || (inFront.isEmpty() && behind.isEmpty())) {
      return;
    }
    StreamState found = state.get();
    if (!inFront.isEmpty() && !entries) {
      commands.head(XTRIM, 3);
      commands.word("MAXLEN");
      commands.number(0);
      commands.sent(0);
    } else if (!inFront.isEmpty() && ability.consumers()) {
      commands.head(XTRIM, 3);
      commands.word("MINID");
      commands.word(found.first().toString());
      commands.sent(0);
    } else {
      inFront.forEach(this::delete);
    }
    behind.forEach(this::delete);
    setId(found, found.entriesAdded());
  }

  private void delete(StreamId id) {
    commands.head(XDEL, 2);
    commands.word(id.toString());
    commands.sent(0);
  }
}
