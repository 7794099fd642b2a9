package io.ringkeep.repository.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentObjectsTest {
  private final RecentObjects<String> recent = new RecentObjects<>(100);
  private final List<String> read = new ArrayList<>();

  @Test
  void whatWasReadLately_isNotReadAgain() throws IOException {
    get("a", 40);
    get("b", 40);
    get("a", 40);
    assertThat(read).containsExactly("a", "b");
    // The third does not fit beside them: what was longest unused makes room.
    get("c", 40);
    get("a", 40);
    get("b", 40);
    assertThat(read).containsExactly("a", "b", "c", "b");
  }

  @Test
  void anObjectOfTheSameNameAndAnotherDigest_isAnother() throws IOException {
    get("a", 10);
    String other =
        recent.get(new StoredObject("a", 10, "other"), () -> "what another one is decoded to");
    assertThat(other).isEqualTo("what another one is decoded to");
  }

  @Test
  void whatIsTooLarge_isGivenAndNotKept() throws IOException {
    assertThat(get("a", 101)).isEqualTo("of a");
    assertThat(get("a", 101)).isEqualTo("of a");
    assertThat(read).containsExactly("a", "a");
  }

  @Test
  void whatCannotBeRead_isAskedForAgain() throws IOException {
    assertThatThrownBy(() -> recent.get(object("a", 1), RecentObjectsTest::fail))
        .hasMessage("lost");
    assertThat(get("a", 1)).isEqualTo("of a");
  }

  private static String fail() throws IOException {
    throw new IOException("lost");
  }

  private String get(String name, long storedBytes) throws IOException {
    return recent.get(
        object(name, storedBytes),
        () -> {
          read.add(name);
          return "of " + name;
        });
  }

  private static StoredObject object(String name, long storedBytes) {
    return new StoredObject(name, storedBytes, "digest of " + name);
  }
}
