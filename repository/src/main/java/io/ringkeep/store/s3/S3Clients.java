package io.ringkeep.store.s3;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Makes clients: where they ask, with which credentials, and in which way.
/* Services other than AWS get plain requests: no checksum trailers, which Ceph RGW 16 answers with
 * 400, and no chunked signatures, which others do not know. There TLS guards the way, and what is
 * read is proven by whoever wrote it. */
final class S3Clients {
  private static final int CONNECTIONS = 64;
  private static final int CONFLICT = 409;

  private S3Clients() {}

  /// A client for a place.
  ///
  /// @throws InvalidRequest if nothing tells the region, and the service is AWS
  static S3Client of(S3Location location, AwsCredentialsProvider credentials, Patience patience) {
    Optional<URI> endpoint = endpoint(location);
    S3ClientBuilder builder =
        S3Client.builder()
            .credentialsProvider(credentials)
            .region(region(location, endpoint.isPresent()))
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .connectionTimeout(patience.connect())
                    .socketTimeout(patience.silence())
                    .connectionAcquisitionTimeout(patience.call())
                    .maxConnections(CONNECTIONS))
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .apiCallTimeout(patience.call())
                    .retryStrategy(retries(patience))
                    .build())
            .forcePathStyle(location.pathStyle().orElse(endpoint.isPresent()));
    if (endpoint.isPresent()) {
      builder
          .endpointOverride(endpoint.get())
          .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
          .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
          .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false));
    }
    return builder.build();
  }

  /// The service: as the URL says, else as the environment does for S3, else for all of AWS.
  private static Optional<URI> endpoint(S3Location location) {
    return location
        .endpoint()
        .or(() -> setting("aws.endpointUrlS3", "AWS_ENDPOINT_URL_S3").map(S3Location::endpoint))
        .or(() -> setting("aws.endpointUrl", "AWS_ENDPOINT_URL").map(S3Location::endpoint));
  }

  private static Optional<String> setting(String property, String variable) {
    return Optional.ofNullable(System.getProperty(property))
        .or(() -> Optional.ofNullable(System.getenv(variable)))
        .filter(value -> !value.isBlank());
  }

  private static Region region(S3Location location, boolean elsewhere) {
    if (location.region().isPresent()) {
      return Region.of(location.region().get());
    }
    // Outside of AWS the region is a word in signatures, and no host tells one.
    AwsRegionProvider known =
        elsewhere
            ? new AwsRegionProviderChain(
                new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
            : DefaultAwsRegionProviderChain.builder().build();
    try {
      return known.getRegion();
    } catch (SdkClientException e) {
      if (elsewhere) {
        return Region.US_EAST_1;
      }
      throw new InvalidRequest(
          "no region is known: bucket=" + location.bucket(),
          "set AWS_REGION, or write region=... or endpoint=... into the URL");
    }
  }

  private static StandardRetryStrategy retries(Patience patience) {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(patience.attempts())
        .backoffStrategy(
            BackoffStrategy.exponentialDelay(patience.pause(), patience.pause().multipliedBy(50)))
        .throttlingBackoffStrategy(
            BackoffStrategy.exponentialDelay(
                patience.busyPause(), patience.busyPause().multipliedBy(20)))
        // How often is asked again must not depend on what went wrong elsewhere.
        .circuitBreakerEnabled(false)
        // Another conditional write of this key is under way: which one wins is known a moment
        // later.
        .retryOnException(
            failure -> failure instanceof S3Exception s3 && s3.statusCode() == CONFLICT)
        .build();
  }
}
