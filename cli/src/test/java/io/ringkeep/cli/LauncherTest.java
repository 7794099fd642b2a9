package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The shell part of `./ringkeep` and `./mvnw`, before any Java runs.
class LauncherTest {
  private static final Path ROOT = Path.of(System.getProperty("ringkeep.root"));
  private static final String SYSTEM_PATH = "/usr/bin:/bin";

  @TempDir Path folder;
  private Path jdks;

  private record Result(int exitCode, String out, String err) {}

  @BeforeEach
  void makeFolder() throws IOException {
    jdks = Files.createDirectory(folder.resolve("jdks"));
  }

  /// A folder that looks like an installed Java.
  private static Path java(Path home, String version, boolean withCompiler) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    List<String> programs = withCompiler ? List.of("java", "javac") : List.of("java");
    for (String program : programs) {
      Path file = Files.writeString(home.resolve("bin").resolve(program), "#!/bin/sh\nexit 9\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    return home;
  }

  private Result bash(Map<String, String> environment, String... command) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", SYSTEM_PATH);
    builder.environment().put("HOME", folder.toString());
    builder.environment().put("RINGKEEP_JDK_FOLDER", jdks.toString());
    builder.environment().putAll(environment);
    int exitCode = builder.start().waitFor();
    return new Result(
        exitCode,
        Files.readString(out, StandardCharsets.UTF_8).strip(),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private Result find(String kind, Map<String, String> environment) throws Exception {
    return bash(
        environment,
        "bash",
        "-euo",
        "pipefail",
        "-c",
        ". "
            + ROOT.resolve("bin/find-jdk")
            + "; ringkeep_find_jdk "
            + kind
            + "; echo \"$JAVA_HOME\"");
  }

  @Test
  void findJdk_olderJavaOnPath_takesTheNewestInTheFolder() throws Exception {
    Path old = java(folder.resolve("old"), "17.0.15", true);
    java(jdks.resolve("a"), "21.0.1", true);
    java(jdks.resolve("b"), "26", true);
    java(jdks.resolve("c"), "25.0.3", true);

    assertThat(find("jdk", Map.of("PATH", old.resolve("bin") + ":" + SYSTEM_PATH)).out())
        .isEqualTo(jdks.resolve("b").toString());
  }

  @Test
  void findJdk_newEnoughJavaHome_isTakenBeforeTheFolder() throws Exception {
    Path home = java(folder.resolve("a home"), "25", true);
    java(jdks.resolve("b"), "26", true);

    assertThat(find("jdk", Map.of("JAVA_HOME", home.toString())).out()).isEqualTo(home.toString());
  }

  @Test
  void findJdk_ringkeepJavaHome_isTakenBeforeJavaHome() throws Exception {
    Path ours = java(folder.resolve("ours"), "25", true);
    Path theirs = java(folder.resolve("theirs"), "26", true);

    assertThat(
            find(
                    "jdk",
                    Map.of("JAVA_HOME", theirs.toString(), "RINGKEEP_JAVA_HOME", ours.toString()))
                .out())
        .isEqualTo(ours.toString());
  }

  @Test
  void findJdk_withoutCompiler_runsButDoesNotBuild() throws Exception {
    java(jdks.resolve("runtime"), "25", false);

    assertThat(find("jre", Map.of()).out()).isEqualTo(jdks.resolve("runtime").toString());
    assertThat(find("jdk", Map.of()).exitCode()).isNotZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ringkeep", "mvnw"})
  void launcher_noJdkAnywhere_saysWhatToInstallAndExits2(String script) throws Exception {
    java(jdks.resolve("old"), "17", true);
    Path path = Files.createDirectory(folder.resolve("path"));
    for (String tool : List.of("bash", "env", "dirname", "readlink", "sed", "head")) {
      Path file =
          Files.writeString(path.resolve(tool), "#!/bin/bash\nexec /usr/bin/" + tool + " \"$@\"\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    Result result =
        bash(Map.of("PATH", path.toString()), ROOT.resolve(script).toString(), "--version");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("ringkeep: no JDK 25 or newer was found")
        .contains("hint: install one");
  }
}
