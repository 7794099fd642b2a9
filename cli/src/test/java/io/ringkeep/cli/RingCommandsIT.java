package io.ringkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.placement.ring.KeyRing;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.testkit.Engines;
import io.ringkeep.testkit.TestServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What an operator types for a ring of standalone servers; `RingIT` in core proves where keys go.
class RingCommandsIT {
  private static final int KEYS = 200;

  @TempDir Path folder;
  private final List<TestServer> servers = new ArrayList<>();
  private Shell shell;

  @BeforeEach
  void start() {
    for (int i = 0; i < 5; i++) {
      servers.add(TestServer.start(Engines.redis70()));
    }
    shell = new Shell(folder.resolve("repository").toString(), "correct horse");
  }

  @AfterEach
  void stop() {
    servers.forEach(TestServer::close);
  }

  private static String uri(List<TestServer> ring) {
    return ring.stream()
        .map(TestServer::address)
        .collect(Collectors.joining(",", "redis-ketama://", "/twemproxy/md5"));
  }

  private static TestServer owner(List<TestServer> ring, String key) {
    return ring.get(
        new KeyRing(RedisUri.parse(uri(ring)).ring().orElseThrow())
            .owner(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void commands_onARing_workAsOnACluster() {
    List<TestServer> two = servers.subList(0, 2);
    List<TestServer> three = servers.subList(2, 5);
    for (int i = 0; i < KEYS; i++) {
      owner(two, "key:" + i).text("SET", "key:" + i, "value " + i);
    }
    shell.succeed("init");
    shell.succeed("check", "--source", uri(two));
    shell.succeed("backup", "--cache", "ring", "--source", uri(two));
    shell.succeed("verify", "--cache", "ring");
    shell.succeed("check", "--cache", "ring", "--target", uri(three));
    assertThat(shell.json("show", "--cache", "ring").get("topology").asString())
        .isEqualTo("ketama");
    shell.succeed("compare", "--cache", "ring", "latest", "--with", uri(two));
    JsonNode restored = shell.json("restore", "--cache", "ring", "--target", uri(three), "--yes");
    assertThat(restored.get("proven").asBoolean()).isTrue();
    for (int i = 0; i < KEYS; i++) {
      assertThat(owner(three, "key:" + i).text("GET", "key:" + i)).isEqualTo("value " + i);
    }
    // What nobody looks for there is no difference.
    String astray = "key:0";
    three.stream()
        .filter(server -> server != owner(three, astray))
        .findFirst()
        .orElseThrow()
        .text("SET", astray, "left behind");
    shell.succeed("compare", "--cache", "ring", "latest", "--with", uri(three));
    // It is no key of a backup either, which says so with its status, too.
    assertThat(shell.run("backup", "--cache", "after", "--source", uri(three), "-q").exitCode())
        .isEqualTo(1);
    assertThat(shell.json("show", "--cache", "after").get("records").asLong()).isEqualTo(KEYS);

    for (int i = 0; i < 20; i++) {
      owner(three, "key:" + i).text("DEL", "key:" + i);
      shell.succeed("undelete", "--cache", "ring", "--target", uri(three), "key:" + i);
      assertThat(owner(three, "key:" + i).text("GET", "key:" + i)).isEqualTo("value " + i);
      shell.succeed("key", "backup", "key:" + i, "saved:" + i, "--source", uri(three));
      assertThat(owner(three, "saved:" + i).text("EXISTS", "saved:" + i)).isEqualTo("1");
    }
  }

  @Test
  void ring_badInput_endsWithItsExitCode() {
    List<TestServer> ring = servers.subList(0, 3);
    for (int i = 0; i < KEYS; i++) {
      owner(ring, "key:" + i).text("SET", "key:" + i, "value " + i);
    }
    shell.succeed("init");
    shell.fail(2, "backup", "--source", uri(List.of(ring.get(0), ring.get(0))));
    shell.fail(2, "backup", "--source", uri(ring).replace("/twemproxy", ":0/twemproxy"));
    shell.fail(2, "backup", "--source", uri(ring).replace("/twemproxy/md5", ""));
    shell.fail(2, "archive", "--source", uri(ring), "--spool", folder.resolve("spool").toString());
    shell.fail(2, "backup", "--source", uri(ring).replace("127.0.0.1", "localhost"));
    shell.succeed("backup", "--source", uri(ring));
    shell.fail(10, "restore", "--target", uri(ring), "--yes");
    ring.get(1).kill();
    shell.fail(4, "backup", "--source", uri(ring));
    shell.fail(4, "restore", "--target", uri(ring), "--existing", "replace", "--yes");
    assertThat(ring.get(0).keys(0)).isPositive();
  }
}
