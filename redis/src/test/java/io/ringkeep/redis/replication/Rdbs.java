package io.ringkeep.redis.replication;

import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.rdb.RdbItem;
import io.ringkeep.redis.rdb.RdbReader;
import io.ringkeep.redis.replication.ReplicaLink.Options;
import io.ringkeep.testkit.TestServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// RDBs of test servers, and what is in them.
final class Rdbs {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// What an RDB holds.
  record Content(Map<String, String> aux, Map<Integer, Long> keys, RdbItem.End end) {}

  private Rdbs() {}

  static Endpoint endpoint(TestServer server) {
    return new Endpoint(server.host(), server.port());
  }

  /// The RDB that a server gives a replica now.
  static byte[] of(TestServer server) throws IOException {
    try (ReplicaLink link =
        ReplicaLink.open(endpoint(server), ConnectionOptions.DEFAULT, Options.SNAPSHOT)) {
      link.fullResync(PATIENCE);
      return readAll(link.rdb());
    }
  }

  static byte[] readAll(ReadableByteChannel rdb) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    while (rdb.read(buffer.clear()) >= 0) {
      byte[] bytes = new byte[buffer.flip().remaining()];
      buffer.get(bytes);
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  static Content content(byte[] rdb) throws IOException {
    Map<String, String> aux = new HashMap<>();
    Map<Integer, Long> keys = new HashMap<>();
    try (RdbReader reader = new RdbReader(Channels.newChannel(new ByteArrayInputStream(rdb)))) {
      while (true) {
        switch (reader.next()) {
          case RdbItem.Aux(String name, ByteBuffer value) ->
              aux.put(name, StandardCharsets.ISO_8859_1.decode(value).toString());
          case RdbItem.Entry entry -> keys.merge(entry.record().database(), 1L, Long::sum);
          case RdbItem.End end -> {
            return new Content(aux, keys, end);
          }
          case RdbItem other -> {
            // Of no matter here.
          }
        }
      }
    }
  }

  static long offset(TestServer server) {
    return Long.parseLong(server.info("replication").get("master_repl_offset"));
  }
}
