package io.ringkeep.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Has what was written put on the disk. Another one than [#REAL] fails where a disk would.
interface SpoolDisk {
  int ROOM_BYTES = 1 << 20;

  /// That of this host.
  SpoolDisk REAL = channel -> channel.force(/* metaData= */ false);

  /// Waits until the bytes of a file are there.
  void force(FileChannel file) throws IOException;

  /// Finds out whether it takes anything.
  ///
  /// @throws IOException if it does not
  default void requireRoom(Path folder) throws IOException {
    Path probe = folder.resolve("room");
    try (FileChannel channel =
        FileChannel.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer zeros = ByteBuffer.allocate(ROOM_BYTES);
      while (zeros.hasRemaining()) {
        channel.write(zeros);
      }
      force(channel);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /// Waits until the names in a folder are there.
  default void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(/* metaData= */ true);
    }
  }
}
