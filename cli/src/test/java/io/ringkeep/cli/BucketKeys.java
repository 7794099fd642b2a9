package io.ringkeep.cli;

import io.ringkeep.testkit.S3Server;

/// Credentials of the tests' bucket service, as the environment tells them to a process of its own,
/// until this is closed.
final class BucketKeys implements AutoCloseable {
  private BucketKeys() {}

  static BucketKeys set() {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
    System.setProperty("aws.disableEc2Metadata", "true");
    return new BucketKeys();
  }

  @Override
  public void close() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    System.clearProperty("aws.disableEc2Metadata");
  }
}
