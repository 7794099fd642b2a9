package io.ringkeep.scratch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
  /// As a process leaves one that was killed: nobody holds the lock any more.
  private static Path left(Process server, long startMillis) throws IOException {
    Path folder = Files.createTempDirectory("ringkeep-scratch-");
    Files.createFile(folder.resolve("owner"));
    Files.writeString(folder.resolve("dump.rdb"), "secret");
    Files.writeString(folder.resolve("server"), server.pid() + " " + startMillis);
    return folder;
  }

  @Test
  void folder_ofAKilledProcess_isRemovedAndItsServerEnded() throws Exception {
    Process server = new ProcessBuilder("sleep", "60").start();
    try {
      long start = server.info().startInstant().orElseThrow().toEpochMilli();
      Path folder = left(server, start);

      ScratchFolder.sweep();

      assertThat(folder).doesNotExist();
      assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void server_whoseNumberAnotherProcessHasNow_isLeftAlone() throws Exception {
    Process another = new ProcessBuilder("sleep", "60").start();
    try {
      Path folder = left(another, 1_000);

      ScratchFolder.sweep();

      assertThat(folder).doesNotExist();
      assertThat(another.isAlive()).isTrue();
    } finally {
      another.destroyForcibly();
    }
  }

  @Test
  void folder_inUseOrBeingMade_staysUntilItIsClosed() throws IOException {
    Path beingMade = Files.createTempDirectory("ringkeep-scratch-");
    Path path;
    try (ScratchFolder folder = ScratchFolder.create()) {
      path = folder.path();
      Files.writeString(path.resolve("file"), "content");
      ScratchFolder.sweep();
      assertThat(path.resolve("file")).exists();
      assertThat(beingMade).exists();
    }
    assertThat(path).doesNotExist();
    Files.delete(beingMade);
  }

  /// A server in it is known by the name of a file, which it tells in full.
  @Test
  void folder_belowARelativeOne_isNamedInFull(@TempDir Path parent) throws IOException {
    Path here = Path.of("").toAbsolutePath();
    try (ScratchFolder folder = ScratchFolder.create(here.relativize(parent.toAbsolutePath()))) {
      assertThat(folder.path()).isAbsolute().exists();
    }
  }
}
