package io.ringkeep.repository.known;

import io.ringkeep.model.SlotDigests;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/// Where the files of one cache's known records lie: `<repository>-<cache>-<snapshot>.known`.
///
/// Used under the cache's lease, by one process at a time.
///
/// @param folder of this user, made when it is needed
/// @param repository id of the repository
/// @param cache name of the lineage
public record KnownFolder(Path folder, String repository, String cache) {
  private static final String SUFFIX = ".known";
  private static final String TEMPORARY = ".tmp";

  /// The folder cannot be used: no right, no room. No fault of the repository.
  public static final class Unusable extends IOException {
    private static final long serialVersionUID = 1;

    private Unusable(Path folder, IOException cause) {
      super("local folder cannot be used: path=%s reason=%s".formatted(folder, cause), cause);
    }
  }

  /// The file of a snapshot, if it is there and whole.
  ///
  /// @param digests of the snapshot's slots
  public Optional<KnownFile> open(String snapshot, SlotDigests digests) throws Unusable {
    try {
      return KnownFile.open(path(snapshot), repository, cache, snapshot, digests);
    } catch (IOException e) {
      throw new Unusable(folder, e);
    }
  }

  /// Begins to gather what a snapshot's records are known by.
  ///
  /// @param known kinds that keep their numbers
  public KnownLog begin(String snapshot, List<RecordKind> known) throws Unusable {
    try {
      makeFolder();
      return KnownLog.begin(folder.resolve(name(snapshot) + ".log" + TEMPORARY), known);
    } catch (IOException e) {
      throw new Unusable(folder, e);
    }
  }

  /// Makes a snapshot's file of what was gathered.
  public void finish(KnownLog log, String snapshot) throws Unusable {
    try {
      log.finish(path(snapshot), repository, cache, snapshot);
    } catch (IOException e) {
      throw new Unusable(folder, e);
    }
  }

  /// Removes all files of this cache but those of one snapshot, also what died processes left.
  public void keepOnly(String snapshot) throws Unusable {
    String prefix = repository + "-" + cache + "-";
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, file -> isOurs(file, prefix))) {
      for (Path file : files) {
        if (!file.getFileName().toString().equals(name(snapshot))) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new Unusable(folder, e);
    }
  }

  /// The name of a cache may begin like another one's; no snapshot's id has a dash.
  private static boolean isOurs(Path file, String prefix) {
    String name = file.getFileName().toString();
    return name.startsWith(prefix)
        && name.substring(prefix.length()).matches("[0-9a-f]{12}\\.known.*");
  }

  private Path path(String snapshot) {
    return folder.resolve(name(snapshot));
  }

  private String name(String snapshot) {
    return repository + "-" + cache + "-" + snapshot + SUFFIX;
  }

  private void makeFolder() throws IOException {
    FileAttribute<?>[] owner =
        FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
            }
            : new FileAttribute<?>[0];
    Files.createDirectories(folder, owner);
  }
}
