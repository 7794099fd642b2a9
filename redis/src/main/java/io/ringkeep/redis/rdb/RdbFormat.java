package io.ringkeep.redis.rdb;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.RdbVersion.Family;

/// The RDB format as far as it is not about values: opcodes and versions.
final class RdbFormat {
  /*
   * FORMAT
   *   magic       9 characters: REDIS and four digits, or VALKEY and three
   *   items       each an opcode or a value type, one byte, and what follows from it:
   *     AUX            two strings: name, value; unknown ones are passed over
   *     MODULE_AUX     module id, then the module's parts up to part 0
   *     FUNCTION2      one string: a library's code
   *     SELECTDB       length: the database of the keys that follow, until the next one
   *     RESIZEDB       two lengths: keys and expiring keys of that database; a hint
   *     HASH_TEMPLATE  (Redis 15) id, number of fields, a string for each: names that hashes behind it share
   *     SLOT_INFO      three lengths: slot, keys in it, expiring keys in it; a hint
   *     SLOT_IMPORT    (Valkey) string and slot ranges of an unfinished atomic migration into this server
   *     KEY_META       (Redis 13) what modules attached to the next key
   *     EXPIRETIME_MS  8 bytes, little-endian: absolute expiry of the next key, milliseconds
   *     EXPIRETIME     4 bytes, little-endian: the same in seconds
   *     IDLE, FREQ     length, one byte: LRU idle seconds, LFU counter of the next key
   *     type           string: the key; then the value
   *   EOF         opcode
   *   checksum    8 bytes, little-endian: CRC-64 of all before it; 0: none was made. Since version 5
   *
   * VALIDITY    The checksum, where there is one, and nothing behind it.
   *
   * Numbers up to 21 (types) and from 244 (opcodes) are common. 22–243 mean another thing in each family.
   *
   * Source: rdb.c and rdb.h of Redis 8.0 and Valkey 9.1; for versions 13 to 15, parserRaw.c of redis/librdb.
   *
   * An array (type 28, Redis 8.8), all numbers as lengths but where it says otherwise:
   *   elements    how many
   *   flag        1: the index that was inserted last follows; 0: none was
   *   element     index, tag, and what follows from the tag:
   *     0, 3         string
   *     1            8 bytes, little-endian: an integer, signed
   *     2            8 bytes, little-endian: a double
   *
   * Source: sparsearray.h and sparsearray.c of Redis 8.8 (the tags, and what a value is to clients), redis/librdb 2.3
   * (pull request 100, its tests' JSON), tests/unit/type/array.tcl of Redis. That an integer is little-endian is what
   * a parser and writer in Rust has it as, and how RDB has all integers of fixed size; no server was there to ask.
   */

  static final int OPCODE_HASH_TEMPLATE = 242;
  static final int OPCODE_SLOT_IMPORT_OR_KEY_META = 243;
  static final int OPCODE_SLOT_INFO = 244;
  static final int OPCODE_FUNCTION2 = 245;
  static final int OPCODE_FUNCTION_PRE_GA = 246;
  static final int OPCODE_MODULE_AUX = 247;
  static final int OPCODE_IDLE = 248;
  static final int OPCODE_FREQ = 249;
  static final int OPCODE_AUX = 250;
  static final int OPCODE_RESIZEDB = 251;
  static final int OPCODE_EXPIRETIME_MS = 252;
  static final int OPCODE_EXPIRETIME = 253;
  static final int OPCODE_SELECTDB = 254;
  static final int OPCODE_EOF = 255;

  /// Kinds of the parts that a module's data consists of.
  static final int MODULE_EOF = 0;

  static final int MODULE_SINT = 1;
  static final int MODULE_UINT = 2;
  static final int MODULE_FLOAT = 3;
  static final int MODULE_DOUBLE = 4;
  static final int MODULE_STRING = 5;

  /// What an element of an array is kept as; strings of 0 and 3 differ in nothing that clients see.
  static final int ARRAY_STRING = 0;

  static final int ARRAY_INTEGER = 1;
  static final int ARRAY_DOUBLE = 2;
  static final int ARRAY_SMALL_STRING = 3;

  static final int MAGIC_BYTES = 9;
  static final int CHECKSUM_BYTES = 8;

  /// Redis 8.10.
  private static final int NEWEST_REDIS = 15;

  /// Valkey 9.0 and 9.1.
  private static final int NEWEST_VALKEY = 80;

  private static final String MODULE_NAME_CHARACTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private RdbFormat() {}

  /// The newest version of a family that is known here.
  static RdbVersion newest(Family family) {
    return new RdbVersion(family, family == Family.REDIS ? NEWEST_REDIS : NEWEST_VALKEY);
  }

  /// Which versions can be read, for people.
  static String known() {
    return "%s to %s, %s"
        .formatted(RdbVersion.redis(1), newest(Family.REDIS), newest(Family.VALKEY));
  }

  /// True if files of this version can be read.
  ///
  /// Valkey counts from 80; all below are reserved.
  static boolean readable(RdbVersion version) {
    return switch (version.family()) {
      case REDIS -> version.number() <= NEWEST_REDIS;
      case VALKEY -> version.number() == NEWEST_VALKEY;
    };
  }

  /// True if files of this version end with a checksum.
  static boolean hasChecksum(RdbVersion version) {
    return version.family() == Family.VALKEY || version.number() >= 5;
  }

  /// True if servers load function libraries from files of this version.
  static boolean hasFunctions(RdbVersion version) {
    return version.family() == Family.VALKEY || version.number() >= 10;
  }

  /// The nine characters of a module type's name that stand in the upper 54 bits of its id.
  ///
  /// Source: `moduleTypeNameByID` in `module.c`.
  static String moduleName(long id) {
    char[] name = new char[9];
    long rest = id >>> 10;
    for (int i = name.length - 1; i >= 0; i--) {
      name[i] = MODULE_NAME_CHARACTERS.charAt((int) (rest & 63));
      rest >>>= 6;
    }
    return new String(name);
  }
}
