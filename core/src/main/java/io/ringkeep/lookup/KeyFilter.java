package io.ringkeep.lookup;

import io.ringkeep.model.Slot;
import io.ringkeep.model.SlotRange;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.Glob;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.run.RecordHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Which keys somebody asks for.
///
/// @param pattern as `KEYS` of a server takes it; absent for all
/// @param database the only one; absent for all
/// @param types empty for all
/// @param leastBytes of the value as stored
/// @param expiresBefore only keys that expire before it
/// @param persistent only keys that do not expire
public record KeyFilter(
    Optional<String> pattern,
    OptionalInt database,
    Set<LogicalType> types,
    long leastBytes,
    Optional<Instant> expiresBefore,
    boolean persistent) {
  private static final String WILD = "*?[\\";

  /// All keys.
  public static final KeyFilter ALL =
      new KeyFilter(Optional.empty(), OptionalInt.empty(), Set.of(), 0, Optional.empty(), false);

  public KeyFilter {
    types = Set.copyOf(types);
  }

  /// Where keys that the pattern matches can be: one slot if it names a whole hash tag, or no
  /// wildcard at all.
  List<SlotRange> slots() {
    if (pattern.isEmpty()) {
      return List.of(SlotRange.ALL);
    }
    String text = pattern.get();
    int wild = 0;
    while (wild < text.length() && WILD.indexOf(text.charAt(wild)) < 0) {
      wild++;
    }
    String literal = text.substring(0, wild);
    int open = literal.indexOf('{');
    int close = open < 0 ? -1 : literal.indexOf('}', open + 1);
    boolean tagged = close > open + 1;
    if (!tagged && wild < text.length()) {
      return List.of(SlotRange.ALL);
    }
    int slot = Slot.of(ByteBuffer.wrap(literal.getBytes(StandardCharsets.UTF_8)));
    return List.of(new SlotRange(slot, slot));
  }

  /// A matcher of the pattern; every name matches if there is none.
  Matcher matcher() {
    Optional<Glob> glob = pattern.map(Glob::ofShown);
    return head -> matches(head) && (glob.isEmpty() || glob.get().matches(head.key()));
  }

  /// Tells which keys are meant.
  @FunctionalInterface
  interface Matcher {
    boolean matches(RecordHead head);
  }

  private boolean matches(RecordHead head) {
    return (database.isEmpty() || database.getAsInt() == head.database())
        && head.valueBytes() >= leastBytes
        && (types.isEmpty() || types.contains(RdbType.logicalType(head.version(), head.type())))
        && (!persistent || !head.expires())
        && (expiresBefore.isEmpty()
            || (head.expires() && head.expiryMillis() < expiresBefore.get().toEpochMilli()));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("pattern=").append(pattern.map(p -> EscapedText.of(bytes(p))).orElse("*"));
    database.ifPresent(number -> text.append(" db=").append(number));
    if (!types.isEmpty()) {
      text.append(" types=").append(types);
    }
    if (leastBytes > 0) {
      text.append(" leastBytes=").append(leastBytes);
    }
    expiresBefore.ifPresent(moment -> text.append(" expiresBefore=").append(moment));
    return persistent ? text.append(" persistent").toString() : text.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
