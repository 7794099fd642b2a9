package io.ringkeep.store.s3;

import io.ringkeep.store.NoSuchStoreException;
import io.ringkeep.store.ReadOnlyStoreException;
import io.ringkeep.store.StoreAccessDeniedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Puts failures of a client into the words of a store: place, key, operation, status, request.
final class S3Errors {
  static final int NOT_FOUND = 404;
  static final int PRECONDITION_FAILED = 412;
  static final int RANGE_NOT_SATISFIABLE = 416;
  static final int NOT_IMPLEMENTED = 501;

  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  /// Codes that come with status 400 on some services and 403 on others.
  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "ExpiredToken",
          "InvalidAccessKeyId",
          "InvalidToken",
          "RequestTimeTooSkewed",
          "SignatureDoesNotMatch",
          "TokenRefreshRequired");

  private final S3Location location;

  S3Errors(S3Location location) {
    this.location = location;
  }

  /// What a failed call means.
  ///
  /// @param operation as S3 calls it
  /// @param key of the store, or a directory
  IOException reading(SdkException failure, String operation, String key) {
    if (isInterruption(failure)) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted: " + place(operation, key));
      interrupted.initCause(failure);
      return interrupted;
    }
    if (failure instanceof S3Exception answer) {
      return answered(answer, operation, key);
    }
    String raw = String.valueOf(failure.rawMessage());
    if (raw.startsWith("Unable to load credentials") || raw.startsWith("Profile file contained")) {
      return new StoreAccessDeniedException(
          "no credentials for the store were found: " + place(operation, key), failure);
    }
    return new IOException(
        "store does not answer: %s attempts=%d reason=%s"
            .formatted(place(operation, key), attempts(failure), reason(failure)),
        failure);
  }

  /// As [#reading], for a call that changes something: rights that do not suffice for that may well
  /// do for reading.
  IOException writing(SdkException failure, String operation, String key) {
    IOException meant = reading(failure, operation, key);
    boolean reads = failure instanceof S3Exception answer && code(answer).equals("AccessDenied");
    return reads && meant instanceof StoreAccessDeniedException
        ? new ReadOnlyStoreException(location.toString(), meant)
        : meant;
  }

  private IOException answered(S3Exception answer, String operation, String key) {
    String words =
        "%s status=%d code=%s request=%s attempts=%d"
            .formatted(
                place(operation, key),
                answer.statusCode(),
                code(answer),
                Optional.ofNullable(answer.requestId()).orElse("none"),
                attempts(answer));
    if (code(answer).equals("NoSuchBucket")) {
      return new NoSuchStoreException("no such bucket: " + words, answer);
    }
    if (answer.statusCode() == UNAUTHORIZED
        || answer.statusCode() == FORBIDDEN
        || DENIED.contains(code(answer))) {
      return new StoreAccessDeniedException("store denies access: " + words, answer);
    }
    return new IOException("store refuses: " + words, answer);
  }

  /// That a bucket is not there, where the answer could not say so.
  NoSuchStoreException noBucket(SdkException cause) {
    return new NoSuchStoreException(
        "no such bucket: bucket=%s store=%s".formatted(location.bucket(), location), cause);
  }

  private String place(String operation, String key) {
    return "store=%s key=%s operation=%s".formatted(location, key, operation);
  }

  static int attempts(SdkException failure) {
    Integer attempts = failure.numAttempts();
    return attempts == null ? 1 : attempts;
  }

  /// S3's word for what went wrong; a HEAD has none.
  static String code(S3Exception answer) {
    AwsErrorDetails details = answer.awsErrorDetails();
    return details == null || details.errorCode() == null ? "none" : details.errorCode();
  }

  private static boolean isInterruption(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AbortedException || cause instanceof InterruptedException) {
        return true;
      }
    }
    return false;
  }

  /// The innermost cause says most: `Connection refused`.
  private static String reason(Throwable failure) {
    Throwable innermost = failure;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    String message = String.valueOf(innermost.getMessage());
    return innermost instanceof UnknownHostException ? "unknown host " + message : message;
  }
}
