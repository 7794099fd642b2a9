package io.ringkeep.store.s3;

import io.ringkeep.store.NoSuchObjectException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import software.amazon.awssdk.core.exception.NonRetryableException;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Reads objects and what is known of them.
/* A connection that breaks in the middle of a body makes the client ask for all of the range again.
 * What it brings is counted against what was asked for: neither a short answer nor one of a service
 * that overlooks `Range` passes for the bytes wanted. */
final class S3Reads {
  private static final int COPY_BYTES = 64 << 10;

  private final Access access;
  // A HEAD of a key can't tell a missing object from a missing bucket.
  private final AtomicBoolean bucketSeen = new AtomicBoolean();

  S3Reads(Access access) {
    this.access = access;
  }

  /// What is known of an object, if it is there.
  Optional<HeadObjectResponse> head(String key) throws IOException {
    try {
      HeadObjectResponse head =
          access
              .client()
              .headObject(request -> request.bucket(access.bucket()).key(access.key(key)));
      bucketSeen.set(true);
      return Optional.of(head);
    } catch (S3Exception e) {
      if (e.statusCode() != S3Errors.NOT_FOUND) {
        throw refused(e, key);
      }
      requireBucket();
      return Optional.empty();
    } catch (SdkException e) {
      throw access.errors().reading(e, "HeadObject", key);
    }
  }

  /// Asks again in a way whose answer has a body: that of a HEAD does not tell an expired token
  /// from a missing right.
  private IOException refused(S3Exception head, String key) {
    try {
      access
          .client()
          .getObject(
              request -> request.bucket(access.bucket()).key(access.key(key)).range("bytes=0-0"),
              ResponseTransformer.toBytes());
    } catch (S3Exception e) {
      if (e.statusCode() != S3Errors.NOT_FOUND && !S3Errors.code(e).equals("none")) {
        return access.errors().reading(e, "GetObject", key);
      }
    } catch (SdkException e) {
      head.addSuppressed(e);
    }
    return access.errors().reading(head, "HeadObject", key);
  }

  private void requireBucket() throws IOException {
    if (bucketSeen.get()) {
      return;
    }
    try {
      access.client().headBucket(request -> request.bucket(access.bucket()));
    } catch (S3Exception e) {
      if (e.statusCode() == S3Errors.NOT_FOUND) {
        throw access.errors().noBucket(e);
      }
      // Asking after a bucket may be forbidden where its objects are not.
    } catch (SdkException e) {
      throw access.errors().reading(e, "HeadBucket", "");
    }
    bucketSeen.set(true);
  }

  /// A whole object, in a direct buffer of its own.
  ///
  /// @throws NoSuchObjectException if there is none
  ByteBuffer whole(String key) throws IOException {
    return get(
        key,
        GetObjectRequest.builder(),
        (response, body) -> {
          long length = length(key, response);
          if (length > Integer.MAX_VALUE) {
            throw new IOException("object is too large to be read whole: object=" + key);
          }
          ByteBuffer content = ByteBuffer.allocateDirect((int) length);
          fill(key, 0, body, content);
          if (body.read() >= 0) {
            throw new IOException("object is longer than its answer says: object=" + key);
          }
          return content.flip();
        });
  }

  /// Bytes from `offset` on, as many as `into` has room for.
  ///
  /// @throws NoSuchObjectException if there is no such object
  /// @throws EOFException if it ends before
  void range(String key, long offset, ByteBuffer into) throws IOException {
    int length = into.remaining();
    int start = into.position();
    if (length == 0) {
      // No range has no bytes.
      if (head(key).isEmpty()) {
        throw new NoSuchObjectException(key);
      }
      return;
    }
    String range = "bytes=%d-%d".formatted(offset, offset + length - 1);
    ByteBuffer filled =
        get(
            key,
            GetObjectRequest.builder().range(range),
            (response, body) -> {
              requireRange(response, key, offset, length);
              fill(key, offset, body, into.position(start));
              return into;
            });
    into.position(filled.position());
  }

  private static void requireRange(GetObjectResponse response, String key, long offset, int length)
      throws IOException {
    String range = response.contentRange();
    long there = length(key, response);
    if (range == null && (offset > 0 || there > length)) {
      throw new IOException("store does not keep to ranges: object=" + key);
    }
    if (range != null && !range.startsWith("bytes " + offset + "-")) {
      throw new IOException(
          "store sends another range: object=%s offset=%d range=%s".formatted(key, offset, range));
    }
    if (there < length) {
      throw new EOFException(
          "object ends early: object=%s offset=%d".formatted(key, offset + there));
    }
  }

  private static long length(String key, GetObjectResponse response) throws IOException {
    Long length = response.contentLength();
    if (length == null) {
      throw new IOException("store does not say how long an object is: object=" + key);
    }
    return length;
  }

  private interface Use {
    ByteBuffer of(GetObjectResponse response, AbortableInputStream body) throws IOException;
  }

  private ByteBuffer get(String key, GetObjectRequest.Builder request, Use use) throws IOException {
    // An exception that passes through the client comes out as one of its own.
    Refusal refusal = new Refusal();
    ResponseTransformer<GetObjectResponse, ByteBuffer> transformer =
        (response, body) -> {
          try {
            return use.of(response, body);
          } catch (BrokenBody e) {
            body.abort();
            throw RetryableException.create("body breaks off: " + e.getMessage(), e);
          } catch (IOException e) {
            body.abort();
            refusal.exception = Optional.of(e);
            // Without its cause, which the client would take for the network's.
            throw NonRetryableException.create("answer is of no use: object=" + key);
          }
        };
    try {
      ByteBuffer content =
          access
              .client()
              .getObject(
                  request
                      .bucket(access.bucket())
                      .key(access.key(key))
                      .overrideConfiguration(access.transfer())
                      .build(),
                  transformer);
      bucketSeen.set(true);
      return content;
    } catch (S3Exception e) {
      if (e.statusCode() == S3Errors.RANGE_NOT_SATISFIABLE) {
        throw new EOFException("object ends early: object=" + key);
      }
      if (e.statusCode() == S3Errors.NOT_FOUND && !S3Errors.code(e).equals("NoSuchBucket")) {
        throw new NoSuchObjectException(key);
      }
      throw access.errors().reading(e, "GetObject", key);
    } catch (SdkException e) {
      if (refusal.exception.isPresent()) {
        throw refusal.exception.get();
      }
      throw access.errors().reading(e, "GetObject", key);
    }
  }

  /// What was wrong with an answer that came whole.
  private static final class Refusal {
    private Optional<IOException> exception = Optional.empty();
  }

  /// The connection broke: the same request may well succeed.
  private static final class BrokenBody extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenBody(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private static void fill(String key, long offset, InputStream body, ByteBuffer into)
      throws IOException {
    byte[] copy = into.hasArray() ? into.array() : new byte[Math.min(COPY_BYTES, into.remaining())];
    while (into.hasRemaining()) {
      int start = into.hasArray() ? into.arrayOffset() + into.position() : 0;
      int most = into.hasArray() ? into.remaining() : Math.min(copy.length, into.remaining());
      int count;
      try {
        count = body.read(copy, start, most);
      } catch (IOException e) {
        throw new BrokenBody(e);
      }
      if (count < 0) {
        throw new BrokenBody(
            new EOFException(
                "object=%s offset=%d missing=%d".formatted(key, offset, into.remaining())));
      }
      if (into.hasArray()) {
        into.position(into.position() + count);
      } else {
        into.put(copy, 0, count);
      }
    }
  }
}
