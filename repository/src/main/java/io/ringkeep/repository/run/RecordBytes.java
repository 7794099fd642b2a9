package io.ringkeep.repository.run;

import io.ringkeep.model.Record;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A record's RDB bytes, head, key and value one behind the other, read from its own buffers.
///
/// Serves one record after the other.
final class RecordBytes implements ByteSource {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final ByteBuffer head =
      ByteBuffer.allocateDirect(RdbBody.MOST_HEAD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private ByteBuffer key = NOTHING;
  private ByteBuffer value = NOTHING;

  /// Takes the next record, whose buffers must hold as long as it is read.
  void set(Record record) {
    head.clear().limit(RdbBody.putHead(head, 0, record));
    key = record.key();
    value = record.value();
  }

  /// Length of all before the value.
  int headLength() {
    return Math.addExact(head.limit(), key.remaining());
  }

  @Override
  public void copy(long at, int length, ByteBuffer into, int offset) {
    long skip = at;
    int done = 0;
    for (int part = 0; part < 3; part++) {
      ByteBuffer bytes = part == 0 ? head : part == 1 ? key : value;
      int from = (int) Math.min(skip, bytes.remaining());
      int count = Math.min(length - done, bytes.remaining() - from);
      into.put(offset + done, bytes, bytes.position() + from, count);
      done += count;
      skip -= from;
    }
  }
}
