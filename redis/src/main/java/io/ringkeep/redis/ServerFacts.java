package io.ringkeep.redis;

import io.ringkeep.model.BackupException.AccessDenied;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What one server says about itself, as far as it lets us ask: what a check reports and a restore
/// plan stands on.
///
/// A fact is empty where the server is too old to have it or denies the command.
///
/// @param endpoint the server asked
/// @param engine its version
/// @param info fields of `INFO`'s sections server, memory, persistence, cluster
/// @param config those settings that [#CONFIG_NAMES] names; none of them is a secret
/// @param modules those loaded, the engine's own among them (`vectorset`)
/// @param functions libraries with their code; empty before 7.0, where there are none
public record ServerFacts(
    Endpoint endpoint,
    EngineVersion engine,
    Map<String, String> info,
    Map<String, String> config,
    List<Module> modules,
    Optional<List<FunctionLibrary>> functions) {

  /// Settings that are asked for, one by one: `CONFIG GET *` would bring the secrets along, and
  /// servers before 7.0 take one pattern a command.
  static final List<String> CONFIG_NAMES =
      List.of(
          "databases",
          "cluster-databases",
          "maxmemory",
          "cluster-node-timeout",
          "proto-max-bulk-len",
          "client-output-buffer-limit",
          "min-replicas-to-write");

  private static final long DEFAULT_NODE_TIMEOUT_MILLIS = 15_000;

  private static final String[] INFO_SECTIONS = {"server", "memory", "persistence", "cluster"};

  /// A module that is loaded.
  ///
  /// @param version as the module counts them
  public record Module(String name, long version) {}

  /// A library of functions.
  public record FunctionLibrary(String name, String engine, String code) {}

  /// A limit on what the server holds back for a client; zero means none.
  ///
  /// @param hardBytes more than this, and the client is dropped at once
  /// @param softBytes more than this for `softFor`, and the client is dropped
  public record OutputBufferLimit(long hardBytes, long softBytes, Duration softFor) {}

  public ServerFacts {
    info = Map.copyOf(info);
    config = Map.copyOf(config);
    modules = List.copyOf(modules);
    functions = functions.map(List::copyOf);
  }

  /// Asks the server.
  ///
  /// @throws AccessDenied if it denies `INFO`: without it nothing is known
  /// @throws io.ringkeep.model.BackupException.Unavailable if it does not answer
  public static ServerFacts of(ServerConnection connection) {
    Map<String, String> info = connection.info(INFO_SECTIONS);
    EngineVersion engine = EngineVersion.parse(info);
    return new ServerFacts(
        connection.endpoint(),
        engine,
        info,
        config(connection),
        modules(connection.text("INFO", "modules")),
        functions(connection, engine));
  }

  private static Map<String, String> config(ServerConnection connection) {
    Map<String, String> config = new LinkedHashMap<>();
    for (String name : CONFIG_NAMES) {
      try {
        config.putAll(connection.textMap("CONFIG", "GET", name));
      } catch (AccessDenied | ServerError e) {
        return config; // the next would fare no better
      }
    }
    return config;
  }

  /// From lines such as `module:name=ReJSON,ver=20604,api=1,…`: `INFO` needs one right less than
  /// `MODULE LIST`.
  static List<Module> modules(String section) {
    List<Module> modules = new ArrayList<>();
    for (String line : section.lines().toList()) {
      if (line.startsWith("module:name=")) {
        String name = "";
        long version = 0;
        for (String field : line.substring("module:".length()).split(",", -1)) {
          if (field.startsWith("name=")) {
            name = field.substring("name=".length());
          } else if (field.startsWith("ver=")) {
            version = Long.parseLong(field.substring("ver=".length()));
          }
        }
        modules.add(new Module(name, version));
      }
    }
    return modules;
  }

  private static Optional<List<FunctionLibrary>> functions(
      ServerConnection connection, EngineVersion engine) {
    if (!engine.hasFunctions()) {
      return Optional.of(List.of());
    }
    try {
      List<FunctionLibrary> libraries = new ArrayList<>();
      for (Object library : connection.list("FUNCTION", "LIST", "WITHCODE")) {
        Map<String, @Nullable Object> fields = Reply.map(library);
        libraries.add(
            new FunctionLibrary(
                Reply.text(fields.get("library_name")),
                Reply.text(fields.get("engine")),
                Reply.text(fields.get("library_code"))));
      }
      return Optional.of(libraries);
    } catch (AccessDenied | ServerError e) {
      return Optional.empty();
    }
  }

  public boolean clusterEnabled() {
    return "1".equals(info.get("cluster_enabled"));
  }

  /// How many databases `SELECT` reaches: in a cluster one, whatever `databases` says there, or as
  /// many as `cluster-databases` says (Valkey 9).
  public OptionalInt databases() {
    if (clusterEnabled()) {
      return OptionalInt.of((int) number(config.get("cluster-databases")).orElse(1));
    }
    OptionalLong count = number(config.get("databases"));
    return count.isPresent() ? OptionalInt.of((int) count.getAsLong()) : OptionalInt.empty();
  }

  /// Bytes the dataset may take, zero where that is not limited.
  public OptionalLong maxmemoryBytes() {
    return number(config.getOrDefault("maxmemory", info.get("maxmemory")));
  }

  /// Bytes allocated now.
  public OptionalLong usedMemoryBytes() {
    return number(info.get("used_memory"));
  }

  /// Bytes of memory the machine has; a container's limit may be lower.
  public OptionalLong systemMemoryBytes() {
    return number(info.get("total_system_memory"));
  }

  /// What a replica that reads too slowly may cost.
  public Optional<OutputBufferLimit> replicaOutputBufferLimit() {
    String[] words = config.getOrDefault("client-output-buffer-limit", "").split(" ", -1);
    for (int i = 0; i + 3 < words.length; i += 4) {
      if (words[i].equals("slave") || words[i].equals("replica")) {
        return Optional.of(
            new OutputBufferLimit(
                Long.parseLong(words[i + 1]),
                Long.parseLong(words[i + 2]),
                Duration.ofSeconds(Long.parseLong(words[i + 3]))));
      }
    }
    return Optional.empty();
  }

  /// Longest value that one argument may hold, in bytes.
  public OptionalLong longestArgumentBytes() {
    return number(config.get("proto-max-bulk-len"));
  }

  /// How long a server of a cluster may be silent before the others take it for dead; empty where
  /// there is no cluster.
  public Optional<Duration> clusterNodeTimeout() {
    return clusterEnabled()
        ? Optional.of(
            Duration.ofMillis(
                number(config.get("cluster-node-timeout")).orElse(DEFAULT_NODE_TIMEOUT_MILLIS)))
        : Optional.empty();
  }

  /// Replicas that must be there for writes to be taken.
  public OptionalLong minReplicasToWrite() {
    return number(config.get("min-replicas-to-write"));
  }

  /// True while a child is writing an RDB.
  public boolean savingInBackground() {
    return "1".equals(info.get("rdb_bgsave_in_progress"));
  }

  private static OptionalLong number(@Nullable String text) {
    return text == null || !text.matches("-?[0-9]+")
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(text));
  }
}
