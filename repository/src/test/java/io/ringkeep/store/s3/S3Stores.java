package io.ringkeep.store.s3;

import io.ringkeep.testkit.S3Server;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/// Stores in buckets of test servers.
public final class S3Stores {
  private S3Stores() {}

  /// An empty store in a bucket of its own.
  public static S3Store newStore(S3Server server) {
    return at(server.endpoint(), server.newBucket());
  }

  /// The store in a bucket, as a service or a relay before it shows it.
  public static S3Store at(String endpoint, String bucket) {
    return at("s3://%s/back/up?endpoint=%s".formatted(bucket, endpoint), S3Server.SECRET_KEY, true);
  }

  static S3Store at(String url, String secret, boolean signed) {
    return S3Store.of(
        S3Location.parse(url),
        StaticCredentialsProvider.create(
            AwsBasicCredentials.create(signed ? S3Server.ACCESS_KEY : "nobody", secret)));
  }
}
