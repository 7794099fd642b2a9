package io.ringkeep.scratch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.Unavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a host says that it has left.
class HostRoomTest {
  @TempDir Path root;

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void memory_ofAHostWithoutLimits_isWhatTheKernelCallsAvailable() throws IOException {
    write("proc/meminfo", "MemTotal:       16384000 kB\nMemAvailable:    4000000 kB\n");
    write("sys/fs/cgroup/memory.max", "max\n");
    write("sys/fs/cgroup/memory.current", "1000\n");

    assertThat(HostRoom.memory(root)).hasValue(4_096_000_000L);
  }

  @Test
  void memory_inAContainer_isWhatIsLeftOfItsLimit() throws IOException {
    write("proc/meminfo", "MemAvailable:    4000000 kB\n");
    write("sys/fs/cgroup/memory.max", "1000000\n");
    write("sys/fs/cgroup/memory.current", "400000\n");

    assertThat(HostRoom.memory(root)).hasValue(600_000L);
  }

  @Test
  void memory_whereNothingIsTold_isNotKnown() {
    assertThat(HostRoom.memory(root)).isEmpty();
  }

  @Test
  void more_thanThereIs_isRefusedWithBothNumbers() {
    assertThatCode(() -> HostRoom.requireDisk(root, 1)).doesNotThrowAnyException();
    assertThatThrownBy(() -> HostRoom.requireDisk(root, Long.MAX_VALUE))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("atLeastBytes=" + Long.MAX_VALUE)
        .hasMessageContaining("freeBytes=");
  }
}
