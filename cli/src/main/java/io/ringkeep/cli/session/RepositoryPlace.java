package io.ringkeep.cli.session;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.net.URI;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads where a repository is: the path of a folder, or a `file://` URL.
public final class RepositoryPlace {
  private static final Pattern URL = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+)://.*");

  private RepositoryPlace() {}

  /// The folder meant by `text`, absolute.
  ///
  /// @throws InvalidRequest if it is of a kind that this version does not know
  public static Path parse(String text) {
    Matcher url = URL.matcher(text);
    try {
      if (!url.matches()) {
        return Path.of(text).toAbsolutePath().normalize();
      }
      if ("file".equals(url.group(1))) {
        return Path.of(URI.create(text)).normalize();
      }
    } catch (FileSystemNotFoundException e) {
      throw notAFolder(text);
    } catch (IllegalArgumentException e) {
      throw notAFolder(text);
    }
    throw new InvalidRequest(
        "this version keeps repositories in folders only: scheme=" + url.group(1),
        "give a folder, such as /srv/backup or file:///srv/backup");
  }

  private static InvalidRequest notAFolder(String text) {
    return new InvalidRequest(
        "no path of a folder: repository=" + text, "write /srv/backup or file:///srv/backup");
  }
}
