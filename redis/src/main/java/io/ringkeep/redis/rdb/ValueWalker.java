package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.model.Record;

/// Walks over a record's encoded value and tells a [ValueVisitor] what is in it, building nothing.
///
/// It reads every type that [RdbType] names. Nothing outside the value is read, no memory is
/// reserved that the value's size does not justify, and bytes that make no sense are [CorruptData],
/// after the visitor has seen what stood before them.
///
/// Not thread-safe; used again for one record after the other.
public final class ValueWalker {
  private final ValueCursor cursor = new ValueCursor();
  private final Element container = new Element();
  private final Element first = new Element();
  private final Element second = new Element();
  private final Element third = new Element();
  private final Listpack listpack = new Listpack();
  private final Ziplist ziplist = new Ziplist();
  private final Zipmap zipmap = new Zipmap();
  private final Intset intset = new Intset();
  private final StreamWalker streams = new StreamWalker(cursor, container, listpack, first, second);

  /// Hands everything in the record's value to `visitor`.
  ///
  /// @throws CorruptData if the value's bytes make no sense
  /// @throws UnsupportedFormat if the record's version has no such type
  public void walk(Record record, ValueVisitor visitor) {
    RdbType type =
        RdbType.of(record.version(), record.type()).orElseThrow(() -> unsupported(record));
    cursor.begin(record.value());
    try {
      walk(type, visitor);
      cursor.end();
    } catch (CorruptData e) {
      throw new CorruptData(
          "value cannot be decoded: type=%d version=%s bytes=%d offset=%d: %s"
              .formatted(
                  record.type(),
                  record.version(),
                  record.value().remaining(),
                  cursor.offset(),
                  e.getMessage()),
          null,
          e);
    } finally {
      container.release();
      first.release();
      second.release();
      third.release();
    }
  }

  private void walk(RdbType type, ValueVisitor visitor) {
    switch (type) {
      case STRING -> {
        cursor.string(first);
        visitor.string(first);
      }
      case LIST -> plainList(visitor);
      case LIST_ZIPLIST -> packedList(packed(ziplist), visitor);
      case LIST_QUICKLIST -> quicklist(visitor);
      case LIST_QUICKLIST_2 -> quicklist2(visitor);
      case SET -> plainSet(visitor);
      case SET_INTSET -> packedSet(packed(intset), visitor);
      case SET_LISTPACK -> packedSet(packed(listpack), visitor);
      case ZSET -> textSortedSet(visitor);
      case ZSET_2 -> binarySortedSet(visitor);
      case ZSET_ZIPLIST -> packedSortedSet(packed(ziplist), visitor);
      case ZSET_LISTPACK -> packedSortedSet(packed(listpack), visitor);
      case HASH -> plainHash(visitor);
      case HASH_ZIPMAP -> packedHash(packed(zipmap), visitor);
      case HASH_ZIPLIST -> packedHash(packed(ziplist), visitor);
      case HASH_LISTPACK -> packedHash(packed(listpack), visitor);
      case HASH_METADATA -> hashWithExpiryBefore(cursor.littleEndianLong(), visitor);
      case HASH_METADATA_PRE_GA -> hashWithExpiryBefore(/* minimum= */ 1, visitor);
      case HASH_2 -> hashWithExpiryBehind(visitor);
      case HASH_LISTPACK_EX -> {
        cursor.littleEndianLong(); // the earliest expiry: a hint
        packedHashWithExpiry(visitor);
      }
      case HASH_LISTPACK_EX_PRE_GA -> packedHashWithExpiry(visitor);
      case STREAM_LISTPACKS,
          STREAM_LISTPACKS_2,
          STREAM_LISTPACKS_3,
          STREAM_LISTPACKS_4,
          STREAM_LISTPACKS_5 ->
          streams.walk(type, visitor);
      case ARRAY -> array(visitor);
      case MODULE_PRE_GA, MODULE_2 -> {
        cursor.rest(first);
        visitor.module(first);
      }
    }
  }

  /// Starts the compact form that the next string holds.
  private ElementSequence packed(ElementSequence sequence) {
    cursor.string(container);
    sequence.begin(container.buffer(), container.start(), container.end());
    return sequence;
  }

