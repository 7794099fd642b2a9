package io.ringkeep.repository;

import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Passes an upload on.
class ForwardingUpload implements ObjectUpload {
  private final ObjectUpload upload;

  ForwardingUpload(ObjectUpload upload) {
    this.upload = upload;
  }

  @Override
  public void write(ByteBuffer content) throws IOException {
    upload.write(content);
  }

  @Override
  public boolean commit() throws IOException {
    return upload.commit();
  }

  @Override
  public void close() throws IOException {
    upload.close();
  }
}
