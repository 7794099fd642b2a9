package io.ringkeep.store.s3;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Creates an object by one request, unless its key is taken.
/* `If-None-Match: *` makes the service decide: 200 is ours, 412 is somebody else's, and 409 says
 * that another such request is under way, which is asked again like a 503.
 *
 * The first try may have succeeded although its answer was lost; the second one then gets 412 on
 * account of ourselves. So each creation has an id of its own in the object's metadata, and a 412
 * that comes after another try is settled by looking at whose id is there. A service that keeps no
 * metadata leaves the content to be compared: other bytes are not ours; the same bytes are taken for
 * ours, as nobody could tell them apart. */
final class ConditionalPut {
  static final String ABSENT = "*";

  private static final String WRITE_ID = "write-id";

  private final Access access;
  private final S3Reads reads;
  private final RandomGenerator random;

  ConditionalPut(Access access, S3Reads reads, RandomGenerator random) {
    this.access = access;
    this.reads = reads;
    this.random = random;
  }

  /// Whose an object is.
  enum Owner {
    /// Its id is the one asked for.
    OURS,
    /// It has another one.
    ANOTHER,
    /// It has none: the service keeps no metadata, or somebody else's tool made it.
    UNKNOWN,
    /// It is not there.
    NOBODY
  }

  /// An id that no other write has.
  String newId() {
    byte[] id = new byte[16];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  static Map<String, String> metadata(String id) {
    return Map.of(WRITE_ID, id);
  }

  /// Creates an object unless one is there.
  ///
  /// @return whether this call created it
  boolean create(String key, RequestBody body) throws IOException {
    String id = newId();
    try {
      access
          .client()
          .putObject(
              PutObjectRequest.builder()
                  .bucket(access.bucket())
                  .key(access.key(key))
                  .ifNoneMatch(ABSENT)
                  .metadata(metadata(id))
                  .overrideConfiguration(access.transfer())
                  .build(),
              body);
      return true;
    } catch (S3Exception e) {
      if (e.statusCode() != S3Errors.PRECONDITION_FAILED) {
        throw access.errors().writing(e, "PutObject", key);
      }
      return S3Errors.attempts(e) > 1 && isOurs(key, id, body);
    } catch (SdkException e) {
      throw access.errors().writing(e, "PutObject", key);
    }
  }

  private boolean isOurs(String key, String id, RequestBody body) throws IOException {
    return switch (owner(key, id)) {
      case OURS -> true;
      case ANOTHER, NOBODY -> false;
      case UNKNOWN -> holds(key, body);
    };
  }

  /// Whose the object of this key is, asked when an answer was lost.
  Owner owner(String key, String id) throws IOException {
    Optional<HeadObjectResponse> head = reads.head(key);
    if (head.isEmpty()) {
      return Owner.NOBODY;
    }
    String there = head.get().metadata().get(WRITE_ID);
    if (there == null) {
      return Owner.UNKNOWN;
    }
    return there.equals(id) ? Owner.OURS : Owner.ANOTHER;
  }

  private boolean holds(String key, RequestBody body) throws IOException {
    ByteBuffer there = reads.whole(key);
    if (there.remaining() != body.optionalContentLength().orElse(-1L)) {
      return false;
    }
    byte[] ours = body.contentStreamProvider().newStream().readAllBytes();
    return there.equals(ByteBuffer.wrap(ours));
  }
}
