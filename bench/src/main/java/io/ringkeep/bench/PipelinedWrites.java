package io.ringkeep.bench;

import io.ringkeep.testkit.Engine;
import io.ringkeep.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Writes that keep a server as busy as it can be: `redis-benchmark -P 32`, 50 clients, values of
/// 100 bytes.
enum PipelinedWrites {
  SET("SET", "set", 4_000_000),
  /// One after the other, since the program knows no other mix.
  MIX("INCR, LPUSH, LPOP, SADD, HSET, SPOP, ZADD", "incr,lpush,lpop,sadd,hset,spop,zadd", 500_000);

  private static final int KEYS = 1_000_000;

  /// One full pipeline for each client.
  private static final long LEAST = 1_600;

  private final String description;
  private final String tests;
  private final long each;

  PipelinedWrites(String description, String tests, long each) {
    this.description = description;
    this.tests = tests;
    this.each = each;
  }

  /// How a server took them.
  ///
  /// @param seconds for all of them
  /// @param p99Millis of a reply; where there are several commands, the mean of theirs
  record Load(double seconds, double p99Millis) {}

  /// In words.
  String description() {
    return description;
  }

  /// Writes, and returns when all is answered.
  Load run(Engine engine, TestServer server, double scale)
      throws IOException, InterruptedException {
    long count = Math.max(LEAST, Math.round(each * scale));
    String output =
        ProcessRun.of(
                List.of(
                    engine.tool("bench").orElseThrow().toString(),
                    "-p",
                    Integer.toString(server.port()),
                    "-P",
                    "32",
                    "-n",
                    Long.toString(count),
                    "-r",
                    Integer.toString(KEYS),
                    "-d",
                    "100",
                    "-t",
                    tests,
                    "--csv"),
                Path.of("/dev/null"),
                Map.of())
            .output();
    double seconds = 0;
    double p99 = 0;
    int rows = 0;
    // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms",…
    for (String line : output.lines().skip(1).toList()) {
      String[] fields = line.replace("\"", "").split(",", -1);
      seconds += count / Double.parseDouble(fields[1]);
      p99 += Double.parseDouble(fields[6]);
      rows++;
    }
    if (rows != tests.split(",", -1).length) {
      throw new IOException("not what redis-benchmark prints: " + output);
    }
    return new Load(seconds, p99 / rows);
  }
}
