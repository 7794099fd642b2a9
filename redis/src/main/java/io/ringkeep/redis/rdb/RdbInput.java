package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/// The bytes of an RDB stream through a window that is used again and again, and their checksum.
///
/// [#begin] starts an item: from there on its bytes stay in the window, in one piece, until the
/// next item begins.
final class RdbInput implements AutoCloseable {
  /*
   *            begun      at               end
   *   |----------|--------|----------------|------------|
   *     done       read     received         free             base = stream offset of index 0
   *
   * When bytes are missing, what is done is given up: the item in work moves to the front, and the free part is
   * filled from the channel. An item that fills the whole window moves to a buffer of its own, which doubles as
   * bytes arrive, so a length that the stream merely claims allocates nothing. That buffer goes back to the system
   * when the item is done. The checksum runs over what was read in large pieces, just before it is given up.
   */

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /// More than this an item never takes: the buffers of Java end there.
  private static final int MAX_ITEM_BYTES = Integer.MAX_VALUE - 8;

  /// Below this much free room, moving the item in work to the front is cheaper than tiny reads.
  private static final int MIN_READ_BYTES = 16 * 1024;

  private final ReadableByteChannel channel;
  private final ByteBuffer window;
  private @Nullable Arena outgrown;

  /// The window, or the buffer of an item that outgrew it.
  private ByteBuffer buffer;

  private long base;
  private int begun;
  private int at;
  private int end;
  private int summed;
  private long crc;

  RdbInput(ReadableByteChannel channel, int windowBytes) {
    this.channel = channel;
    window = ByteBuffer.allocateDirect(windowBytes);
    buffer = window;
  }

  /// Begins the next item: views of the one before are no longer valid.
  void begin() {
    if (outgrown != null) {
      shrink(outgrown);
    }
    begun = at;
  }

  /// Where in the stream the next byte stands.
  long offset() {
    return base + at;
  }

  /// The next byte, 0–255.
  int u8() throws IOException {
    if (at == end) {
      fill(1);
    }
    return buffer.get(at++) & 0xff;
  }

  /// The next four bytes, little-endian, signed.
  int i32() throws IOException {
    need(Integer.BYTES);
    at += Integer.BYTES;
    return (int) INT.get(buffer, at - Integer.BYTES);
  }

  /// The next eight bytes, little-endian.
  long i64() throws IOException {
    need(Long.BYTES);
    at += Long.BYTES;
    return (long) LONG.get(buffer, at - Long.BYTES);
  }

  /// The next length; above 2^63 it comes out negative.
  long length() throws IOException {
    int first = u8();
    if (first < 0x40) {
      return first;
    }
    int bytes = RdbLength.bytes(first);
    if (bytes == 0) {
      throw damaged("no length in RDB", offset() - 1, "byte=" + first);
    }
    at--;
    need(bytes);
    at += bytes;
    return RdbLength.get(buffer, at - bytes);
  }

  /// The next length, as a number of things that may be anywhere.
  long amount() throws IOException {
    long from = offset();
    long amount = length();
    if (amount < 0) {
      throw damaged("impossible amount in RDB", from, "amount=" + Long.toUnsignedString(amount));
    }
    return amount;
  }

  /// The next length, as the size or count of something that one item can hold.
  int count() throws IOException {
    long from = offset();
    long count = length();
    if (count < 0 || count > MAX_ITEM_BYTES) {
      throw damaged("impossible length in RDB", from, "length=" + Long.toUnsignedString(count));
    }
    return (int) count;
  }

  /// The length that begins with the byte `first`, which was just read and is no special form.
  int longCount(int first) throws IOException {
    if (first < 0x80) {
      return (first & 0x3f) << 8 | u8();
    }
    at--;
    return count();
  }

  /// Passes over a string in any form.
  void skipString() throws IOException {
    int first = u8();
    if (first < 0x40) {
      skip(first);
    } else if (RdbLength.special(first)) {
      skipSpecial(first);
    } else {
      skip(longCount(first));
    }
  }

  private void skipSpecial(int first) throws IOException {
    switch (RdbLength.form(first)) {
      case RdbLength.INT8 -> skip(1);
      case RdbLength.INT16 -> skip(2);
      case RdbLength.INT32 -> skip(4);
      case RdbLength.LZF -> {
        int compressed = count();
        count();
        skip(compressed);
      }
      default -> throw unknownForm(first);
    }
  }

