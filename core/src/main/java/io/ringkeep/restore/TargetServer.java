package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.command.Ability;
import io.ringkeep.redis.topology.Shard;
import io.ringkeep.repository.manifest.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// One shard of a target, as it stands before the restore.
///
/// @param shard its servers and slots
/// @param facts what its primary says about itself
/// @param keys number of keys in all its databases
/// @param writers clients whose last command was or may have been a write, such as `10.0.0.7:50112
///   (worker, SET)`; absent if the server does not tell
public record TargetServer(
    Shard shard, ServerFacts facts, long keys, Optional<List<String>> writers) {
  /// Commands that write through what they run and do not say so themselves.
  private static final Set<String> RUNNERS = Set.of("exec", "eval", "evalsha", "fcall");

  /// Flags of `CLIENT LIST` that stand for links, not for applications: replicas and primaries.
  private static final String LINK_FLAGS = "SM";

  /// Asks the shard's primary.
  static TargetServer of(Shard shard, ConnectionOptions options) {
    try (ServerConnection server = ServerConnection.open(shard.primary().endpoint(), options)) {
      ServerFacts facts = ServerFacts.of(server);
      return new TargetServer(shard, facts, keys(server), writers(server));
    }
  }

  /// What it can hold, and the replicas that repeat what it is sent.
  Ability ability() {
    return Ability.of(facts).withFollowers(shard.followerEngines());
  }

  /// True if one of them holds a key.
  static boolean anyHoldsKeys(List<TargetServer> servers) {
    return servers.stream().anyMatch(server -> server.keys() > 0);
  }

  /// Function libraries that it has and the snapshot has not; absent if it does not tell.
  Optional<List<String>> librariesBeside(Manifest manifest) {
    Set<String> known = FunctionLibraries.byName(Sidecars.functions(manifest)).keySet();
    return facts
        .functions()
        .map(libraries ->
            libraries.stream()
                .map(ServerFacts.FunctionLibrary::name)
                .filter(name -> !known.contains(name))
                .toList());
  }

  /// Keys that the server holds now, in all its databases.
  static long keys(ServerConnection server) {
    return server.info("keyspace").values().stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .filter(part -> part.startsWith("keys="))
        .mapToLong(part -> Long.parseLong(part.substring("keys=".length())))
        .sum();
  }

  private static Optional<List<String>> writers(ServerConnection server) {
    try {
      Map<String, Boolean> writes = new HashMap<>();
      List<String> writers = new ArrayList<>();
      for (String line : server.text("CLIENT", "LIST").lines().toList()) {
        Map<String, String> client = fields(line);
        String command = client.getOrDefault("cmd", "NULL");
        boolean link =
            client.getOrDefault("flags", "").chars().anyMatch(c -> LINK_FLAGS.indexOf(c) >= 0);
        if (!link && writes.computeIfAbsent(command, name -> isWrite(server, name))) {
          writers.add(
              "%s (%s%s)"
                  .formatted(
                      client.get("addr"),
                      Optional.of(client.getOrDefault("name", ""))
                          .filter(name -> !name.isEmpty())
                          .map(name -> name + ", ")
                          .orElse(""),
                      command));
        }
      }
      return Optional.of(List.copyOf(writers));
    } catch (BackupException.AccessDenied | ServerError e) {
      return Optional.empty();
    }
  }

  private static boolean isWrite(ServerConnection server, String command) {
    String name = command.contains("|") ? command.substring(0, command.indexOf('|')) : command;
    if (RUNNERS.contains(name)) {
      return true;
    }
    Object info = server.list("COMMAND", "INFO", name).getFirst();
    return info != null
        && Reply.list(Reply.list(info).get(2)).stream()
            .anyMatch(flag -> Reply.text(flag).equals("write"));
  }

  private static Map<String, String> fields(String line) {
    return Arrays.stream(line.split(" ", -1))
        .filter(field -> field.contains("="))
        .collect(
            Collectors.toMap(
                field -> field.substring(0, field.indexOf('=')),
                field -> field.substring(field.indexOf('=') + 1),
                (first, second) -> second));
  }
}
