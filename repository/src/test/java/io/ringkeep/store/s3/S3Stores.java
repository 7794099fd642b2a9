package io.ringkeep.store.s3;

import io.ringkeep.testkit.S3Server;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/// Stores in buckets of test servers.
public final class S3Stores {
  /// As many tries as ever, in a hurry.
  static final Patience QUICK =
      new Patience(
          Patience.standard().attempts(),
          Duration.ofMillis(2),
          Duration.ofMillis(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30));

  private S3Stores() {}

  /// An empty store in a bucket of its own.
  public static S3Store newStore(S3Server server) {
    return at(server.endpoint(), server.newBucket());
  }

  /// The store in a bucket, as a service or a relay before it shows it.
  public static S3Store at(String endpoint, String bucket) {
    return at(endpoint, bucket, S3Server.SECRET_KEY, QUICK);
  }

  static S3Store at(String endpoint, String bucket, String secret, Patience patience) {
    return S3Store.of(
        S3Location.parse("s3://%s/back/up?endpoint=%s".formatted(bucket, endpoint)),
        StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret)),
        patience);
  }
}