  private void plainList(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      cursor.string(first);
      visitor.listElement(first);
    }
  }

  private void quicklist(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      packedList(packed(ziplist), visitor);
    }
  }

  private void quicklist2(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      long form = cursor.number();
      if (form == 1) { // QUICKLIST_NODE_CONTAINER_PLAIN: one large element
        cursor.string(first);
        visitor.listElement(first);
      } else if (form == 2) { // QUICKLIST_NODE_CONTAINER_PACKED
        packedList(packed(listpack), visitor);
      } else {
        throw new CorruptData("unknown node of a list: form=" + form, null, null);
      }
    }
  }

  private void packedList(ElementSequence elements, ValueVisitor visitor) {
    while (elements.next(first)) {
      visitor.listElement(first);
    }
  }

  private void plainSet(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      cursor.string(first);
      visitor.setMember(first);
    }
  }

  private void packedSet(ElementSequence members, ValueVisitor visitor) {
    while (members.next(first)) {
      visitor.setMember(first);
    }
  }

  private void textSortedSet(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      cursor.string(first);
      visitor.sortedSetMember(first, textScore());
    }
  }

  /// A score with its length in front, three lengths standing for what has no digits
  /// (`rdbLoadDoubleValue`).
  private double textScore() {
    int length = cursor.unsignedByte();
    return switch (length) {
      case 255 -> Double.NEGATIVE_INFINITY;
      case 254 -> Double.POSITIVE_INFINITY;
      case 253 -> Double.NaN;
      default -> {
        cursor.bytes(length, second);
        yield ScoreText.parse(second);
      }
    };
  }

  private void binarySortedSet(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      cursor.string(first);
      visitor.sortedSetMember(first, Double.longBitsToDouble(cursor.littleEndianLong()));
    }
  }

  private void packedSortedSet(ElementSequence members, ValueVisitor visitor) {
    while (members.next(first)) {
      required(members, second);
      visitor.sortedSetMember(
          first, second.isInteger() ? (double) second.integer() : ScoreText.parse(second));
    }
  }

  private void plainHash(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      cursor.string(first);
      cursor.string(second);
      visitor.hashField(first, second, ValueVisitor.NO_EXPIRY);
    }
  }

  private void packedHash(ElementSequence fields, ValueVisitor visitor) {
    while (fields.next(first)) {
      required(fields, second);
      visitor.hashField(first, second, ValueVisitor.NO_EXPIRY);
    }
  }

  /// Redis: before each field 0, or its expiry counted from `minimum` on as 1.
  private void hashWithExpiryBefore(long minimum, ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      long relative = cursor.number();
      cursor.string(first);
      cursor.string(second);
      visitor.hashField(
          first,
          second,
          relative == 0 ? ValueVisitor.NO_EXPIRY : fieldExpiry(relative + minimum - 1));
    }
  }

  /// Valkey: behind each value its expiry, or -1.
  private void hashWithExpiryBehind(ValueVisitor visitor) {
    for (long left = cursor.count(); left > 0; left--) {
      cursor.string(first);
      cursor.string(second);
      long expiry = cursor.littleEndianLong();
      visitor.hashField(first, second, expiry == -1 ? ValueVisitor.NO_EXPIRY : fieldExpiry(expiry));
    }
  }

  /// Redis: field, value and expiry in turn, 0 for none.
  private void packedHashWithExpiry(ValueVisitor visitor) {
    ElementSequence fields = packed(listpack);
    while (fields.next(first)) {
      required(fields, second);
      required(fields, third);
      if (!third.isInteger()) {
        throw new CorruptData("a field's expiry is not a number", null, null);
      }
      long expiry = third.integer();
      visitor.hashField(first, second, expiry == 0 ? ValueVisitor.NO_EXPIRY : fieldExpiry(expiry));
    }
  }

  private void array(ValueVisitor visitor) {
    long elements = cursor.count();
    long flag = cursor.number();
    if (flag != 0 && flag != 1) {
      throw new CorruptData("unknown flag of an array: flag=" + flag, null, null);
    }
    // The highest index stands for none (`AR_INSERT_IDX_NONE`), and becomes 0 here as well.
    long next = flag == 0 ? 0 : cursor.number() + 1;
    for (long left = elements; left > 0; left--) {
      long index = cursor.number();
      if (index == -1) {
        throw new CorruptData("an array's index is out of range", null, null);
      }
      arrayValue(cursor.number());
      visitor.arrayElement(index, first);
    }
    visitor.arrayNext(next);
  }

  private void arrayValue(long tag) {
    if (tag == RdbFormat.ARRAY_STRING || tag == RdbFormat.ARRAY_SMALL_STRING) {
      cursor.string(first);
    } else if (tag == RdbFormat.ARRAY_INTEGER) {
      first.set(cursor.littleEndianLong());
    } else if (tag == RdbFormat.ARRAY_DOUBLE) {
      first.set(Double.longBitsToDouble(cursor.littleEndianLong()));
    } else {
      throw new CorruptData(
          "unknown element of an array: tag=" + Long.toUnsignedString(tag), null, null);
    }
  }

  private static long fieldExpiry(long millis) {
    if (millis < 0) {
      throw new CorruptData("a field's expiry is out of range: millis=" + millis, null, null);
    }
    return millis;
  }

  private static void required(ElementSequence elements, Element into) {
    if (!elements.next(into)) {
      throw new CorruptData("the last member has no partner", null, null);
    }
  }

  private static UnsupportedFormat unsupported(Record record) {
    return new UnsupportedFormat(
        "unknown RDB value type: type=%d version=%s".formatted(record.type(), record.version()),
        null);
  }
}
