package io.ringkeep.store.s3;

import java.util.function.Consumer;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.services.s3.S3Client;

/// What every request needs.
///
/// @param errors puts its failure into words
record Access(S3Client client, S3Location location, S3Errors errors, Patience patience) {
  Access(S3Client client, S3Location location, Patience patience) {
    this(client, location, new S3Errors(location), patience);
  }

  String bucket() {
    return location.bucket();
  }

  /// The key in the bucket of a key of the store, or of a directory.
  String key(String key) {
    return location.bucketKey(key);
  }

  /// For a request that moves an object's bytes.
  Consumer<AwsRequestOverrideConfiguration.Builder> transfer() {
    return call -> call.apiCallTimeout(patience.transfer());
  }
}
