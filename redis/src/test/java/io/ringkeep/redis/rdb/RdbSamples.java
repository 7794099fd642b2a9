package io.ringkeep.redis.rdb;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Values of every type whose lengths are right and whose contents mean nothing: all that a slicer
/// may look at.
final class RdbSamples {
  /// A type with the version that writes it.
  record TypeOfVersion(RdbType type, RdbVersion version) {
    int number() {
      return type.number();
    }
  }

  private RdbSamples() {}

  /// Every type that can be sliced, in the oldest version that a server of today may still have
  /// written it with and in the newest.
  static List<TypeOfVersion> types() {
    List<TypeOfVersion> types = new ArrayList<>();
    for (RdbType type : RdbType.values()) {
      if (type != RdbType.MODULE_PRE_GA) {
        types.add(new TypeOfVersion(type, DumpPayload.stampFor(type.since(), type.number())));
        for (Family family : Family.values()) {
          if (type.knownTo(RdbFormat.newest(family))) {
            types.add(new TypeOfVersion(type, RdbFormat.newest(family)));
          }
        }
      }
    }
    return types;
  }

  /// A small value with each part that the type can have.
  static byte[] value(RdbType type) {
    return value(type, new Random(type.number()), 2, 30);
  }

  /// A value of `elements` elements whose strings have up to `maxString` bytes.
  static byte[] value(RdbType type, Random random, int elements, int maxString) {
    RdbBytes out = RdbBytes.value();
    switch (type) {
      case STRING,
          HASH_ZIPMAP,
          LIST_ZIPLIST,
          SET_INTSET,
          ZSET_ZIPLIST,
          HASH_ZIPLIST,
          HASH_LISTPACK,
          ZSET_LISTPACK,
          SET_LISTPACK,
          HASH_LISTPACK_EX_PRE_GA ->
          string(out, random, maxString);
      case HASH_LISTPACK_EX -> string(out.i64(random.nextLong()), random, maxString);
      case LIST, SET, LIST_QUICKLIST -> {
        out.length(elements);
        for (int i = 0; i < elements; i++) {
          string(out, random, maxString);
        }
      }
      case HASH, HASH_2 -> {
        out.length(elements);
        for (int i = 0; i < elements; i++) {
          string(out, random, maxString);
          string(out, random, maxString);
          if (type == RdbType.HASH_2) {
            out.i64(random.nextBoolean() ? -1 : random.nextLong());
          }
        }
      }
      case ZSET -> {
        out.length(elements);
        for (int i = 0; i < elements; i++) {
          string(out, random, maxString);
          String score = Double.toString(random.nextDouble());
          switch (random.nextInt(4)) {
            case 0 -> out.u8(253);
            case 1 -> out.u8(254);
            case 2 -> out.u8(255);
            default -> out.u8(score.length()).raw(RdbBytes.ascii(score));
          }
        }
      }
      case ZSET_2 -> {
        out.length(elements);
        for (int i = 0; i < elements; i++) {
          string(out, random, maxString);
          out.f64(random.nextDouble());
        }
      }
      case LIST_QUICKLIST_2 -> {
        out.length(elements);
        for (int i = 0; i < elements; i++) {
          string(out.length(1 + random.nextInt(2)), random, maxString);
        }
      }
      case HASH_METADATA, HASH_METADATA_PRE_GA -> {
        if (type == RdbType.HASH_METADATA) {
          out.i64(random.nextLong());
        }
        out.length(elements);
        for (int i = 0; i < elements; i++) {
          anyLength(out, random);
          string(out, random, maxString);
          string(out, random, maxString);
        }
      }
      case STREAM_LISTPACKS -> stream(out, 1, random, elements, maxString);
      case STREAM_LISTPACKS_2 -> stream(out, 2, random, elements, maxString);
      case STREAM_LISTPACKS_3 -> stream(out, 3, random, elements, maxString);
      case STREAM_LISTPACKS_4 -> stream(out, 4, random, elements, maxString);
      case STREAM_LISTPACKS_5 -> stream(out, 5, random, elements, maxString);
      case ARRAY -> array(out, random, elements, maxString);
      case MODULE_2 -> module(out, random, elements, maxString);
      case MODULE_PRE_GA -> throw new IllegalArgumentException("cannot be sliced: " + type);
    }
    return out.bytes();
  }

