package io.ringkeep.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnginesTest {
  @TempDir Path folder;

  @Test
  void embeddedVersion_ofWhatMayNotBeRun_saysThatTheEngineDoesNotRunHere() throws IOException {
    Path program = Files.writeString(folder.resolve("server"), "no program");

    assertThatThrownBy(() -> Engines.embeddedVersion(program))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("embedded server does not run here")
        .hasMessageContaining(program.toString());
  }
}
