package io.ringkeep.redis;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.redis.EngineVersion.Product;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which rights each job needs on a server, the `ACL SETUSER` line that grants them, and a test of
/// whether a user has them that changes nothing.
/* How the test works: inside MULTI a server checks the right to each command and queues it; the
 * connection is closed before EXEC, so none is run. PSYNC alone is refused in a transaction since 7.0;
 * there it is sent with an offset that is no number, which is refused after the right is checked and
 * before anything starts. Both were tried on Redis 6.0–8.0 and Valkey 8.1–9.1. ACL DRYRUN would need a
 * right of its own, and is not there before 7.0. */
public final class AclAdvice {
  /// The right to every key.
  private static final String ALL_KEYS = "~*";

  private static final String OLDEST_WITH_ACL = "6.0";

  private AclAdvice() {}

  /// A job on a server.
  public enum Purpose {
    /// Read a dataset as a replica.
    CAPTURE,
    /// Read a dataset key by key.
    CAPTURE_BY_SCAN,
    /// Make a target load a dataset as our replica.
    RESTORE_BY_REPLICATION,
    /// Write keys to a target one by one.
    RESTORE_BY_COMMANDS
  }

  /// Rights that a user lacks.
  ///
  /// @param needed those without which the job cannot be done
  /// @param helpful those without which it is done with less: fewer checks, or slower
  /// @param unknown commands that the server does not have, or under another name
  /// @param tested false if the user may not even open a transaction: then nothing is known but
  ///   that
  public record Missing(
      List<String> needed, List<String> helpful, List<String> unknown, boolean tested) {

    public Missing {
      needed = List.copyOf(needed);
      helpful = List.copyOf(helpful);
      unknown = List.copyOf(unknown);
    }

    /// Those of `rights` that the user lacks, such as `flushall` or `function|load`, and those that
    /// the server does not have under that name.
    public List<String> of(Collection<String> rights) {
      return rights.stream()
          .filter(right ->
              unknown.contains(right)
                  || needed.contains("+" + right)
                  || helpful.contains("+" + right))
          .toList();
    }

    /// True if the job can be done.
    public boolean none() {
      return tested && needed.isEmpty();
    }
  }

  /// The line that grants a user all that a job can use.
  public static String grant(
      String user, Purpose purpose, EngineVersion engine, boolean clusterEnabled) {
    StringBuilder line = new StringBuilder("ACL SETUSER ").append(user);
    if (purpose == Purpose.RESTORE_BY_COMMANDS || purpose == Purpose.CAPTURE_BY_SCAN) {
      line.append(' ').append(ALL_KEYS);
    }
    rights(purpose, engine, clusterEnabled)
        .forEach(right -> line.append(" +").append(right.name()));
    return line.toString();
  }

  /// What the user that `options` log in as lacks on a server.
  ///
  /// @throws io.ringkeep.model.BackupException.Unavailable if the server does not answer or is
  ///   loading
  /// @throws AccessDenied if it does not let us in
  public static Missing missing(Endpoint endpoint, ConnectionOptions options, Purpose purpose) {
    try (ServerConnection connection = ServerConnection.open(endpoint, options)) {
      Map<String, String> about = about(connection);
      EngineVersion engine =
          EngineVersion.parse(
              "valkey".equals(about.get("server")) ? Product.VALKEY : Product.REDIS,
              about.getOrDefault("version", OLDEST_WITH_ACL));
      boolean clusterEnabled = "cluster".equals(about.get("mode"));
      return engine.isAtLeast(6, 0)
          ? test(connection, rights(purpose, engine, clusterEnabled), engine)
          : new Missing(List.of(), List.of(), List.of(), /* tested= */ true);
    }
  }

  /// Product, version and mode, as far as we may ask. `HELLO` came with the ACLs and needs no right
  /// but in 6.0.
  private static Map<String, String> about(ServerConnection connection) {
    Map<String, String> about = new HashMap<>();
    try {
      Map<String, @Nullable Object> hello = Reply.map(connection.command("HELLO", "2"));
      for (String name : List.of("server", "version", "mode")) {
        about.put(name, Reply.text(hello.get(name)));
      }
    } catch (AccessDenied e) {
      // Then it is 6.0, and no more is needed.
    } catch (ServerError e) {
      about.put("version", connection.info("server").getOrDefault("redis_version", "5.0"));
    }
    return about;
  }

