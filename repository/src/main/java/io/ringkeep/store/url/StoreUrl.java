package io.ringkeep.store.url;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.store.s3.S3Location;
import io.ringkeep.store.s3.S3Store;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a repository is, as people write it: the path of a folder, `file:///srv/backup`, or
/// `s3://bucket/prefix`.
///
/// One record for each kind of store. The classes behind a kind are loaded when it is opened, so
/// that a command on a folder starts without them.
public sealed interface StoreUrl {
  /// Opens the store. Asks nothing of it yet.
  ///
  /// @throws InvalidRequest if something that the place leaves out is not known here
  ObjectStore open();

  /// Where it is, for people and to be read by [#parse] again.
  @Override
  String toString();

  /// A folder.
  ///
  /// @param path absolute
  record Folder(Path path) implements StoreUrl {
    @Override
    public ObjectStore open() {
      return new FileStore(path);
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  /// A bucket, or what is below a prefix in it.
  record Bucket(S3Location location) implements StoreUrl {
    @Override
    public ObjectStore open() {
      return S3Store.of(location);
    }

    @Override
    public String toString() {
      return location.toString();
    }
  }

  /// The place meant by `text`.
  ///
  /// @throws InvalidRequest if it is of a kind that this version does not know, or not well formed
  static StoreUrl parse(String text) {
    Matcher url = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+)://.*").matcher(text);
    if (!url.matches()) {
      return folder(text);
    }
    return switch (url.group(1)) {
      case "file" -> folderOfUrl(text);
      case "s3" -> new Bucket(S3Location.parse(text));
      default ->
          throw new InvalidRequest(
              "this version keeps repositories in folders and in S3 buckets: scheme="
                  + url.group(1),
              "give a folder, such as /srv/backup, or a bucket, such as s3://bucket/prefix");
    };
  }

  private static Folder folder(String text) {
    try {
      return new Folder(Path.of(text).toAbsolutePath().normalize());
    } catch (IllegalArgumentException e) {
      throw notAFolder(text);
    }
  }

  private static Folder folderOfUrl(String text) {
    try {
      return new Folder(Path.of(URI.create(text)).normalize());
    } catch (FileSystemNotFoundException | IllegalArgumentException e) {
      throw notAFolder(text);
    }
  }

  private static InvalidRequest notAFolder(String text) {
    return new InvalidRequest(
        "no path of a folder: repository=" + text, "write /srv/backup or file:///srv/backup");
  }
}