  /// A module's id and parts of every kind.
  static void module(RdbBytes out, Random random, int elements, int maxString) {
    out.length64(random.nextLong());
    for (int i = 0; i < elements; i++) {
      anyLength(out.u8(1), random);
      anyLength(out.u8(2), random);
      out.u8(3).i32(random.nextInt());
      out.u8(4).f64(random.nextDouble());
      string(out.u8(5), random, maxString);
    }
    out.u8(0);
  }

  private static void array(RdbBytes out, Random random, int elements, int maxString) {
    out.length(elements);
    if (random.nextBoolean()) {
      anyLength(out.length(1), random);
    } else {
      out.length(0);
    }
    for (int i = 0; i < elements; i++) {
      anyLength(out, random);
      int tag = random.nextInt(4);
      out.length(tag);
      if (tag == 1 || tag == 2) {
        out.i64(random.nextLong());
      } else {
        string(out, random, maxString);
      }
    }
  }

  private static void stream(RdbBytes out, int form, Random random, int elements, int maxString) {
    out.length(elements);
    for (int i = 0; i < elements; i++) {
      out.string(new byte[16]);
      string(out, random, maxString);
    }
    lengths(out, random, form >= 2 ? 8 : 3);
    out.length(2);
    for (int group = 0; group < 2; group++) {
      string(out, random, maxString);
      lengths(out, random, form >= 2 ? 3 : 2);
      out.length(elements);
      for (int i = 0; i < elements; i++) {
        out.i64(random.nextLong()).i64(random.nextLong()).i64(random.nextLong()).length(i);
      }
      out.length(2);
      for (int consumer = 0; consumer < 2; consumer++) {
        string(out, random, maxString);
        out.i64(random.nextLong());
        if (form >= 3) {
          out.i64(random.nextLong());
        }
        int owned = elements * consumer;
        out.length(owned);
        for (int i = 0; i < owned; i++) {
          out.i64(random.nextLong()).i64(random.nextLong());
        }
      }
      if (form >= 5) {
        int unowned = group * elements;
        out.length(unowned);
        for (int i = 0; i < unowned; i++) {
          out.i64(random.nextLong()).i64(random.nextLong());
        }
      }
    }
    if (form >= 4) {
      lengths(out, random, 2);
      out.length(2);
      for (int producer = 0; producer < 2; producer++) {
        string(out, random, maxString);
        int entries = elements * producer;
        out.length(entries);
        for (int i = 0; i < entries; i++) {
          string(out, random, maxString);
          lengths(out, random, 2);
        }
      }
      lengths(out, random, 2);
    }
  }

  private static void lengths(RdbBytes out, Random random, int count) {
    for (int i = 0; i < count; i++) {
      anyLength(out, random);
    }
  }

  private static void anyLength(RdbBytes out, Random random) {
    out.length(random.nextLong() >>> random.nextInt(64));
  }

  /// A string in any form.
  static void string(RdbBytes out, Random random, int maxString) {
    switch (random.nextInt(8)) {
      case 0 -> out.u8(0xc0, random.nextInt(256));
      case 1 -> out.u8(0xc1).i16(random.nextInt());
      case 2 -> out.u8(0xc2).i32(random.nextInt());
      case 3 -> out.compressed(11 + random.nextInt(255));
      case 4 -> out.length32(3).raw(RdbBytes.ascii("abc"));
      case 5 -> out.length64(3).raw(RdbBytes.ascii("abc"));
      default -> {
        byte[] bytes = new byte[random.nextInt(maxString + 1)];
        random.nextBytes(bytes);
        out.string(bytes);
      }
    }
  }
}
