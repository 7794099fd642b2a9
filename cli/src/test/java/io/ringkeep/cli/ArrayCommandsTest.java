package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Arrays of Redis 8.8 as an operator meets them, from RDB files made from the format.
class ArrayCommandsTest {
  /// Elements 0, 1, 2 and the highest index there can be; inserted up to index 1.
  private static final String BEFORE =
      "040101"
          + "0001"
          + "2a00000000000000"
          + "0102"
          + "000000000000f83f"
          + "0203"
          + "03616263"
          + ("81fffffffffffffffe00" + "05776f726473");

  /// Element 1 is another, 2 is gone, 7 is new.
  private static final String AFTER =
      "040107"
          + "0001"
          + "2a00000000000000"
          + "0102"
          + "0000000000000440"
          + "0700"
          + "036e6577"
          + ("81fffffffffffffffe00" + "05776f726473");

  /// The same elements as strings, and insertion goes on elsewhere.
  private static final String SOUGHT =
      "040100"
          + "0003"
          + "c02a"
          + "0100"
          + "03322e35"
          + "0703"
          + "036e6577"
          + ("81fffffffffffffffe03" + "05776f726473");

  @TempDir Path folder;

  @Test
  void array_inASnapshot_isShownWithItsIndexes() throws IOException {
    Shell shell = shell();
    shell.succeed("import", rdb("one.rdb", BEFORE));

    assertThat(shell.succeed("get", "cells").out())
        .contains("cells: array, ")
        .contains(
            List.of("[0] 42", "[1] 1.5", "[2] abc", "[18446744073709551614] words").stream()
                .map(line -> line + System.lineSeparator())
                .toList())
        .contains("insertion goes on at [2]")
        .contains("4 elements");
    JsonNode value = shell.json("get", "cells").get("value");
    assertThat(value.get("elements").size()).isEqualTo(4);
    assertThat(value.get("elements").get(0).get("index").asInt()).isZero();
    assertThat(value.get("elements").get(0).get("value").asString()).isEqualTo("42");
    assertThat(value.get("elements").get(3).get("index").asString())
        .isEqualTo("18446744073709551614");
    assertThat(value.get("next").asInt()).isEqualTo(2);
    assertThat(shell.succeed("keys", "--type", "array").out()).contains("cells").contains("array");
    shell.fail(3, "keys", "--type", "list");
  }

  @Test
  void array_thatChanged_isToldElementByElement() throws IOException {
    Shell shell = shell();
    for (String value : List.of(BEFORE, AFTER, SOUGHT)) {
      shell.succeed("import", rdb("next.rdb", value));
    }

    assertThat(shell.succeed("history", "cells").out())
        .contains("1 added, 1 removed, 1 changed")
        .contains("+ [7]")
        .contains("- [2]")
        .contains("~ [1]")
        .contains("the same elements, insertion goes on elsewhere");
  }

  @Test
  void array_exported_isWhatCameIn() throws IOException {
    Shell shell = shell();
    shell.succeed("import", rdb("one.rdb", BEFORE));
    Path exported = folder.resolve("exported.rdb");

    shell.succeed("export", "--to", exported.toString());

    String bytes = HexFormat.of().formatHex(Files.readAllBytes(exported));
    assertThat(bytes).startsWith(hex("REDIS0014")).contains("1c05" + hex("cells") + BEFORE);
  }

  private Shell shell() {
    Shell shell = new Shell(folder.resolve("repository").toString(), "correct horse");
    shell.succeed("init");
    return shell;
  }

  private String rdb(String name, String value) throws IOException {
    String rdb = hex("REDIS0014") + "fe00" + "1c05" + hex("cells") + value + "ff0000000000000000";
    return Files.write(folder.resolve(name), HexFormat.of().parseHex(rdb)).toString();
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }
}