  /// Passes over `bytes` bytes.
  void skip(int bytes) throws IOException {
    need(bytes);
    at += bytes;
  }

  /// Sees to it that `bytes` more bytes are in the window.
  private void need(int bytes) throws IOException {
    if (end - at < bytes) {
      fill(bytes);
    }
  }

  /// A view of the item in work from a stream offset on, little-endian.
  ByteBuffer view(long offset, int bytes) {
    return buffer.slice(index(offset), bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The buffer that holds the item in work, for absolute reads between [#index] of two offsets.
  ByteBuffer buffer() {
    return buffer;
  }

  /// Where in [#buffer] a stream offset of the item in work stands.
  int index(long offset) {
    return (int) (offset - base);
  }

  /// The checksum of all that was read.
  long checksum() {
    crc = Crc64.update(crc, buffer, summed, at);
    summed = at;
    return crc;
  }

  /// True if every byte was read and the channel has no more.
  boolean exhausted() throws IOException {
    int received = 0;
    while (at == end && received >= 0) {
      begin();
      makeRoom(1);
      received = receive(1);
    }
    return at == end;
  }

  private void fill(int bytes) throws IOException {
    long whole = (long) (at - begun) + bytes;
    if (whole > MAX_ITEM_BYTES) {
      throw new UnsupportedFormat(
          "record too large: offset=%d bytes=%d limit=%d"
              .formatted(base + begun, whole, MAX_ITEM_BYTES),
          null);
    }
    while (end - at < bytes) {
      makeRoom(bytes);
      if (receive(bytes) < 0) {
        throw damaged("RDB ends early", base + end, "missing=" + (bytes - (end - at)));
      }
    }
  }

  /// Reads what the channel has, as far as there is room.
  private int receive(int bytes) throws IOException {
    // What stands behind an outgrown item must fit into the window again.
    long most = outgrown == null ? buffer.capacity() : (long) at + bytes + window.capacity() / 2;
    int limit = (int) Math.min(most, buffer.capacity());
    int received = channel.read(buffer.limit(limit).position(end));
    buffer.clear();
    if (received > 0) {
      end += received;
    }
    return received;
  }

  /// Makes room behind what was received: as much as `bytes` need if the buffer has it.
  private void makeRoom(int bytes) {
    int capacity = buffer.capacity();
    if (begun == end
        || capacity - at < bytes
        || capacity - end < Math.min(MIN_READ_BYTES, capacity / 4)) {
      checksum();
      if (begun > 0) {
        moveTo(buffer);
      }
    }
    if (end == capacity) {
      grow(bytes);
    }
  }

  /// Moves the item, which fills its buffer, to a larger one.
  private void grow(int bytes) {
    long whole = (long) at + bytes + MIN_READ_BYTES;
    long doubled = 2L * buffer.capacity();
    long capacity = bytes < buffer.capacity() / 4 ? doubled : Math.min(doubled, whole);
    Arena before = outgrown;
    // Shared: whoever handles the record may do so in a thread of its own.
    Arena arena = Arena.ofShared();
    outgrown = arena;
    moveTo(arena.allocate(Math.min(capacity, MAX_ITEM_BYTES)).asByteBuffer());
    if (before != null) {
      before.close();
    }
  }

  private void shrink(Arena arena) {
    begun = at;
    checksum();
    moveTo(window);
    outgrown = null;
    arena.close();
  }

  /// Moves the item in work and what was received behind it to the front of `target`.
  private void moveTo(ByteBuffer target) {
    target.put(0, buffer, begun, end - begun);
    buffer = target;
    base += begun;
    at -= begun;
    end -= begun;
    summed -= begun;
    begun = 0;
  }

  /// Gives up the buffers; the channel stays open.
  @Override
  public void close() {
    if (outgrown != null) {
      outgrown.close();
      outgrown = null;
    }
    buffer = window;
    begun = 0;
    at = 0;
    end = 0;
    summed = 0;
  }

  /// The string form that `first` names is none.
  CorruptData unknownForm(int first) {
    return damaged("unknown string form in RDB", offset() - 1, "byte=" + first);
  }

  /// The stream is not what a server writes.
  static CorruptData damaged(String what, long offset, String values) {
    return new CorruptData("%s: offset=%d %s".formatted(what, offset, values), null, null);
  }
}
