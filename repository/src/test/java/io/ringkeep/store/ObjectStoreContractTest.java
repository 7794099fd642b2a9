package io.ringkeep.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkeep.repository.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every store promises.
public abstract class ObjectStoreContractTest {
  protected ObjectStore store;

  /// An empty store.
  protected abstract ObjectStore newStore() throws IOException;

  /// Whether the place can't hold both `a` and `a/b`; the contract leaves that open.
  protected boolean refusesObjectsWhereDirectoriesAre() {
    return true;
  }

  /// Whether an object can be replaced; where not, none is ever changed.
  protected boolean replaces() {
    return true;
  }

  /// How long a name may be here at least; above 200 no store takes it.
  protected int longestName() {
    return 200;
  }

  @BeforeEach
  void openStore() throws IOException {
    store = newStore();
  }

  @AfterEach
  void closeStore() throws IOException {
    store.close();
  }

  @Test
  void put_newKey_isReadBack() throws IOException {
    store.put("a/b/c.data", bytes("hello"));

    assertThat(text(store.read("a/b/c.data"))).isEqualTo("hello");
    assertThat(store.size("a/b/c.data")).hasValue(5);
  }

  @Test
  void put_existingKey_isReplaced() throws IOException {
    assumeTrue(replaces());
    store.put("a", bytes("old and longer"));
    store.put("a", bytes("new"));

    assertThat(text(store.read("a"))).isEqualTo("new");
  }

  @Test
  void put_contentBuffer_staysAsItWas() throws IOException {
    ByteBuffer heap = bytes("xhellox").position(1).limit(6);
    ByteBuffer direct = ByteBuffer.allocateDirect(7).put(bytes("xhellox")).position(1).limit(6);
    store.put("heap", heap);
    store.createIfAbsent("direct", direct);
    store.put("readonly", heap.asReadOnlyBuffer());

    assertThat(heap.position()).isEqualTo(1);
    assertThat(direct.position()).isEqualTo(1);
    assertThat(text(store.read("heap"))).isEqualTo("hello");
    assertThat(text(store.read("direct"))).isEqualTo("hello");
    assertThat(text(store.read("readonly"))).isEqualTo("hello");
  }

  @Test
  void put_empty_isAnObject() throws IOException {
    store.put("empty", bytes(""));

    assertThat(store.size("empty")).hasValue(0);
    assertThat(store.read("empty").remaining()).isZero();
    assertThat(store.list("")).containsExactly(new ObjectInfo("empty", 0));
  }

  @Test
  void createIfAbsent_existingKey_leavesIt() throws IOException {
    assertThat(store.createIfAbsent("a/b", bytes("first"))).isTrue();
    assertThat(store.createIfAbsent("a/b", bytes("second"))).isFalse();

    assertThat(text(store.read("a/b"))).isEqualTo("first");
  }

  @Test
  void createIfAbsent_afterDelete_createsAgain() throws IOException {
    store.createIfAbsent("a/b", bytes("first"));
    store.delete("a/b");

    assertThat(store.createIfAbsent("a/b", bytes("second"))).isTrue();
    assertThat(text(store.read("a/b"))).isEqualTo("second");
  }

  @Test
  void createIfAbsent_sixteenThreads_haveOneWinner() throws Exception {
    for (int round = 0; round < 25; round++) {
      String key = "race/" + round;
      List<Boolean> won =
          together(16, thread -> store.createIfAbsent(key, bytes("thread " + thread)));

      assertThat(Collections.frequency(won, true)).isEqualTo(1);
      assertThat(text(store.read(key))).isEqualTo("thread " + won.indexOf(true));
    }
  }

  @Test
  void put_whileRead_isNeverSeenInParts() throws Exception {
    assumeTrue(replaces());
    byte[][] contents = new byte[2][300_000];
    Arrays.fill(contents[0], (byte) 'a');
    Arrays.fill(contents[1], (byte) 'b');
    store.put("beat", ByteBuffer.wrap(contents[0]));
    AtomicBoolean done = new AtomicBoolean();
    together(
        4,
        thread -> {
          if (thread == 0) {
            try {
              for (int i = 0; i < 100; i++) {
                store.put("beat", ByteBuffer.wrap(contents[i % 2]));
              }
            } finally {
              done.set(true);
            }
            return true;
          }
          while (!done.get()) {
            ByteBuffer seen = store.read("beat");
            assertThat(seen.remaining()).isEqualTo(300_000);
            assertThat(seen.get(0)).isEqualTo(seen.get(299_999)).isEqualTo(seen.get(150_000));
          }
          return true;
        });
  }

  @Test
  void upload_beforeCommit_isInvisible() throws IOException {
    try (ObjectUpload upload = store.upload("a/b")) {
      upload.write(bytes("hel"));

      assertThat(store.size("a/b")).isEmpty();
      assertThat(store.list("")).isEmpty();

      upload.write(bytes("lo"));
      assertThat(upload.commit()).isTrue();
    }
    assertThat(text(store.read("a/b"))).isEqualTo("hello");
    assertThat(store.list("")).containsExactly(new ObjectInfo("a/b", 5));
  }

