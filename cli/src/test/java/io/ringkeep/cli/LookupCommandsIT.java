package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/// What the commands that look into snapshots say, and how they end.
class LookupCommandsIT {
  @TempDir Path folder;
  private TestServer server;
  private Shell shell;

  @BeforeEach
  void fill() {
    server = TestServer.start(Engines.redis70());
    shell = new Shell(folder.resolve("repository").toString(), "correct horse");
    shell.succeed("init");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void backup() {
    shell.succeed("backup", "--source", server.uri());
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void get_binaryKey_isShownAndTakenAsTheSameText() {
    server.call(bytes("SET"), bytes("bin\0\u00ff\\key"), bytes("\u0001va\u00fflue"));
    backup();

    String shown = "bin\\x00\\xff\\\\key";
    assertThat(shell.succeed("get", shown).out())
        .startsWith(shown + ": string, ")
        .contains("\n\\x01va\\xfflue\n");
    assertThat(shell.succeed("get", "--key-hex", "62696e00ff5c6b6579").out()).startsWith(shown);
    JsonNode json = shell.json("get", shown);
    assertThat(json.get("key").asString()).isEqualTo(shown);
    assertThat(json.get("value").get("base64").asString()).isEqualTo("AXZh/2x1ZQ==");
    shell.fail(2, "get", "--key-hex", "6");
  }

  @Test
  void get_eachType_isReadable() {
    server.call("SET", "text", "first\nsecond");
    server.call("RPUSH", "list", "a", "b");
    server.call("SADD", "set", "m2", "m1");
    server.call("ZADD", "zset", "1.5", "high", "-inf", "low");
    server.call("HSET", "hash", "name", "Ada", "city", "\u5317\u4eac");
    server.call("XADD", "stream", "1-1", "field", "value");
    server.call("XGROUP", "CREATE", "stream", "readers", "0");
    server.call("PEXPIREAT", "text", "4102444800000");
    backup();

    assertThat(shell.succeed("get", "text").out())
        .contains("expires 2100-01-01 00:00:00Z")
        .endsWith("\n\nfirst\\nsecond\n");
    assertThat(shell.succeed("get", "list").out()).contains("\n[0] a\n[1] b\n\n2 elements\n");
    assertThat(shell.succeed("get", "set").out()).contains("\nm1\nm2\n");
    assertThat(shell.succeed("get", "zset").out()).contains("\n-inf  low\n1.5  high\n");
    assertThat(shell.succeed("get", "hash").out())
        .contains("\ncity = \u5317\u4eac\nname = Ada\n\n2 fields\n");
    assertThat(shell.succeed("get", "stream").out())
        .contains("\n1-1  field = value\n", "group readers: delivered up to 0-0");
    assertThat(shell.json("get", "zset").get("value").get(0).get("score").asString())
        .isEqualTo("-inf");
    assertThat(shell.json("get", "hash").get("value").get(0).get("value").asString())
        .isEqualTo("\u5317\u4eac");
    JsonNode stream = shell.json("get", "stream").get("value");
    assertThat(stream.get("entries").get(0).get("fields").get(0).get("value").asString())
        .isEqualTo("value");
    assertThat(stream.get("groups").get(0).get("name").asString()).isEqualTo("readers");
  }

  @Test
  void get_longValues_areCutUnlessAllIsWanted() {
    server.call("SET", "long", "x".repeat(5000));
    for (int i = 0; i < 300; i++) {
      server.call("RPUSH", "many", "element " + i);
    }
    backup();

    assertThat(shell.succeed("get", "long").out())
        .contains("x".repeat(1024) + "\u2026 (4.9 KiB in all)")
        .doesNotContain("x".repeat(1025));
    assertThat(shell.succeed("get", "long", "--all").out()).contains("x".repeat(5000));
    assertThat(shell.succeed("get", "long", "--raw").out()).isEqualTo("x".repeat(5000));
    assertThat(shell.succeed("get", "many").out())
        .contains("[99] element 99\n\n100 of 300 elements shown")
        .doesNotContain("[100]");
    assertThat(shell.succeed("get", "many", "--all").out()).contains("[299] element 299");
    assertThat(shell.json("get", "many").get("value").size()).isEqualTo(300);
  }

  @Test
  void get_rawOfAnyOtherType_isWhatRestoreTakes() throws Exception {
    server.call("HSET", "hash", "name", "Ada");
    backup();
    Launcher ringkeep = Launcher.ofClasses(folder).variable("RINGKEEP_PASSPHRASE", "correct horse");
    Launcher.Running running =
        ringkeep.start("get", "hash", "--raw", "-r", folder.resolve("repository").toString());
    // Its output is no text.
    assertThat(running.process().waitFor()).isZero();

    server.call(bytes("RESTORE"), bytes("copy"), bytes("0"), Files.readAllBytes(running.out()));

    assertThat(server.text("HGET", "copy", "name")).isEqualTo("Ada");
  }

  @Test
  void get_momentsAndSnapshots_chooseTheVersion() {
    server.call("SET", "key", "old");
    backup();
    String first = shell.json("list").get(0).get("id").asString();
    String time = shell.json("list").get(0).get("time").asString();
    server.call("SET", "key", "new");
    backup();

    assertThat(shell.json("get", "key").get("value").asString()).isEqualTo("new");
    assertThat(shell.json("get", "key", "--snapshot", first).get("value").asString())
        .isEqualTo("old");
    assertThat(shell.json("get", "key", "--at", time).get("value").asString()).isEqualTo("old");
    assertThat(shell.json("get", "key", "--at", "-0s").get("value").asString()).isEqualTo("new");
    shell.fail(3, "get", "key", "--at", "-1d");
    shell.fail(2, "get", "key", "--at", "2026-11-28 03:15");
    shell.fail(2, "get", "key", "--at", "-1d", "--snapshot", first);
    assertThat(shell.fail(3, "get", "key", "--snapshot", "ffff").err()).contains(first);
    assertThat(shell.fail(3, "get", "kex").err()).contains("nearest of all: key");
  }

  @Test
  void history_changedDeletedAndMadeAgain_isTold() {
    server.call("SET", "other", "1");
    server.call("HSET", "cart", "item", "1", "owner", "Ada");
    backup();
    backup();
    server.call("HSET", "cart", "item", "2", "gift", "yes");
    server.call("HDEL", "cart", "owner");
    backup();
    server.call("DEL", "cart");
    backup();
    server.call("SET", "cart", "empty");
    backup();

    assertThat(shell.succeed("history", "cart").out())
        .contains(
            "2 snapshots\n  hash, 2 fields",
            "1 added, 1 removed, 1 changed",
            "+ gift",
            "- owner",
            "~ item",
            "gone: deleted",
            "was a hash");
    JsonNode periods = shell.json("history", "cart").get("periods");
    assertThat(Stream.of(0, 1, 2, 3).map(i -> periods.get(i).get("state").asString()))
        .containsExactly("present", "present", "absent", "present");
    assertThat(periods.get(0).get("snapshots").asInt()).isEqualTo(2);
    shell.fail(3, "history", "carts");
  }

  @Test
  void history_damagedRun_isNamedAndTheRestIsTold() throws Exception {
    server.call("SET", "key", "1");
    backup();
    server.call("SET", "key", "2");
    backup();
    String damaged = shell.json("list").get(1).get("id").asString();
    Path run;
    try (Stream<Path> files = Files.walk(folder.resolve("repository"))) {
      run =
          files
              .filter(file -> file.getFileName().toString().matches(damaged + ".*[.]data"))
              .findFirst()
              .orElseThrow();
    }
    byte[] content = Files.readAllBytes(run);
    content[content.length / 2] ^= 1;
    Files.write(run, content);

    Launcher.Ended history = shell.run("history", "key");
    assertThat(history.exitCode()).isEqualTo(1);
    assertThat(history.out())
        .contains("string, 1 B", "cannot be read", "snapshots=[" + damaged + "]", "slots=12539")
        .contains("does not need it: name it with --snapshot");
    assertThat(shell.fail(7, "get", "key", "--snapshot", damaged).err())
        .contains("snapshots=[" + damaged + "]", "does not need it");
  }

  @Test
  void keys_patternTypeSizeAndExpiry_choose() {
    for (int i = 0; i < 30; i++) {
      // Nothing in it that a server would compress.
      server.call("SET", "user:" + i + ":name", "abcdefghijklmnopqrstuvwxyz12345".substring(0, i));
    }
    server.call("HSET", "cart:{7}:a", "item", "book");
    server.call("SET", "soon", "1");
    server.call("PEXPIREAT", "soon", Long.toString(System.currentTimeMillis() + 1_800_000));
    backup();

    assertThat(keys("user:2?:name")).hasSize(10).contains("user:29:name");
    assertThat(keys("cart:{7}:*")).containsExactly("cart:{7}:a");
    assertThat(keys("soon")).containsExactly("soon");
    assertThat(keys("--type", "hash")).containsExactly("cart:{7}:a");
    assertThat(keys("--larger", "30")).containsExactly("user:29:name");
    assertThat(keys("--expires-within", "1h")).containsExactly("soon");
    assertThat(keys("--no-ttl")).hasSize(31).doesNotContain("soon");
    assertThat(keys("user:*", "--top", "2")).containsExactly("user:29:name", "user:28:name");
    assertThat(shell.succeed("keys", "cart*").out())
        .contains("DB  TYPE", "0   hash", "cart:{7}:a", "1 key, ");
    assertThat(shell.succeed("keys", "--tree").out())
        .contains("user:", "30", "cart:", "(no more words)");
    assertThat(shell.fail(3, "keys", "nothing*").err()).contains("has 32 keys");
    shell.fail(2, "keys", "--type", "integer");
  }

  private List<String> keys(String... args) {
    List<String> words = new ArrayList<>(List.of("keys"));
    words.addAll(List.of(args));
    List<String> keys = new ArrayList<>();
    shell
        .json(words.toArray(String[]::new))
        .get("keys")
        .forEach(key -> keys.add(key.get("key").asString()));
    return keys;
  }

  @Test
  void diff_twoSnapshots_countsAndNamesWhatChanged() {
    server.call("SET", "user:1", "a");
    server.call("SET", "user:2", "b");
    server.call("HSET", "cart:1", "item", "book");
    backup();
    String first = shell.json("list").get(0).get("id").asString();
    server.call("DEL", "user:1");
    server.call("HSET", "cart:1", "item", "pen");
    server.call("SET", "user:3", "c");
    backup();

    assertThat(shell.succeed("diff", first, "latest", "--values").out())
        .contains("- user:1  string", "+ user:3  string", "~ cart:1  hash", "    ~ item")
        .contains("1 added (", "1 removed (", "1 changed (", "3 slots differ and were read");
    assertThat(shell.succeed("diff", first, first).out()).contains("no difference");
    JsonNode json = shell.json("diff", first, "--keys");
    assertThat(json.get("keys").size()).isEqualTo(3);
    assertThat(json.get("removed").asInt()).isEqualTo(1);
    shell.fail(3, "diff", first, "ffff");
  }

  @Test
  void undelete_expiredExistingAndUnknownKeys_areRefusedUnlessToldOtherwise() throws Exception {
    // A primary saves what has expired and nobody has asked for since.
    server.call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    server.call("SET", "kept", "old");
    server.call("SET", "short", "1", "PX", "1000");
    Thread.sleep(1_100);
    backup();
    server.call("SET", "kept", "new");

    assertThat(shell.fail(2, "undelete", "--target", server.uri(), "short").err())
        .contains("--ttl persist");
    assertThat(shell.fail(10, "undelete", "--target", server.uri(), "kept").err())
        .contains("--existing replace");
    assertThat(shell.fail(3, "undelete", "--target", server.uri(), "kept:").err())
        .contains("nearest of all: kept");
    assertThat(
            shell.succeed("undelete", "--target", server.uri(), "--ttl", "persist", "short").out())
        .contains("short is back on", "no expiry", "read back and equal");
    shell.succeed("undelete", "--target", server.uri(), "--existing", "replace", "kept");
    assertThat(server.text("GET", "kept")).isEqualTo("old");
    assertThat(server.text("PTTL", "short")).isEqualTo("-1");
  }

  @Test
  void report_keysOfEachType_areSummedByTypePrefixDatabaseAndExpiry() throws Exception {
    for (int i = 0; i < 40; i++) {
      server.call(
          "SET", "user:" + i + ":name", "The quick brown fox, number " + i + ", jumps over");
      server.call("HSET", "cart:" + i, "item", "book");
    }
    server.call("SET", "user:<b>'&\"", "small", "EX", "90000");
    server.call("PEXPIREAT", "cart:1", "4102444800000");
    try (Jedis other = server.client()) {
      other.select(3);
      other.rpush("queue:{a}", "1", "2");
    }
    backup();
    Path page = folder.resolve("report.html");

    JsonNode json = shell.json("report", "--html", page.toString(), "--top", "2");
    JsonNode listed = shell.json("list").get(0);
    assertThat(json.get("keys").asLong()).isEqualTo(82);
    assertThat(json.get("bytes").asLong()).isEqualTo(listed.get("bytes").asLong());
    assertThat(json.get("types").get("hash").get("keys").asLong()).isEqualTo(40);
    assertThat(json.get("databases").get("3").get("keys").asLong()).isEqualTo(1);
    assertThat(json.get("expiry").get("never").get("keys").asLong()).isEqualTo(80);
    assertThat(json.get("expiry").get("within a week").get("keys").asLong()).isEqualTo(1);
    assertThat(json.get("expiry").get("later").get("keys").asLong()).isEqualTo(1);
    JsonNode user = json.get("prefixes").get(0);
    assertThat(user.get("prefix").asString()).isEqualTo("user:");
    assertThat(user.get("keys").asLong()).isEqualTo(41);
    assertThat(user.get("types").get("string").asLong()).isEqualTo(user.get("bytes").asLong());
    assertThat(user.get("within")).hasSize(10);
    assertThat(json.get("largest")).hasSize(2);

    String html = Files.readString(page);
    assertThat(html).contains("user:", "cart:", "queue:", "<svg").doesNotContain("<b>", "http://a");
    assertThat(shell.succeed("report").out())
        .contains("82 keys", "string", "cart:", "within a week", "LARGEST");
    assertThat(shell.succeed("report", "user:*", "--depth", "1").out()).contains("41 keys");
    shell.fail(2, "report", "--depth", "0");
    shell.fail(3, "report", "nothing:*");
  }
}
