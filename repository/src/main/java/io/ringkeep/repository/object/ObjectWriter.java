package io.ringkeep.repository.object;

import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/// An object that is being written: needs memory for one segment, whatever its size. For one
/// thread.
public final class ObjectWriter implements WritableByteChannel {
  private final String name;
  private final ObjectUpload upload;
  private final SegmentCodec codec;
  private final MessageDigest digest = ObjectFormat.sha256();
  private final ByteBuffer segment = ByteBuffer.allocateDirect(ObjectFormat.SEGMENT_BYTES);
  private final ByteBuffer sealed;
  private long segments;
  private long storedBytes;
  private boolean open = true;

  ObjectWriter(String name, ObjectUpload upload, byte[] header, SegmentCodec codec)
      throws IOException {
    this.name = name;
    this.upload = upload;
    this.codec = codec;
    this.sealed = ByteBuffer.allocateDirect(ObjectFormat.SEGMENT_BYTES + codec.sealBytes());
    store(ByteBuffer.wrap(header));
  }

  /// Bytes of content so far: the offset of the next one.
  public long position() {
    return segments * ObjectFormat.SEGMENT_BYTES + segment.position();
  }

  /// Appends all of `content`.
  @Override
  public int write(ByteBuffer content) throws IOException {
    int written = content.remaining();
    while (content.hasRemaining()) {
      if (!segment.hasRemaining()) {
        // A full segment waits for the byte behind it: only then is it known not to be the last.
        seal(/* last= */ false);
      }
      int count = Math.min(segment.remaining(), content.remaining());
      segment.put(segment.position(), content, content.position(), count);
      segment.position(segment.position() + count);
      content.position(content.position() + count);
    }
    return written;
  }

  /// Makes the object durable and visible.
  ///
  /// @throws FileAlreadyExistsException if one of this name exists, which stays as it is
  public StoredObject commit() throws IOException {
    return tryCommit().orElseThrow(() -> new FileAlreadyExistsException(name));
  }

  Optional<StoredObject> tryCommit() throws IOException {
    seal(/* last= */ true);
    byte[] sha256 = digest.digest();
    upload.write(ByteBuffer.wrap(sha256));
    storedBytes += sha256.length;
    return upload.commit()
        ? Optional.of(new StoredObject(name, storedBytes, HexFormat.of().formatHex(sha256)))
        : Optional.empty();
  }

  private void seal(boolean last) throws IOException {
    codec.seal(segments, last, segment.flip(), sealed.clear());
    store(sealed.flip());
    segment.clear();
    segments++;
  }

  private void store(ByteBuffer bytes) throws IOException {
    storedBytes += bytes.remaining();
    digest.update(bytes.duplicate());
    upload.write(bytes);
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  /// Gives up what was not committed.
  @Override
  public void close() throws IOException {
    open = false;
    upload.close();
  }
}
