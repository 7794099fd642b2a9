package io.ringkeep.store.s3;

import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Objects in a bucket of AWS S3 or of a service that speaks its language.
/* What the contract needs is the service's: S3 shows a write to every later call (since December
 * 2020), replaces whole objects, and creates by `If-None-Match: *` (since August 2024). Whether
 * another service does so too is found out by io.ringkeep.store.StoreProbe.
 *
 * A bucket has no directories, so nothing keeps `a` and `a/b` from being there both; the contract
 * leaves that to whoever chooses the keys.
 *
 * Keys that ObjectKeys refuses are none of ours: listings leave them out. */
public final class S3Store implements ObjectStore {
  private final Access access;
  private final S3Reads reads;
  private final ConditionalPut conditional;
  private final Part.Chunks chunks = new Part.Chunks();

  private S3Store(Access access) {
    this.access = access;
    this.reads = new S3Reads(access);
    this.conditional = new ConditionalPut(access, reads, new SecureRandom());
  }

  /// The store at a place. Asks nothing of the service yet.
  ///
  /// Credentials are those of the profile that the location names; else they come from where AWS's
  /// own tools look for them: environment, profile, container, host. They need `s3:GetObject`,
  /// `s3:PutObject`, `s3:DeleteObject`, `s3:AbortMultipartUpload` on the objects, and
  /// `s3:ListBucket` on the bucket.
  ///
  /// @throws io.ringkeep.model.BackupException.InvalidRequest if nothing tells the region, and the
  ///   service is AWS
  public static S3Store of(S3Location location) {
    return of(
        location,
        location
            .profile()
            .<AwsCredentialsProvider>map(ProfileCredentialsProvider::create)
            .orElseGet(() -> DefaultCredentialsProvider.builder().build()),
        Patience.standard());
  }

  static S3Store of(S3Location location, AwsCredentialsProvider credentials, Patience patience) {
    return new S3Store(
        new Access(S3Clients.of(location, credentials, patience), location, patience));
  }

  @Override
  public void put(String key, ByteBuffer content) throws IOException {
    ObjectKeys.names(key);
    try {
      access
          .client()
          .putObject(
              PutObjectRequest.builder()
                  .bucket(access.bucket())
                  .key(access.key(key))
                  .overrideConfiguration(access.transfer())
                  .build(),
              Part.body(List.of(content.duplicate())));
    } catch (SdkException e) {
      throw access.errors().writing(e, "PutObject", key);
    }
  }

  @Override
  public boolean createIfAbsent(String key, ByteBuffer content) throws IOException {
    ObjectKeys.names(key);
    return conditional.create(key, Part.body(List.of(content.duplicate())));
  }

  @Override
  public ObjectUpload upload(String key) {
    ObjectKeys.names(key);
    return new S3Upload(
        key, chunks, conditional, large -> S3Multipart.begin(access, conditional, reads, large));
  }

  @Override
  public OptionalLong size(String key) throws IOException {
    ObjectKeys.names(key);
    return reads.head(key).stream().mapToLong(head -> head.contentLength()).findFirst();
  }

  @Override
  public ByteBuffer read(String key) throws IOException {
    ObjectKeys.names(key);
    return reads.whole(key);
  }

  @Override
  public void read(String key, long offset, ByteBuffer into) throws IOException {
    ObjectKeys.names(key);
    reads.range(key, offset, into);
  }

  @Override
  public void delete(String key) throws IOException {
    ObjectKeys.names(key);
    try {
      access.client().deleteObject(request -> request.bucket(access.bucket()).key(access.key(key)));
    } catch (S3Exception e) {
      if (e.statusCode() != S3Errors.NOT_FOUND || S3Errors.code(e).equals("NoSuchBucket")) {
        throw access.errors().writing(e, "DeleteObject", key);
      }
    } catch (SdkException e) {
      throw access.errors().writing(e, "DeleteObject", key);
    }
  }

  @Override
  public List<ObjectInfo> list(String directory) throws IOException {
    ObjectKeys.directory(directory);
    String root = access.key("");
    List<ObjectInfo> found = new ArrayList<>();
    try {
      for (S3Object object :
          access
              .client()
              .listObjectsV2Paginator(
                  request -> request.bucket(access.bucket()).prefix(access.key(directory)))
              .contents()) {
        String key = object.key().substring(root.length());
        if (ObjectKeys.isKey(key)) {
          found.add(new ObjectInfo(key, object.size()));
        }
      }
    } catch (SdkException e) {
      throw access.errors().reading(e, "ListObjectsV2", directory);
    }
    // Not every service sorts as AWS does.
    found.sort(Comparator.comparing(ObjectInfo::key));
    return found;
  }

  @Override
  public String location() {
    return access.location().toString();
  }

  @Override
  public void close() {
    access.client().close();
  }
}
