package io.ringkeep.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;

/// An S3 service on a free loopback port, in this process: S3Proxy on a temporary folder.
///
/// Any number may run at once. It decides `If-None-Match: *` atomically, also when a multipart
/// upload is completed, and sorts listings. Starting the first one takes a second or two.
public final class S3Server implements AutoCloseable {
  /// The credentials that it takes.
  public static final String ACCESS_KEY = "ringkeep-test";

  public static final String SECRET_KEY = "no-secret-at-all";

  private final Path folder;
  private final BlobStore blobs;
  private final S3Proxy proxy;
  private final AtomicInteger buckets = new AtomicInteger();

  private S3Server(boolean signed, String accessKey, String secretKey) {
    folder = Folders.temporary("s3");
    Properties properties = new Properties();
    properties.setProperty("jclouds.filesystem.basedir", folder.toString());
    properties.setProperty("jclouds.identity", accessKey);
    properties.setProperty("jclouds.credential", secretKey);
    blobs = BlobStores.create("filesystem", properties);
    proxy =
        S3Proxy.builder()
            .blobStore(blobs)
            .endpoint(URI.create("http://" + TestServer.HOST + ":0"))
            .awsAuthentication(
                signed ? AuthenticationType.AWS_V4 : AuthenticationType.NONE, accessKey, secretKey)
            .ignoreUnknownHeaders(true)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      Folders.delete(folder);
      throw new EngineException("S3Proxy does not start", e);
    }
  }

  /// One that asks for [#ACCESS_KEY] and [#SECRET_KEY].
  public static S3Server start() {
    return start(ACCESS_KEY, SECRET_KEY);
  }

  /// One that asks for other keys.
  public static S3Server start(String accessKey, String secretKey) {
    return new S3Server(/* signed= */ true, accessKey, secretKey);
  }

  /// One that takes everybody, so that a relay may change what is signed.
  public static S3Server startOpen() {
    return new S3Server(/* signed= */ false, ACCESS_KEY, SECRET_KEY);
  }

  public int port() {
    return proxy.getPort();
  }

  /// Such as `http://127.0.0.1:40123`.
  public String endpoint() {
    return "http://" + TestServer.HOST + ":" + port();
  }

  /// Makes an empty bucket.
  ///
  /// @return its name
  public String newBucket() {
    String bucket = "bucket-" + buckets.incrementAndGet();
    blobs.createContainer(bucket);
    return bucket;
  }

  /// Where the objects of a bucket are, as files.
  public Path folder(String bucket) {
    return folder.resolve(bucket);
  }

  /// Bytes that the files of a bucket hold, those of uploads that never ended included.
  public long storedBytes(String bucket) {
    try (Stream<Path> files = Files.walk(folder(bucket))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      proxy.stop();
      blobs.close();
    } catch (Exception e) {
      throw new EngineException("S3Proxy does not stop", e);
    } finally {
      Folders.delete(folder);
    }
  }
}
