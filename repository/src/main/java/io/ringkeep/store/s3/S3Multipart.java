package io.ringkeep.store.s3;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/// An object that is sent in parts of equal size, two at once, and seen when all of them are there.
/* Equal, because not every service takes parts that grow. 10,000 of them, which S3 allows, make
 * 195 GiB; nothing in a repository comes near.
 *
 * Creating it only if it is absent is weaker than by one request: the key is looked for first, and
 * `If-None-Match` goes along with the request that completes the object, which AWS keeps to, while
 * Ceph RGW 16 was seen to overlook it. In that case two who complete the same key within the same
 * moment both succeed, and the later one stays. Names of such objects are random and used once. */
final class S3Multipart {
  private static final int MOST_PARTS = 10_000;
  private static final int SENT_AT_ONCE = 2;

  private final Access access;
  private final ConditionalPut conditional;
  private final S3Reads reads;
  private final String key;
  private final String writeId;
  private final String uploadId;
  private final Semaphore slots = new Semaphore(SENT_AT_ONCE);
  private final ExecutorService senders =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("part-", 1).factory());
  private final List<Future<CompletedPart>> parts = new ArrayList<>();

  private S3Multipart(
      Access access,
      ConditionalPut conditional,
      S3Reads reads,
      String key,
      String writeId,
      String uploadId) {
    this.access = access;
    this.conditional = conditional;
    this.reads = reads;
    this.key = key;
    this.writeId = writeId;
    this.uploadId = uploadId;
  }

  static S3Multipart begin(Access access, ConditionalPut conditional, S3Reads reads, String key)
      throws IOException {
    String writeId = conditional.newId();
    try {
      String uploadId =
          access
              .client()
              .createMultipartUpload(request ->
                  request
                      .bucket(access.bucket())
                      .key(access.key(key))
                      .metadata(ConditionalPut.metadata(writeId)))
              .uploadId();
      return new S3Multipart(access, conditional, reads, key, writeId, uploadId);
    } catch (SdkException e) {
      throw access.errors().writing(e, "CreateMultipartUpload", key);
    }
  }

  /// Sends a part in the background and frees it then. Waits while two others are under way.
  ///
  /// @throws IOException also of an earlier part that has failed
  void send(Part part) throws IOException {
    int number = parts.size() + 1;
    try {
      slots.acquire();
    } catch (InterruptedException e) {
      part.free();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted: object=" + key);
    }
    for (Future<CompletedPart> sent : parts) {
      if (sent.isDone()) {
        result(sent);
      }
    }
    if (number > MOST_PARTS) {
      throw new IOException(
          "object is too large for the store: object=%s most=%d"
              .formatted(key, (long) MOST_PARTS * Part.BYTES));
    }
    parts.add(
        senders.submit(() -> {
          try {
            return upload(number, part);
          } finally {
            part.free();
            slots.release();
          }
        }));
  }

  private CompletedPart upload(int number, Part part) throws IOException {
    try {
      String tag =
          access
              .client()
              .uploadPart(
                  UploadPartRequest.builder()
                      .bucket(access.bucket())
                      .key(access.key(key))
                      .uploadId(uploadId)
                      .partNumber(number)
                      .overrideConfiguration(access.transfer())
                      .build(),
                  part.body())
              .eTag();
      return CompletedPart.builder().partNumber(number).eTag(tag).build();
    } catch (SdkException e) {
      throw access.errors().writing(e, "UploadPart", key);
    }
  }

  private CompletedPart result(Future<CompletedPart> part) throws IOException {
    try {
      return part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted: object=" + key);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("a part was not sent: object=" + key, e.getCause());
    }
  }

  /// Waits for all parts and makes an object of them, unless its key is taken.
  ///
  /// @return whether it is ours that is there; if not, [#abort] is still to be called
  boolean complete() throws IOException {
    List<CompletedPart> completed = new ArrayList<>();
    for (Future<CompletedPart> part : parts) {
      completed.add(result(part));
    }
    if (reads.head(key).isPresent()) {
      return false;
    }
    CompleteMultipartUploadRequest.Builder request =
        CompleteMultipartUploadRequest.builder()
            .bucket(access.bucket())
            .key(access.key(key))
            .uploadId(uploadId)
            .multipartUpload(upload -> upload.parts(completed))
            .overrideConfiguration(access.transfer());
    try {
      return complete(request.ifNoneMatch(ConditionalPut.ABSENT).build());
    } catch (S3Exception e) {
      if (e.statusCode() != S3Errors.NOT_IMPLEMENTED) {
        throw access.errors().writing(e, "CompleteMultipartUpload", key);
      }
    }
    // The service does not know the header here: looking beforehand is all there is.
    try {
      return complete(request.ifNoneMatch(null).build());
    } catch (S3Exception e) {
      throw access.errors().writing(e, "CompleteMultipartUpload", key);
    }
  }

  private boolean complete(CompleteMultipartUploadRequest request) throws IOException {
    try {
      access.client().completeMultipartUpload(request);
      return true;
    } catch (S3Exception e) {
      boolean taken = e.statusCode() == S3Errors.PRECONDITION_FAILED;
      // Completing what is completed: the first answer got lost.
      boolean gone = e.statusCode() == S3Errors.NOT_FOUND;
      if (!taken && !gone) {
        throw e;
      }
      return switch (conditional.owner(key, writeId)) {
        case OURS -> true;
        case ANOTHER -> false;
        case UNKNOWN -> {
          if (taken && S3Errors.attempts(e) == 1) {
            yield false;
          }
          throw e;
        }
        case NOBODY -> throw e;
      };
    } catch (SdkException e) {
      throw access.errors().writing(e, "CompleteMultipartUpload", key);
    }
  }

  /// Frees the threads: nothing is sent after this.
  void end() {
    senders.shutdownNow();
    // Its threads hold buffers that others will use.
    senders.close();
  }

  /// Has the service forget the parts; also in a thread that is being interrupted.
  void abort() throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      end();
      access
          .client()
          .abortMultipartUpload(
              request -> request.bucket(access.bucket()).key(access.key(key)).uploadId(uploadId));
    } catch (S3Exception e) {
      if (e.statusCode() != S3Errors.NOT_FOUND) {
        throw access.errors().writing(e, "AbortMultipartUpload", key);
      }
    } catch (SdkException e) {
      throw access.errors().writing(e, "AbortMultipartUpload", key);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
