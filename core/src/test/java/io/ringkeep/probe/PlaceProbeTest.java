package io.ringkeep.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Places of any speed are measured in seconds, and left as they were.
class PlaceProbeTest {
  /// In memory, at the speeds that it is told; its time passes only while bytes move.
  private static final class SlowStore implements ObjectStore {
    private final MemoryStore memory = new MemoryStore();
    private final double writeBytesPerSecond;
    private final double readBytesPerSecond;
    private long nanos;
    private int refusedDeletes;

    SlowStore(double writeBytesPerSecond, double readBytesPerSecond) {
      this.writeBytesPerSecond = writeBytesPerSecond;
      this.readBytesPerSecond = readBytesPerSecond;
    }

    Duration time() {
      return Duration.ofNanos(nanos);
    }

    @Override
    public ObjectUpload upload(String key) throws IOException {
      ObjectUpload upload = memory.upload(key);
      return new ObjectUpload() {
        @Override
        public void write(ByteBuffer content) throws IOException {
          nanos += (long) (content.remaining() * 1e9 / writeBytesPerSecond);
          upload.write(content);
        }

        @Override
        public boolean commit() throws IOException {
          return upload.commit();
        }

        @Override
        public void close() throws IOException {
          upload.close();
        }
      };
    }

    @Override
    public ByteBuffer read(String key) throws IOException {
      ByteBuffer content = memory.read(key);
      nanos += (long) (content.remaining() * 1e9 / readBytesPerSecond);
      return content;
    }

    @Override
    public void read(String key, long offset, ByteBuffer into) throws IOException {
      nanos += (long) (into.remaining() * 1e9 / readBytesPerSecond);
      memory.read(key, offset, into);
    }

    @Override
    public void put(String key, ByteBuffer content) throws IOException {
      memory.put(key, content);
    }

    @Override
    public OptionalLong size(String key) throws IOException {
      return memory.size(key);
    }

    @Override
    public void delete(String key) throws IOException {
      if (refusedDeletes > 0) {
        refusedDeletes--;
        throw new IOException("no answer: key=" + key);
      }
      memory.delete(key);
    }

    @Override
    public List<ObjectInfo> list(String directory) throws IOException {
      return memory.list(directory);
    }

    @Override
    public String location() {
      return "slow";
    }

    @Override
    public void close() {}
  }

  @Test
  void probe_slowPlace_takesSomeSeconds() throws IOException {
    SlowStore store = new SlowStore(100_000, 100_000);

    PlaceProbe probe = PlaceProbe.of(store, () -> store.nanos);

    assertThat(store.time()).isLessThan(Duration.ofSeconds(6));
    assertThat(probe.bytesPerSecond()).isCloseTo(100_000L, within(1_000L));
    assertThat(store.list(Repository.PROBE)).isEmpty();
  }

  @Test
  void probe_placeThatIsSlowToReadAlone_takesSomeSeconds() throws IOException {
    SlowStore store = new SlowStore(100e6, 100_000);

    PlaceProbe probe = PlaceProbe.of(store, () -> store.nanos);

    assertThat(store.time()).isLessThan(Duration.ofSeconds(6));
    assertThat(probe.readBytesPerSecond()).isCloseTo(100_000L, within(1_000L));
    assertThat(probe.writeBytesPerSecond()).isCloseTo(100_000_000L, within(1_000_000L));
  }

  @Test
  void probe_deleteThatFails_leavesNoOtherObjectThere() throws IOException {
    SlowStore store = new SlowStore(20e6, 20e6);
    store.refusedDeletes = 1;

    assertThatThrownBy(() -> PlaceProbe.of(store, () -> store.nanos))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no answer");
    assertThat(store.list(Repository.PROBE)).hasSize(1);
  }
}
