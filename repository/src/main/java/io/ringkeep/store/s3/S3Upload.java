package io.ringkeep.store.s3;

import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// An object that is being written: one conditional request if it fits into a part, else several.
///
/// Memory: what was written and not sent yet, three parts at most.
final class S3Upload implements ObjectUpload {
  private final String key;
  private final Part.Chunks chunks;
  private final ConditionalPut conditional;
  private final Begin begin;

  private Part part;
  // From the byte on that did not fit into the first part.
  private @Nullable S3Multipart multipart;
  private boolean ended;

  /// Begins a multipart upload.
  interface Begin {
    S3Multipart of(String key) throws IOException;
  }

  S3Upload(String key, Part.Chunks chunks, ConditionalPut conditional, Begin begin) {
    this.key = key;
    this.chunks = chunks;
    this.conditional = conditional;
    this.begin = begin;
    this.part = new Part(chunks);
  }

  @Override
  public void write(ByteBuffer content) throws IOException {
    if (ended) {
      throw new IllegalStateException("the upload was committed or given up: object=" + key);
    }
    while (content.hasRemaining()) {
      if (part.full()) {
        // A full part waits for the byte behind it: without one, it is the object.
        send();
      }
      part.take(content);
    }
  }

  private void send() throws IOException {
    S3Multipart upload = multipart;
    if (upload == null) {
      upload = begin.of(key);
      multipart = upload;
    }
    Part full = part;
    part = new Part(chunks);
    upload.send(full);
  }

  @Override
  public boolean commit() throws IOException {
    if (ended) {
      throw new IllegalStateException("the upload was committed or given up: object=" + key);
    }
    S3Multipart upload = multipart;
    if (upload == null) {
      boolean created = conditional.create(key, part.body());
      ended = true;
      part.free();
      return created;
    }
    send();
    boolean created = upload.complete();
    if (created) {
      ended = true;
      upload.end();
    }
    return created;
  }

  @Override
  public void close() throws IOException {
    if (ended) {
      return;
    }
    ended = true;
    part.free();
    if (multipart != null) {
      multipart.abort();
    }
  }
}
