package io.ringkeep.backup;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.Reply;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.redis.ServerFacts;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How a captured server is set up: kept beside its records and shown on demand, never applied by a
/// restore.
///
/// What the user may not ask for is left out; a capture does not fail for it.
///
/// @param facts what it says about itself
/// @param config `CONFIG GET *`, passwords among it
/// @param acl `ACL LIST`, password hashes among it
/// @param slotMap `CLUSTER NODES`; empty outside a cluster
record ServerSettings(
    ServerFacts facts, Map<String, String> config, List<String> acl, String slotMap) {

  static ServerSettings read(Endpoint endpoint, ConnectionOptions options) {
    try (ServerConnection server = ServerConnection.open(endpoint, options)) {
      ServerFacts facts = ServerFacts.of(server);
      return new ServerSettings(
          facts,
          orElse(() -> server.textMap("CONFIG", "GET", "*"), Map.of()),
          orElse(() -> texts(server.list("ACL", "LIST")), List.of()),
          facts.clusterEnabled() ? orElse(() -> server.text("CLUSTER", "NODES"), "") : "");
    }
  }

  /// Bytes of memory the dataset takes: a guess at what there is to read.
  OptionalLong datasetBytes() {
    String bytes = facts.info().getOrDefault("used_memory_dataset", "");
    return bytes.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(bytes));
  }

  /// Modules as `name version`.
  List<String> modules() {
    return facts.modules().stream().map(module -> module.name() + " " + module.version()).toList();
  }

  private interface Question<T> {
    T ask();
  }

  private static <T> T orElse(Question<T> question, T otherwise) {
    try {
      return question.ask();
    } catch (BackupException.AccessDenied | ServerError e) {
      return otherwise;
    }
  }

  private static List<String> texts(List<@Nullable Object> replies) {
    Stream<String> texts = replies.stream().map(Reply::text);
    return texts.toList();
  }
}
