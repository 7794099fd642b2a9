package io.ringkeep.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.repository.ChildJvm;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.ReadOnlyStoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends ObjectStoreContractTest {
  private final Path folder;
  private final Path root;

  FileStoreTest(@TempDir Path folder) {
    this.folder = folder;
    this.root = folder.resolve("not/there/yet");
  }

  @Override
  protected ObjectStore newStore() {
    return new FileStore(root);
  }

  @Test
  void read_noFolder_makesNone() throws IOException {
    assertThat(store.list("")).isEmpty();
    assertThat(store.size("a")).isEmpty();
    store.delete("a");

    assertThat(folder.resolve("not")).doesNotExist();
  }

  @Test
  void put_key_isAFileOfThatPath() throws IOException {
    store.put("a/b.data", bytes("hello"));

    assertThat(root.resolve("a/b.data")).hasContent("hello");
    assertThat(temporaryFiles()).isEmpty();
  }

  @Test
  void list_filesOfOthers_areLeftAlone() throws IOException {
    store.put("a/b", bytes("hello"));
    Files.createDirectories(root.resolve("lost+found/x"));
    Files.writeString(root.resolve("a/.nfs0001"), "x");
    Files.writeString(root.resolve(".DS_Store"), "x");

    assertThat(store.list("")).containsExactly(new ObjectInfo("a/b", 5));
  }

  @Test
  void anything_throughASymbolicLink_isRefused() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "secret");
    store.put("a/b", bytes("hello"));
    Files.createSymbolicLink(root.resolve("dir"), outside);
    Files.createSymbolicLink(root.resolve("a/file"), outside.resolve("secret"));
    Files.createSymbolicLink(root.resolve("a/dangling"), outside.resolve("nothing"));

    for (String key : List.of("dir/secret", "a/file", "a/dangling")) {
      assertThatIOException().as(key).isThrownBy(() -> store.read(key));
      assertThatIOException().as(key).isThrownBy(() -> store.size(key));
      assertThatIOException().as(key).isThrownBy(() -> store.delete(key));
    }
    assertThatIOException().isThrownBy(() -> store.put("dir/secret", bytes("changed")));
    assertThatIOException().isThrownBy(() -> store.createIfAbsent("dir/new", bytes("new")));
    assertThat(store.createIfAbsent("a/file", bytes("new"))).isFalse();
    assertThatIOException().isThrownBy(() -> store.list(""));
    assertThat(outside.resolve("secret")).hasContent("secret");
    try (Stream<Path> files = Files.list(outside)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void put_overASymbolicLink_replacesTheLink() throws IOException {
    Path outside = Files.writeString(folder.resolve("outside"), "secret");
    store.put("beat", bytes("1"));
    Files.delete(root.resolve("beat"));
    Files.createSymbolicLink(root.resolve("beat"), outside);

    store.put("beat", bytes("2"));

    assertThat(outside).hasContent("secret");
    assertThat(text(store.read("beat"))).isEqualTo("2");
  }

  @Test
  void open_rootIsASymbolicLink_isFollowed() throws IOException {
    store.put("a", bytes("hello"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), root);

    try (ObjectStore linked = new FileStore(link)) {
      assertThat(text(linked.read("a"))).isEqualTo("hello");
      linked.put("b", bytes("x"));
    }
    assertThat(store.size("b")).hasValue(1);
  }

  @Test
  void write_readOnlyStore_isRefused() throws IOException {
    store.put("a", bytes("hello"));
    try (ObjectStore readOnly = FileStore.readOnly(root)) {
      assertThat(text(readOnly.read("a"))).isEqualTo("hello");
      assertThat(readOnly.list("")).hasSize(1);
      assertThatThrownBy(() -> readOnly.put("a", bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class)
          .hasMessageContaining(root.toString());
      assertThatThrownBy(() -> readOnly.createIfAbsent("b", bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class);
      assertThatThrownBy(() -> readOnly.delete("a")).isInstanceOf(ReadOnlyStoreException.class);
    }
    assertThat(text(store.read("a"))).isEqualTo("hello");
  }

  @Test
  void write_folderWithoutPermission_isRefusedAsReadOnly() throws IOException {
    store.put("a/b", bytes("hello"));
    Path locked = root.resolve("a");
    assertThat(locked.toFile().setWritable(false)).isTrue();
    try {
      assumeTrue(!Files.isWritable(locked), "this user may write anywhere");
      assertThatThrownBy(() -> store.put("a/c", bytes("x")))
          .isInstanceOf(ReadOnlyStoreException.class);
    } finally {
      assertThat(locked.toFile().setWritable(true)).isTrue();
    }
  }

  @Test
  void upload_writerKilled_leavesNothingVisibleAndIsCleanedLater() throws Exception {
    try (ChildJvm child = ChildJvm.start(UnfinishedUpload.class, root)) {
      assertThat(child.line()).isEqualTo("written");
      assertThat(temporaryFiles()).hasSize(1);
      try (ObjectStore other = new FileStore(root)) {
        other.put("a", bytes("x"));
      }
      assertThat(temporaryFiles()).as("its writer lives").hasSize(1);

      child.kill();

      assertThat(store.list("")).containsExactly(new ObjectInfo("a", 1));
      assertThat(temporaryFiles()).hasSize(1);
      store.put("b", bytes("y"));
      assertThat(temporaryFiles()).isEmpty();
    }
  }

  /// Writes a part of an object, says so, and waits for its end.
  static final class UnfinishedUpload {
    public static void main(String[] arguments) throws Exception {
      try (ObjectStore store = new FileStore(Path.of(arguments[0]));
          ObjectUpload upload = store.upload("killed/object")) {
        upload.write(ByteBuffer.allocate(100_000));
        System.out.println("written");
        Thread.sleep(60_000);
      }
    }
  }

  @Test
  void upload_ofThisProcess_isNotTakenForALeftover() throws IOException {
    try (ObjectUpload upload = store.upload("a")) {
      upload.write(bytes("hello"));
      try (ObjectStore other = new FileStore(root)) {
        other.put("b", bytes("x"));
      }
      assertThat(upload.commit()).isTrue();
    }
    assertThat(text(store.read("a"))).isEqualTo("hello");
  }

  @Test
  void write_noSpace_failsAndKeepsTheStoreWhole() throws Exception {
    store.put("beat", bytes("old"));

    // A limit on the size of files stands for a full disk: write(2) fails in the middle.
    try (ChildJvm child =
        ChildJvm.start(
            List.of("bash", "-c", "ulimit -f 1000 && exec \"$0\" \"$@\""), NoSpace.class, root)) {
      assertThat(child.rest()).isEqualTo("put failed\ncreate failed\nsmall written");
    }
    assertThat(text(store.read("beat"))).isEqualTo("old");
    assertThat(store.list(""))
        .containsExactly(new ObjectInfo("beat", 3), new ObjectInfo("small", 3));
    assertThat(temporaryFiles()).isEmpty();
  }

  /// Tries to write more than it may.
  static final class NoSpace {
    public static void main(String[] arguments) throws Exception {
      ByteBuffer large = ByteBuffer.allocateDirect(8 << 20);
      try (ObjectStore store = new FileStore(Path.of(arguments[0]))) {
        try {
          store.put("beat", large);
        } catch (IOException e) {
          System.out.println("put failed");
        }
        try {
          store.createIfAbsent("new", large);
        } catch (IOException e) {
          System.out.println("create failed");
        }
        store.put("small", bytes("new"));
        System.out.println("small written");
      }
    }
  }

  private List<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(".tmp"))) {
      return files.toList();
    }
  }
}
