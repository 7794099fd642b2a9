package io.ringkeep.archive;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Has what was written put on the disk. Another one than [#REAL] fails where a disk would.
interface SpoolDisk {
  /// That of this host.
  SpoolDisk REAL = channel -> channel.force(/* metaData= */ false);

  /// Waits until the bytes of a file are there.
  void force(FileChannel file) throws IOException;

  /// Waits until the names in a folder are there.
  default void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(/* metaData= */ true);
    }
  }
}
