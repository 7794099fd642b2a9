package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.io.IOException;

/// Finds where a value ends, by passing over it: lengths and counts are read, contents are not.
final class RdbSlicer {
  private static final int STREAM_ID_BYTES = 16;
  private static final int TIME_BYTES = 8;
  private static final int DOUBLE_BYTES = 8;

  private RdbSlicer() {}

  /// Passes over a value of this type.
  static void skipValue(RdbInput in, RdbType type) throws IOException {
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
          in.skipString();
      case HASH_LISTPACK_EX -> {
        in.skip(TIME_BYTES);
        in.skipString();
      }
      case LIST, SET, LIST_QUICKLIST -> skipElements(in, 1, 0);
      case HASH -> skipElements(in, 2, 0);
      case ZSET_2 -> skipElements(in, 1, DOUBLE_BYTES);
      case HASH_2 -> skipElements(in, 2, TIME_BYTES);
      case ZSET -> skipTextScores(in);
      case LIST_QUICKLIST_2 -> skipLengthsWithStrings(in, 1);
      case HASH_METADATA -> {
        in.skip(TIME_BYTES);
        skipLengthsWithStrings(in, 2);
      }
      case HASH_METADATA_PRE_GA -> skipLengthsWithStrings(in, 2);
      case STREAM_LISTPACKS -> skipStream(in, 1);
      case STREAM_LISTPACKS_2 -> skipStream(in, 2);
      case STREAM_LISTPACKS_3 -> skipStream(in, 3);
      case STREAM_LISTPACKS_4 -> skipStream(in, 4);
      case STREAM_LISTPACKS_5 -> skipStream(in, 5);
      case ARRAY -> skipArray(in);
      case MODULE_2 -> {
        in.length();
        skipModuleParts(in);
      }
      case MODULE_PRE_GA ->
          throw new UnsupportedFormat(
              "%s: offset=%d".formatted(type.description(), in.offset()),
              "only the module itself knows where it ends: load the file into a release of that"
                  + " time and save it from there");
    }
  }

  /// Passes over a counted sequence whose elements have `strings` strings and `bytes` bytes each.
  private static void skipElements(RdbInput in, int strings, int bytes) throws IOException {
    int elements = in.count();
    for (int i = 0; i < elements; i++) {
      for (int s = 0; s < strings; s++) {
        in.skipString();
      }
      in.skip(bytes);
    }
  }

  /// Passes over a counted sequence whose elements have a length and `strings` strings each.
  private static void skipLengthsWithStrings(RdbInput in, int strings) throws IOException {
    int elements = in.count();
    for (int i = 0; i < elements; i++) {
      in.length();
      for (int s = 0; s < strings; s++) {
        in.skipString();
      }
    }
  }

  /// Members with scores as text: a byte with its length, or 253–255 for NaN and the infinities.
  private static void skipTextScores(RdbInput in) throws IOException {
    int members = in.count();
    for (int i = 0; i < members; i++) {
      in.skipString();
      int textBytes = in.u8();
      if (textBytes < 253) {
        in.skip(textBytes);
      }
    }
  }

  private static void skipStream(RdbInput in, int form) throws IOException {
    int nodes = in.count();
    for (int i = 0; i < nodes; i++) {
      in.skipString();
      in.skipString();
    }
    // Length, last id; first id, largest deleted id, entries ever added.
    skipLengths(in, form >= 2 ? 8 : 3);
    int groups = in.count();
    for (int i = 0; i < groups; i++) {
      skipGroup(in, form);
    }
    if (form >= 4) {
      skipProducers(in);
    }
  }

  private static void skipGroup(RdbInput in, int form) throws IOException {
    in.skipString();
    // Last id; entries read.
    skipLengths(in, form >= 2 ? 3 : 2);
    int pending = in.count();
    for (int i = 0; i < pending; i++) {
      in.skip(STREAM_ID_BYTES + TIME_BYTES);
      in.length();
    }
    int consumers = in.count();
    for (int i = 0; i < consumers; i++) {
      in.skipString();
      // Seen; active.
      in.skip(form >= 3 ? 2 * TIME_BYTES : TIME_BYTES);
      skipIds(in);
    }
    if (form >= 5) {
      skipIds(in);
    }
  }

  private static void skipIds(RdbInput in) throws IOException {
    int ids = in.count();
    for (int i = 0; i < ids; i++) {
      in.skip(STREAM_ID_BYTES);
    }
  }

  /// What makes `XADD` idempotent: for each producer the ids it has sent, and what they became.
  private static void skipProducers(RdbInput in) throws IOException {
    // Seconds and entries to keep.
    skipLengths(in, 2);
    int producers = in.count();
    for (int i = 0; i < producers; i++) {
      in.skipString();
      int entries = in.count();
      for (int e = 0; e < entries; e++) {
        in.skipString();
        skipLengths(in, 2);
      }
    }
    // Ids ever added, duplicates ever seen.
    skipLengths(in, 2);
  }

  private static void skipArray(RdbInput in) throws IOException {
    int elements = in.count();
    long flagAt = in.offset();
    long flag = in.length();
    if (flag == 1) {
      in.length();
    } else if (flag != 0) {
      throw RdbInput.damaged(
          "unknown flag of an array in RDB", flagAt, "flag=" + Long.toUnsignedString(flag));
    }
    for (int i = 0; i < elements; i++) {
      in.length();
      long tagAt = in.offset();
      long tag = in.length();
      if (tag == RdbFormat.ARRAY_INTEGER || tag == RdbFormat.ARRAY_DOUBLE) {
        in.skip(DOUBLE_BYTES);
      } else if (tag == RdbFormat.ARRAY_STRING || tag == RdbFormat.ARRAY_SMALL_STRING) {
        in.skipString();
      } else {
        throw RdbInput.damaged(
            "unknown element of an array in RDB", tagAt, "tag=" + Long.toUnsignedString(tag));
      }
    }
  }

  /// Passes over a module's parts, including the one that ends them.
  static void skipModuleParts(RdbInput in) throws IOException {
    while (true) {
      long offset = in.offset();
      long kind = in.length();
      if (kind == RdbFormat.MODULE_EOF) {
        return;
      } else if (kind == RdbFormat.MODULE_SINT || kind == RdbFormat.MODULE_UINT) {
        in.length();
      } else if (kind == RdbFormat.MODULE_FLOAT) {
        in.skip(Float.BYTES);
      } else if (kind == RdbFormat.MODULE_DOUBLE) {
        in.skip(DOUBLE_BYTES);
      } else if (kind == RdbFormat.MODULE_STRING) {
        in.skipString();
      } else {
        throw RdbInput.damaged(
            "unknown part of module data in RDB", offset, "kind=" + Long.toUnsignedString(kind));
      }
    }
  }

  private static void skipLengths(RdbInput in, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      in.length();
    }
  }
}
