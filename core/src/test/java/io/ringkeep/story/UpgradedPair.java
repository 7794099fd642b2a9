package io.ringkeep.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.restore.Existing;
import io.ringkeep.restore.Loader;
import io.ringkeep.restore.RestoreRequest;
import io.ringkeep.testkit.Contents;
import io.ringkeep.testkit.Oracle;
import io.ringkeep.testkit.TestServer;
import java.util.List;

/// A primary and a replica that is older than it, as an upgrade leaves them.
final class UpgradedPair {
  /// A primary that has written nothing yet tells its replica so within a second.
  static final String PINGS = "repl-ping-replica-period 1";

  private UpgradedPair() {}

  /// Values whose encodings are new with Redis 7.0 and 7.2.
  static void write(TestServer source) {
    source.call("HSET", "hash", "field", "value");
    source.call("SADD", "set", "one", "two");
    source.call("ZADD", "zset", "1.5", "member");
    source.call("RPUSH", "list", "first", "second");
    source.call("SET", "string", "text", "PX", "99999999");
  }

  /// Lets `older` follow `newer` as in an upgrade: it was the primary before, and needed no full
  /// sync. An empty pair but for one key.
  static void follow(TestServer older, TestServer newer) {
    // What the older one said after the newer one's last read would put it ahead.
    older.call("CONFIG", "SET", "repl-ping-replica-period", "3600");
    older.call("SET", "kept", "by both");
    newer.call("REPLICAOF", "127.0.0.1", Integer.toString(older.port()));
    newer.awaitLinkUp();
    newer.call("REPLICAOF", "NO", "ONE");
    older.call("REPLICAOF", "127.0.0.1", Integer.toString(newer.port()));
    older.awaitLinkUp();
    newer.awaitReplicas(1);
    assertThat(newer.info("stats")).containsEntry("sync_full", "0");
  }

  static RestoreRequest replacing(TestServer target, Loader loader) {
    return Story.restoreRequest(target.uri(), Existing.REPLACE, loader);
  }

  static Contents portable(TestServer server) {
    return Oracle.readPortable(List.of(server));
  }

  static String port(TestServer server) {
    return "127.0.0.1:" + server.port();
  }
}