  @Test
  void upload_closedWithoutCommit_leavesNothing() throws IOException {
    try (ObjectUpload upload = store.upload("a/b")) {
      upload.write(bytes("hello"));
    }
    assertThat(store.size("a/b")).isEmpty();
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void upload_keyTakenMeanwhile_leavesTheOther() throws IOException {
    try (ObjectUpload upload = store.upload("a/b")) {
      upload.write(bytes("late"));
      store.createIfAbsent("a/b", bytes("early"));

      assertThat(upload.commit()).isFalse();
    }
    assertThat(text(store.read("a/b"))).isEqualTo("early");
  }

  @Test
  void read_range_isExactlyThat() throws IOException {
    byte[] content = new byte[200_000];
    Random random = Seeds.random("read_range_isExactlyThat");
    random.nextBytes(content);
    store.put("o", ByteBuffer.wrap(content));
    for (int i = 0; i < 200; i++) {
      int from = random.nextInt(content.length + 1);
      int length = random.nextInt(content.length - from + 1);
      ByteBuffer into =
          random.nextBoolean()
              ? ByteBuffer.allocate(length + 2)
              : ByteBuffer.allocateDirect(length + 2);
      into.position(1).limit(length + 1);

      store.read("o", from, into);

      assertThat(into.hasRemaining()).isFalse();
      assertThat(into.slice(1, length)).isEqualTo(ByteBuffer.wrap(content, from, length));
    }
  }

  @Test
  void read_beyondTheEnd_isRefused() throws IOException {
    store.put("o", bytes("hello"));

    for (int offset : new int[] {1, 5, 6, 1000}) {
      assertThatThrownBy(() -> store.read("o", offset, ByteBuffer.allocate(5)))
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void read_missing_saysSo() throws IOException {
    store.put("a/b", bytes("x"));

    for (String key : List.of("b", "a", "a/c", "a/b/c", "x/y/z")) {
      assertThat(store.size(key)).as(key).isEmpty();
      assertThatThrownBy(() -> store.read(key))
          .isInstanceOf(NoSuchObjectException.class)
          .hasMessageContaining(key);
      assertThatThrownBy(() -> store.read(key, 0, ByteBuffer.allocate(1)))
          .isInstanceOf(NoSuchObjectException.class);
    }
  }

  @Test
  void delete_twice_isNoError() throws IOException {
    store.put("a/b", bytes("x"));
    store.delete("a/b");
    store.delete("a/b");
    store.delete("never/was");

    assertThat(store.size("a/b")).isEmpty();
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void list_manyKeys_isSortedAndWhole() throws IOException {
    Random random = Seeds.random("list_manyKeys_isSortedAndWhole");
    TreeSet<String> keys = new TreeSet<>();
    String[] names = {"a", "a-", "a.b", "B", "0", "Z9", "_x", "-"};
    while (keys.size() < 120) {
      String key = "d" + random.nextInt(3) + "/" + names[random.nextInt(8)] + "-dir/";
      key += names[random.nextInt(8)] + random.nextInt(50);
      if (keys.add(key)) {
        store.put(key, bytes(key));
      }
    }
    assertThat(store.list("")).extracting(ObjectInfo::key).containsExactlyElementsOf(keys);
    assertThat(store.list("d1/"))
        .extracting(ObjectInfo::key)
        .containsExactlyElementsOf(keys.subSet("d1/", "d10"));
    assertThat(store.list("")).allMatch(object -> object.sizeBytes() == object.key().length());
  }

  @Test
  void list_directory_takesNoNamesakes() throws IOException {
    store.put("run/a", bytes("1"));
    store.put("runs/b", bytes("2"));
    store.put("run.c", bytes("3"));

    assertThat(store.list("run/")).containsExactly(new ObjectInfo("run/a", 1));
    assertThat(store.list("nothing/here/")).isEmpty();
    assertThat(store.list("run/a/")).isEmpty();
  }

  @Test
  void put_whereADirectoryIs_isRefused() throws IOException {
    assumeTrue(refusesObjectsWhereDirectoriesAre());
    store.put("a/b/c", bytes("x"));

    assertThatIOException().isThrownBy(() -> store.put("a/b", bytes("y")));
    assertThatIOException().isThrownBy(() -> store.put("a/b/c/d", bytes("y")));
    assertThat(store.list("")).containsExactly(new ObjectInfo("a/b/c", 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        ".",
        "..",
        "a/../b",
        "a/./b",
        ".hidden",
        "a/.tmp/b",
        "a b",
        "a\\b",
        "ä",
        "a\0b",
        "a\n",
        "~",
        "a:b",
        "C:",
        "a/b/../../../etc/passwd",
        "%2e%2e",
        "*"
      })
  void anything_oddKey_isRefused(String key) throws IOException {
    assertThatThrownBy(() -> store.put(key, bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.createIfAbsent(key, bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.read(key)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.read(key, 0, bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.size(key)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.delete(key)).isInstanceOf(IllegalArgumentException.class);
    assertThat(store.list("")).isEmpty();
  }

  @Test
  void anything_longKey_isRefusedOrWorks() throws IOException {
    String longest = "n".repeat(longestName());
    store.put(longest + "/" + longest, bytes("x"));

    assertThat(store.size(longest + "/" + longest)).hasValue(1);
    assertThatThrownBy(() -> store.put("n".repeat(201), bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.put("n/".repeat(400) + "n", bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "../", "a//", "./"})
  void list_oddDirectory_isRefused(String directory) {
    assertThatThrownBy(() -> store.list(directory)).isInstanceOf(IllegalArgumentException.class);
  }

  /// What one of several threads does; threads are numbered from 0.
  protected interface Part<T> {
    T run(int thread) throws Exception;
  }

  /// Runs a part in several threads that begin at once.
  protected static <T> List<T> together(int threads, Part<T> part) throws Exception {
    CountDownLatch ready = new CountDownLatch(threads);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Callable<T>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        parts.add(() -> {
          ready.countDown();
          ready.await();
          return part.run(thread);
        });
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : executor.invokeAll(parts)) {
        results.add(future.get());
      }
      return results;
    }
  }

  protected static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  protected static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