  private static Missing test(
      ServerConnection connection, List<Right> rights, EngineVersion engine) {
    List<String> needed = new ArrayList<>();
    List<String> helpful = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    List<Right> queued = new ArrayList<>(rights);
    boolean psyncAlone = engine.isAtLeast(7, 0);
    if (psyncAlone) {
      rights.stream()
          .filter(right -> right.name().equals("psync"))
          .forEach(right -> {
            queued.remove(right);
            test(connection, right.with("PSYNC", "?", "none"), needed, helpful, unknown);
          });
    }
    try {
      connection.command("MULTI");
    } catch (AccessDenied e) {
      needed.add("+multi");
      return new Missing(needed, helpful, unknown, /* tested= */ false);
    }
    for (Right right : queued) {
      test(connection, right, needed, helpful, unknown);
    }
    return new Missing(needed, helpful, unknown, /* tested= */ true);
  }

  private static void test(
      ServerConnection connection,
      Right right,
      List<String> needed,
      List<String> helpful,
      List<String> unknown) {
    try {
      connection.command(right.sample().toArray(String[]::new));
    } catch (AccessDenied e) {
      boolean keysOnly = e.hint().orElse("").endsWith(ALL_KEYS);
      String lacks = keysOnly ? ALL_KEYS : "+" + right.name();
      List<String> missing = right.needed() ? needed : helpful;
      if (!missing.contains(lacks)) { // The keys are lacking to several commands at once.
        missing.add(lacks);
      }
    } catch (ServerError e) {
      if (e.isUnknownCommand()) {
        unknown.add(right.name());
      }
      // Otherwise the right was there, and the command is refused for what it says.
    }
  }

  private static List<Right> rights(Purpose purpose, EngineVersion engine, boolean clusterEnabled) {
    Stream<Right> rights =
        switch (purpose) {
          case CAPTURE ->
              Stream.of(
                  needed("PING"),
                  needed("INFO", "server"),
                  needed("REPLCONF", "capa", "eof"),
                  needed("PSYNC", "?", "-1"),
                  helpful("ACL", "LIST"));
          case CAPTURE_BY_SCAN ->
              Stream.of(
                  needed("PING"),
                  needed("INFO", "server"),
                  needed("SELECT", "0"),
                  needed("SCAN", "0"),
                  needed("DUMP", "ringkeep"),
                  engine.hasFunctions()
                      ? needed("PEXPIRETIME", "ringkeep")
                      : needed("PTTL", "ringkeep"),
                  engine.hasFunctions() ? helpful("TIME") : needed("TIME"),
                  helpful("ACL", "LIST"));
          case RESTORE_BY_REPLICATION ->
              Stream.of(
                  needed("PING"),
                  needed("INFO", "server"),
                  needed("REPLICAOF", "NO", "ONE"),
                  helpful("CONFIG", "SET", "repl-diskless-load", "disabled"),
                  helpful("DBSIZE"),
                  helpful("REPLCONF", "capa", "eof"),
                  helpful("PSYNC", "?", "-1"),
                  helpful("CLIENT", "LIST"),
                  helpful("COMMAND", "INFO", "get"));
          case RESTORE_BY_COMMANDS ->
              Stream.of(
                  needed("PING"),
                  needed("INFO", "server"),
                  needed("SELECT", "0"),
                  needed("RESTORE", "ringkeep", "0", "none"),
                  helpful("FLUSHALL"),
                  helpful("DBSIZE"),
                  helpful("REPLCONF", "capa", "eof"),
                  helpful("PSYNC", "?", "-1"),
                  helpful("CLIENT", "LIST"),
                  helpful("COMMAND", "INFO", "get"));
        };
    List<Right> all = new ArrayList<>(rights.toList());
    all.add(helpful("MULTI"));
    all.add(helpful("CONFIG", "GET", "databases"));
    if (clusterEnabled) {
      all.add(needed("CLUSTER", "NODES"));
      all.add(needed("CLUSTER", "SLOTS"));
      if (engine.hasAtomicSlotMigration()) {
        all.add(needed("CLUSTER", "GETSLOTMIGRATIONS"));
      }
    }
    if (engine.hasFunctions()) {
      all.add(helpful("FUNCTION", "LIST"));
      if (purpose == Purpose.RESTORE_BY_COMMANDS) {
        all.add(helpful("FUNCTION", "LOAD", "none"));
        all.add(helpful("FUNCTION", "FLUSH"));
      }
    }
    return all;
  }

  private static Right needed(String... sample) {
    return new Right(List.of(sample), /* needed= */ true);
  }

  private static Right helpful(String... sample) {
    return new Right(List.of(sample), /* needed= */ false);
  }

  /// One command of a job.
  ///
  /// @param sample the command with arguments that every version queues
  private record Right(List<String> sample, boolean needed) {
    String name() {
      return ErrorReply.right(sample);
    }

    Right with(String... words) {
      return new Right(List.of(words), needed);
    }
  }
}
