package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// The compact forms of small collections, written for tests; they share no code with the product.
final class Packed {
  private final Random random;

  Packed(Random random) {
    this.random = random;
  }

  /// A listpack of strings and [Long]s; a string that is a number may become one.
  byte[] listpack(List<?> elements) {
    RdbBytes body = RdbBytes.value();
    for (Object element : elements) {
      byte[] encoded =
          element instanceof Long number
              ? listpackInteger(number)
              : listpackElement((String) element);
      body.raw(encoded).raw(backwards(encoded.length));
    }
    byte[] bytes = body.bytes();
    int count = elements.size() < 65535 && random.nextInt(8) != 0 ? elements.size() : 65535;
    return RdbBytes.value().i32(bytes.length + 7).i16(count).raw(bytes).u8(0xff).bytes();
  }

  private byte[] listpackElement(String text) {
    if (isInteger(text) && random.nextInt(4) != 0) {
      return listpackInteger(Long.parseLong(text));
    }
    byte[] bytes = text.getBytes(ISO_8859_1);
    int wide = random.nextInt(8);
    if (bytes.length < 64 && wide > 1) {
      return RdbBytes.value().u8(0x80 | bytes.length).raw(bytes).bytes();
    }
    if (bytes.length < 4096 && wide > 0) {
      return RdbBytes.value().u8(0xe0 | bytes.length >> 8, bytes.length).raw(bytes).bytes();
    }
    return RdbBytes.value().u8(0xf0).i32(bytes.length).raw(bytes).bytes();
  }

  /// The number in the narrowest form, or a wider one.
  private byte[] listpackInteger(long n) {
    int wider = random.nextInt(3) == 0 ? random.nextInt(7) : 0;
    if (n >= 0 && n < 128 && wider == 0) {
      return new byte[] {(byte) n};
    }
    if (fits(n, 13) && wider <= 1) {
      return new byte[] {(byte) (0xc0 | ((n >> 8) & 0x1f)), (byte) n};
    }
    if (fits(n, 16) && wider <= 2) {
      return RdbBytes.value().u8(0xf1).raw(littleEndian(n, 2)).bytes();
    }
    if (fits(n, 24) && wider <= 3) {
      return RdbBytes.value().u8(0xf2).raw(littleEndian(n, 3)).bytes();
    }
    if (fits(n, 32) && wider <= 4) {
      return RdbBytes.value().u8(0xf3).raw(littleEndian(n, 4)).bytes();
    }
    return RdbBytes.value().u8(0xf4).raw(littleEndian(n, 8)).bytes();
  }

  /// An element's length once more, seven bits a byte, the highest first. Of the two lengths that
  /// have no zero in so many bits Valkey 9.1 writes no zero before them, all others do.
  private byte[] backwards(int length) {
    int bytes = length <= 127 ? 1 : length < 16383 ? 2 : length < 2097151 ? 3 : 4;
    if ((length == 16383 || length == 2097151) && random.nextBoolean()) {
      bytes--;
    }
    byte[] out = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      out[i] = (byte) (((length >> (7 * (bytes - 1 - i))) & 0x7f) | (i == 0 ? 0 : 0x80));
    }
    return out;
  }

  byte[] ziplist(List<String> elements) {
    RdbBytes body = RdbBytes.value();
    int before = 0;
    int tail = 10;
    for (String element : elements) {
      tail = 10 + body.bytes().length;
      RdbBytes entry = RdbBytes.value();
      if (before < 254 && random.nextInt(8) != 0) {
        entry.u8(before);
      } else {
        entry.u8(254).i32(before);
      }
      byte[] encoded = entry.raw(ziplistElement(element)).bytes();
      before = encoded.length;
      body.raw(encoded);
    }
    byte[] bytes = body.bytes();
    int count = random.nextInt(8) != 0 ? elements.size() : 65535;
    return RdbBytes.value().i32(bytes.length + 11).i32(tail).i16(count).raw(bytes).u8(0xff).bytes();
  }

  private byte[] ziplistElement(String text) {
    if (isInteger(text) && random.nextInt(4) != 0) {
      return ziplistInteger(Long.parseLong(text));
    }
    byte[] bytes = text.getBytes(ISO_8859_1);
    int wide = random.nextInt(8);
    if (bytes.length < 64 && wide > 1) {
      return RdbBytes.value().u8(bytes.length).raw(bytes).bytes();
    }
    if (bytes.length < 16384 && wide > 0) {
      return RdbBytes.value().u8(0x40 | bytes.length >> 8, bytes.length).raw(bytes).bytes();
    }
    byte[] length = ByteBuffer.allocate(4).putInt(bytes.length).array();
    return RdbBytes.value().u8(0x80).raw(length).raw(bytes).bytes();
  }

  private byte[] ziplistInteger(long n) {
    int wider = random.nextInt(3) == 0 ? random.nextInt(6) : 0;
    if (n >= 0 && n <= 12 && wider == 0) {
      return new byte[] {(byte) (0xf1 + n)};
    }
    if (fits(n, 8) && wider <= 1) {
      return RdbBytes.value().u8(0xfe, (int) n).bytes();
    }
    if (fits(n, 16) && wider <= 2) {
      return RdbBytes.value().u8(0xc0).raw(littleEndian(n, 2)).bytes();
    }
    if (fits(n, 24) && wider <= 3) {
      return RdbBytes.value().u8(0xf0).raw(littleEndian(n, 3)).bytes();
    }
    if (fits(n, 32) && wider <= 4) {
      return RdbBytes.value().u8(0xd0).raw(littleEndian(n, 4)).bytes();
    }
    return RdbBytes.value().u8(0xe0).raw(littleEndian(n, 8)).bytes();
  }

  /// Fields and values in turn.
  byte[] zipmap(List<String> fieldsAndValues) {
    int fields = fieldsAndValues.size() / 2;
    RdbBytes out = RdbBytes.value().u8(fields < 254 && random.nextInt(8) != 0 ? fields : 254);
    for (int i = 0; i < fieldsAndValues.size(); i++) {
      byte[] bytes = fieldsAndValues.get(i).getBytes(ISO_8859_1);
      if (bytes.length < 254) {
        out.u8(bytes.length);
      } else {
        out.u8(254).i32(bytes.length);
      }
      if (i % 2 == 0) {
        out.raw(bytes);
      } else {
        int unused = random.nextInt(5);
        out.u8(unused).raw(bytes).raw(new byte[unused]);
      }
    }
    return out.u8(0xff).bytes();
  }

  byte[] intset(List<Long> members) {
    int bits = 16;
    for (long member : members) {
      while (!fits(member, bits)) {
        bits *= 2;
      }
    }
    RdbBytes out = RdbBytes.value().i32(bits / 8).i32(members.size());
    int bytes = bits / 8;
    members.stream().sorted().forEach(m -> out.raw(littleEndian(m, bytes)));
    return out.bytes();
  }

  /// True for what `string2ll` takes: digits without a needless sign or zero, in 64 bits.
  static boolean isInteger(String text) {
    if (!text.matches("0|-?[1-9][0-9]{0,18}")) {
      return false;
    }
    try {
      Long.parseLong(text);
      return true;
    } catch (NumberFormatException e) {
      return false; // 20 digits and more
    }
  }

  private static boolean fits(long n, int bits) {
    return bits == 64 || (n >= -(1L << (bits - 1)) && n < 1L << (bits - 1));
  }

  private static byte[] littleEndian(long n, int bytes) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(n).array();
    return Arrays.copyOf(all, bytes);
  }
}
