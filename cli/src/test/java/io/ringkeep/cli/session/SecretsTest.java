package io.ringkeep.cli.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTest {
  @TempDir Path folder;
  private final Screen screen = new Screen();

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("secret"), content);
  }

  private String require(@Nullable Path file) {
    return new Secrets(screen.console()).require(file, "VARIABLE", "--file", "passphrase");
  }

  private String requireNew() {
    return new Secrets(screen.console()).requireNew(null, "VARIABLE", "--file", "passphrase");
  }

  @Test
  void require_fileAndVariable_takesTheFilesFirstLine() throws IOException {
    screen.variable("VARIABLE", "from the environment");

    assertThat(require(file(" from the file \r\nsecond line\n"))).isEqualTo(" from the file ");
    assertThat(require(file("no line break"))).isEqualTo("no line break");
  }

  @Test
  void require_variableOnly_takesIt() {
    screen.variable("VARIABLE", "x");

    assertThat(require(null)).isEqualTo("x");
  }

  @Test
  void require_neither_asksOnATerminal() {
    screen.types("typed");

    assertThat(require(null)).isEqualTo("typed");
    assertThat(screen.questions()).containsExactly("passphrase: ");
  }

  @Test
  void require_neitherAndNoTerminal_namesBothWays() {
    screen.variable("VARIABLE", "");

    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> require(null))
        .satisfies(e -> assertThat(e.hint()).hasValue("set VARIABLE or name a file with --file"));
  }

  @Test
  void require_emptyOrMissingOrBinaryFile_isRefusedByName() throws IOException {
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 1});
    for (Path file : new Path[] {file(""), folder.resolve("missing"), binary, folder}) {
      assertThatExceptionOfType(InvalidRequest.class)
          .isThrownBy(() -> require(file))
          .withMessageContaining(file.toString());
    }
    assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> require(file("\nsecond")));
  }

  @Test
  void require_nothingTyped_isRefused() {
    screen.types("");

    assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> require(null));
  }

  @Test
  void requireNew_typedTwiceTheSame_takesIt() {
    screen.types("new", "new");

    assertThat(requireNew()).isEqualTo("new");
    assertThat(screen.questions()).containsExactly("passphrase: ", "passphrase again: ");
  }

  @Test
  void requireNew_typedDifferently_isRefusedWithoutShowingEither() {
    screen.types("alpha", "beta");

    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(this::requireNew)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("alpha").doesNotContain("beta"));
  }
}
