package io.ringkeep.redis.rdb;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// RDB bytes put together by hand, for tests: it shares no code with the product.
final class RdbBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// A stream of this version.
  static RdbBytes stream(String magic) {
    return new RdbBytes().raw(ascii(magic));
  }

  /// Bytes without a magic: the value of a key.
  static RdbBytes value() {
    return new RdbBytes();
  }

  RdbBytes raw(byte... bytes) {
    out.writeBytes(bytes);
    return this;
  }

  RdbBytes u8(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  RdbBytes i16(int value) {
    return u8(value, value >> 8);
  }

  RdbBytes i32(int value) {
    return i16(value).i16(value >> 16);
  }

  RdbBytes i64(long value) {
    return i32((int) value).i32((int) (value >> 32));
  }

  RdbBytes f64(double value) {
    return i64(Double.doubleToRawLongBits(value));
  }

  /// A length in its shortest form.
  RdbBytes length(long length) {
    if (length >= 0 && length < 64) {
      return u8((int) length);
    }
    if (length >= 0 && length < 16384) {
      return u8(0x40 | (int) (length >> 8), (int) length);
    }
    return length >>> 32 == 0 ? length32(length) : length64(length);
  }

  RdbBytes length32(long length) {
    return u8(0x80).raw(ByteBuffer.allocate(4).putInt((int) length).array());
  }

  RdbBytes length64(long length) {
    return u8(0x81).raw(ByteBuffer.allocate(8).putLong(length).array());
  }

  RdbBytes string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  RdbBytes string(byte[] bytes) {
    return length(bytes.length).raw(bytes);
  }

  /// The string `aaa…` of `bytes` bytes, compressed: a literal and one reference.
  RdbBytes compressed(int bytes) {
    if (bytes < 11 || bytes > 265) {
      throw new IllegalArgumentException("bytes=" + bytes);
    }
    return u8(0xc3).length(5).length(bytes).u8(0, 'a', 0xe0, bytes - 10, 0);
  }

  RdbBytes aux(String name, String value) {
    return u8(250).string(name).string(value);
  }

  RdbBytes db(int database) {
    return u8(254).length(database);
  }

  RdbBytes key(int type, String key, byte[] value) {
    return u8(type).string(key).raw(value);
  }

  /// A string key.
  RdbBytes text(String key, String value) {
    return u8(0).string(key).string(value);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /// The whole stream: EOF and the checksum behind.
  byte[] end() {
    u8(255);
    byte[] body = bytes();
    return i64(checksum(body)).bytes();
  }

  /// The whole stream, from a server that makes no checksum.
  byte[] endWithoutChecksum() {
    return u8(255).i64(0).bytes();
  }

  /// The checksum, bit by bit.
  static long checksum(byte[] bytes) {
    long crc = 0;
    for (byte b : bytes) {
      crc ^= b & 0xffL;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? crc >>> 1 ^ 0x95ac9329ac4bc9b5L : crc >>> 1;
      }
    }
    return crc;
  }

  /// `stream` with its checksum computed anew.
  static byte[] sealed(byte[] stream) {
    byte[] body = Arrays.copyOf(stream, stream.length - 8);
    byte[] sealed = stream.clone();
    ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).putLong(body.length, checksum(body));
    return sealed;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
