package io.ringkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FunctionLibrariesTest {
  @Test
  void byName_readsTheNameFromTheFirstLine() {
    assertThat(
            FunctionLibraries.byName(
                    libraries("#!lua name=one\ncode", "#!lua name=two\n-- name=other"))
                .keySet())
        .containsExactly("one", "two");
  }

  @Test
  void byName_ofTheSameLibraryFromSeveralShards_keepsOne() {
    assertThat(FunctionLibraries.byName(libraries("#!lua name=one\na", "#!lua name=one\na")))
        .hasSize(1);
  }

  private static List<byte[]> libraries(String... code) {
    return Stream.of(code).map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }
}
