package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The bytes of one string inside a value: a list element, a member, a field, a name, or the value
/// itself.
///
/// A view that its [ValueWalker] uses again for the next one: it holds until the visitor's method
/// returns. However a server encoded the string (raw, as an integer, compressed), these are the
/// bytes a client would see.
///
/// The bytes stand in [#buffer] from [#start], inclusive, to [#end], exclusive; or are taken by
/// [#pieces], which never holds a long compressed string whole.
public final class Element {
  /*
   * Integers are rendered and compressed strings decompressed when they are asked for, into buffers of the
   * element's own that grow and are used again. They are direct, like the values' own buffers, so that whoever
   * reads them meets one class of buffer only.
   */

  /// Takes the pieces of an element, in order.
  @FunctionalInterface
  public interface PieceSink {
    /// Takes bytes `start`, inclusive, to `end`, exclusive, of `buffer`; they hold until the call
    /// returns.
    void accept(ByteBuffer buffer, int start, int end);
  }

  private enum Form {
    /// The bytes stand in `buffer`.
    BYTES,
    /// `number` is to be rendered.
    INTEGER,
    /// The bytes in `buffer` are to be decompressed to `length`.
    COMPRESSED
  }

  /// Of a number: 20 are an integer's, 26 and a sign a double's.
  private static final int MOST_DIGITS = 27;

  /// Compressed strings longer than this come in pieces where pieces will do.
  private static final int PIECES_FROM = Lzf.WINDOW_BYTES;

  /// Scratch above this size is let go when the walk ends.
  private static final int KEPT_SCRATCH_BYTES = 1 << 20;

  /// What the longest scratch holds.
  private static final int MOST_SCRATCH_BYTES = Integer.MAX_VALUE - 1024;

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  private final ByteBuffer digits =
      ByteBuffer.allocateDirect(MOST_DIGITS).order(ByteOrder.LITTLE_ENDIAN);
  private ByteBuffer scratch = NOTHING;
  private Form form = Form.BYTES;
  private ByteBuffer buffer = NOTHING;
  private int start;
  private int end;
  private long number;
  private long length;

  Element() {}

  /// The buffer that holds the bytes, at [#start]; its own position and limit say nothing.
  ///
  /// @throws CorruptData if the bytes are compressed and do not decompress
  public ByteBuffer buffer() {
    settle();
    return buffer;
  }

  /// Index of the first byte.
  public int start() {
    settle();
    return start;
  }

  /// Index behind the last byte.
  public int end() {
    settle();
    return end;
  }

  /// Number of bytes, known without decompressing them.
  public long length() {
    if (form == Form.COMPRESSED) {
      return length;
    }
    settle();
    return (long) end - start;
  }

  /// True if the bytes are compressed and long: [#pieces] then hands them over without ever holding
  /// them whole.
  boolean comesInPieces() {
    return form == Form.COMPRESSED && length > PIECES_FROM;
  }

  /// Hands all bytes to `sink`: in one piece, or in several if they are compressed and long.
  ///
  /// @throws CorruptData if the bytes are compressed and do not decompress
  public void pieces(PieceSink sink) {
    if (comesInPieces()) {
      reserve(Lzf.WINDOW_BYTES);
      Lzf.decompressPieces(buffer, start, end, length, scratch, sink);
    } else {
      settle();
      sink.accept(buffer, start, end);
    }
  }

  /// A copy of the bytes.
  public byte[] toBytes() {
    settle();
    byte[] bytes = new byte[end - start];
    buffer.get(start, bytes);
    return bytes;
  }

  /// Bytes `start`, inclusive, to `end`, exclusive, of `buffer`.
  void set(ByteBuffer buffer, int start, int end) {
    this.form = Form.BYTES;
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  /// The decimal digits of `number`.
  void set(long number) {
    this.form = Form.INTEGER;
    this.number = number;
  }

  /// The characters of `number`, as an array of a server shows it.
  void set(double number) {
    byte[] text = FloatText.of(number);
    digits.put(0, text);
    set(digits, 0, text.length);
  }

  /// Says that the bytes last [#set] are an LZF string of `length` bytes.
  void compressed(long length) {
    this.form = Form.COMPRESSED;
    this.length = length;
  }

  /// True if the server stored the bytes as an integer.
  boolean isInteger() {
    return form == Form.INTEGER;
  }

  /// That integer.
  long integer() {
    return number;
  }

  /// Lets go of what is too large to keep.
  void release() {
    form = Form.BYTES;
    buffer = NOTHING;
    start = 0;
    end = 0;
    if (scratch.capacity() > KEPT_SCRATCH_BYTES) {
      scratch = NOTHING;
    }
  }

  private void settle() {
    switch (form) {
      case BYTES -> {}
      case INTEGER -> render();
      case COMPRESSED -> decompress();
    }
  }

  private void render() {
    int at = MOST_DIGITS;
    long left = number;
    do {
      digits.put(--at, (byte) ('0' + Math.abs(left % 10)));
      left /= 10;
    } while (left != 0);
    if (number < 0) {
      digits.put(--at, (byte) '-');
    }
    set(digits, at, MOST_DIGITS);
  }

  private void decompress() {
    if (length > MOST_SCRATCH_BYTES) {
      throw new CorruptData("compressed string too long: bytes=" + length, null, null);
    }
    int bytes = (int) length;
    reserve(bytes);
    Lzf.decompress(buffer, start, end, scratch, 0, bytes);
    set(scratch, 0, bytes);
  }

  private void reserve(int bytes) {
    if (scratch.capacity() - Lzf.SLACK_BYTES < bytes) {
      long grown =
          Math.max(4096, Math.max(2L * scratch.capacity(), bytes + (long) Lzf.SLACK_BYTES));
      int capacity = (int) Math.min(grown, MOST_SCRATCH_BYTES + Lzf.SLACK_BYTES);
      scratch = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
