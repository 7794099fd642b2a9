package io.ringkeep.store.url;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import io.ringkeep.store.s3.S3Location;
import io.ringkeep.store.s3.S3Store;
import io.ringkeep.store.sftp.SftpLocation;
import io.ringkeep.store.sftp.SftpStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a repository is, as people write it: the path of a folder, `file:///srv/backup`,
/// `s3://bucket/prefix` or `sftp://user@host/folder`.
///
/// One record for each kind of store. The classes behind a kind are loaded when it is opened, so
/// that a command on a folder starts without them.
public sealed interface StoreUrl {
  /// Opens the store: logs in to a server, asks nothing of the others yet.
  ///
  /// @param environment where secrets are looked for, as [System#getenv()]
  /// @throws InvalidRequest if something that the place leaves out is not known here
  /// @throws IOException if the server is not there
  ObjectStore open(Map<String, String> environment) throws IOException;

  /// Where it is, for people, and as [#parse] reads it; the files with which one logs in are left
  /// out.
  @Override
  String toString();

  /// A folder.
  ///
  /// @param path absolute
  record Folder(Path path) implements StoreUrl {
    @Override
    public ObjectStore open(Map<String, String> environment) {
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
    public ObjectStore open(Map<String, String> environment) {
      return S3Store.of(location);
    }

    @Override
    public String toString() {
      return location.toString();
    }
  }

  /// A folder on an SSH server.
  record SshFolder(SftpLocation location) implements StoreUrl {
    @Override
    public ObjectStore open(Map<String, String> environment) throws IOException {
      return SftpStore.open(location, environment);
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
      case "sftp" -> new SshFolder(SftpLocation.parse(text));
      default ->
          throw new InvalidRequest(
              "repositories are kept in folders, in S3 buckets and on SSH servers: scheme="
                  + url.group(1),
              "write /srv/backup, s3://bucket/prefix or sftp://user@host/folder");
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
