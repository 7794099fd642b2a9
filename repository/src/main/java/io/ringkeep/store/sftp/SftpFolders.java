package io.ringkeep.store.sftp;

import io.ringkeep.store.sftp.SftpReply.Attributes;
import io.ringkeep.store.sftp.SftpReply.Kind;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The folders of a store on the server, made when something is first written to them.
final class SftpFolders {
  private final String root;

  // Folders that were seen or made, and are taken to be there until something proves otherwise.
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  /// @param root may be a symbolic link, or not be there yet
  SftpFolders(String root) {
    this.root = root;
  }

  /// The path of a name below the root.
  String resolve(String below) {
    return root.endsWith("/") ? root + below : root + "/" + below;
  }

  /// The folder that holds a file of the store.
  String of(String file) {
    int slash = file.lastIndexOf('/');
    return slash == 0 ? "/" : file.substring(0, slash);
  }

  /// Makes a folder and those above it, up to the root and beyond. Safe to call at once with others
  /// that do the same, here or anywhere.
  void make(SftpFiles files, String folder) throws IOException {
    if (known.contains(folder)) {
      return;
    }
    if (!isThere(files, folder)) {
      int slash = folder.lastIndexOf('/');
      if (slash > 0) {
        make(files, folder.substring(0, slash));
      }
      try {
        files.makeFolder(folder);
      } catch (SftpStatusException e) {
        // Version 3 has no code for a name that is taken.
        if (!isThere(files, folder)) {
          throw e;
        }
      }
    }
    known.add(folder);
  }

  private boolean isThere(SftpFiles files, String folder) throws IOException {
    boolean inside = folder.startsWith(resolve(""));
    Optional<Attributes> there = inside ? files.look(folder) : files.follow(folder);
    if (there.isPresent() && !there.get().isFolder() && there.get().kind() != Kind.UNKNOWN) {
      throw new IOException("not a folder of the store: file=" + folder);
    }
    return there.isPresent();
  }

  /// Something was missing that was taken to be there.
  void forget() {
    known.clear();
  }
}
