package io.ringkeep.redis;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.redis.EngineVersion.Product;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The `ACL SETUSER` line that grants what a [Job] takes, and a test of whether a user may do it
/// that changes nothing.
/* How the test works: inside MULTI a server checks the right to each command and queues it; the
 * connection is closed before EXEC, so none is run. EXEC itself is sent where there is no MULTI, and PSYNC,
 * which is refused in a transaction since 7.0, with an offset that is no number: both are refused after
 * the right is checked and before anything starts. All was tried on Redis 6.0–8.0 and Valkey 8.1–9.1. ACL
 * DRYRUN would need a right of its own, and is not there before 7.0. */
public final class AclAdvice {
  /// The right to every key.
  public static final String ALL_KEYS = "~*";

  private static final String OLDEST_WITH_ACL = "6.0";
  private static final String TRANSACTION = "+multi";

  private AclAdvice() {}

  /// What a user lacks for some jobs.
  ///
  /// @param needed rights without which they cannot be done, such as `+flushall` or `~*`
  /// @param helpful those without which they are done with less: fewer checks, or slower
  /// @param unknown commands that are needed and that the server does not have, or under another
  ///   name
  /// @param tested false if the user may not even open a transaction: then nothing is known but
  ///   that
  /// @param grant the line that grants all that the jobs can use
  public record Missing(
      List<String> needed,
      List<String> helpful,
      List<String> unknown,
      boolean tested,
      String grant) {

    public Missing {
      needed = List.copyOf(needed);
      helpful = List.copyOf(helpful);
      unknown = List.copyOf(unknown);
    }

    /// True if the jobs can be done.
    public boolean none() {
      return tested && needed.isEmpty() && unknown.isEmpty();
    }
  }

  /// The line that grants a user some rights.
  public static String line(String user, Collection<String> rights) {
    return "ACL SETUSER " + user + " " + String.join(" ", rights);
  }

  /// The line that grants a user all that some jobs can use, and what it takes to test that.
  public static String grant(
      String user, Set<Job> jobs, EngineVersion engine, boolean clusterEnabled) {
    Stream<String> keys =
        jobs.stream().anyMatch(Job::touchesKeys) ? Stream.of(ALL_KEYS) : Stream.empty();
    Stream<String> commands =
        Job.commands(jobs, engine, clusterEnabled).stream().map(command -> "+" + command.right());
    return line(
        user, Stream.of(keys, commands, Stream.of(TRANSACTION)).flatMap(rights -> rights).toList());
  }

  /// Makes sure that the user that `options` log in as may do some jobs on a server; does none of
  /// them.
  ///
  /// @throws AccessDenied if it may not; the hint is the line that grants what lacks
  /// @throws TargetRefused if the server does not have a command, or under another name
  /// @throws io.ringkeep.model.BackupException.Unavailable if the server does not answer or is
  ///   loading
  public static void require(Endpoint endpoint, ConnectionOptions options, Set<Job> jobs) {
    Missing missing = missing(endpoint, options, jobs, Set.of());
    String user = options.effectiveUser();
    String nothing = "nothing was changed; ";
    if (!missing.tested()) {
      throw new AccessDenied(
          "the user's rights can't be tested, since MULTI is denied: server=%s user=%s"
              .formatted(endpoint, user),
          nothing + "grant all at once with: " + missing.grant(),
          null);
    }
    if (!missing.needed().isEmpty()) {
      throw new AccessDenied(
          "the user lacks rights: server=%s user=%s denied=%s"
              .formatted(endpoint, user, missing.needed()),
          nothing + "grant them with: " + line(user, missing.needed()),
          null);
    }
    if (!missing.unknown().isEmpty()) {
      throw new TargetRefused(
          "commands are not there, or under another name: server=%s unknown=%s"
              .formatted(endpoint, missing.unknown()),
          nothing + "ask the server's operator for them under their own names");
    }
  }

  /// What the user that `options` log in as lacks on a server.
  ///
  /// @param jobs that are to be done
  /// @param wishes others, whose rights are helpful at most
  /// @throws io.ringkeep.model.BackupException.Unavailable if the server does not answer or is
  ///   loading
  /// @throws AccessDenied if it does not let us in
  public static Missing missing(
      Endpoint endpoint, ConnectionOptions options, Set<Job> jobs, Set<Job> wishes) {
    try (ServerConnection connection = ServerConnection.open(endpoint, options)) {
      Map<String, String> about = about(connection);
      EngineVersion engine =
          EngineVersion.parse(
              "valkey".equals(about.get("server")) ? Product.VALKEY : Product.REDIS,
              about.getOrDefault("version", OLDEST_WITH_ACL));
      boolean clusterEnabled = "cluster".equals(about.get("mode"));
      Set<Job> all = EnumSet.noneOf(Job.class);
      all.addAll(jobs);
      all.addAll(wishes);
      String grant = grant(options.effectiveUser(), all, engine, clusterEnabled);
      Test test = new Test(connection, grant);
      return engine.isAtLeast(6, 0)
          ? test.of(
              Job.commands(jobs, engine, clusterEnabled),
              Job.commands(wishes, engine, clusterEnabled),
              engine)
          : test.missing(/* tested= */ true);
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

  /// One test of a connection's user.
  private static final class Test {
    private final ServerConnection connection;
    private final String grant;
    private final List<String> needed = new ArrayList<>();
    private final List<String> helpful = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    Test(ServerConnection connection, String grant) {
      this.connection = connection;
      this.grant = grant;
    }

    Missing missing(boolean tested) {
      return new Missing(needed, helpful, unknown, tested, grant);
    }

    Missing of(List<Job.Command> commands, List<Job.Command> wishes, EngineVersion engine) {
      List<Asked> all = new ArrayList<>();
      commands.forEach(command -> all.add(new Asked(command, command.needed())));
      Set<String> asked = Set.copyOf(commands.stream().map(Job.Command::right).toList());
      wishes.stream()
          .filter(command -> !asked.contains(command.right()))
          .forEach(command -> all.add(new Asked(command, /* needed= */ false)));
      boolean psyncAlone = engine.isAtLeast(7, 0);
      for (Asked one : all) {
        if (one.is("EXEC")) {
          ask(one, List.of("EXEC"));
        } else if (psyncAlone && one.is("PSYNC")) {
          ask(one, List.of("PSYNC", "?", "none"));
        }
      }
      try {
        connection.command("MULTI");
      } catch (AccessDenied e) {
        needed.add(TRANSACTION);
        return missing(/* tested= */ false);
      }
      for (Asked one : all) {
        if (!one.is("EXEC") && !(psyncAlone && one.is("PSYNC"))) {
          ask(one, one.command().sample());
        }
      }
      return missing(/* tested= */ true);
    }

    private void ask(Asked one, List<String> words) {
      String right = one.command().right();
      try {
        connection.command(words.toArray(String[]::new));
      } catch (AccessDenied e) {
        boolean keysOnly = e.hint().orElse("").endsWith(ALL_KEYS);
        String lacks = keysOnly ? ALL_KEYS : "+" + right;
        List<String> missing = one.needed() ? needed : helpful;
        // The keys are lacking to several commands at once.
        if (!needed.contains(lacks) && !missing.contains(lacks)) {
          missing.add(lacks);
        }
      } catch (ServerError e) {
        if (one.needed() && e.isUnknownCommand()) {
          unknown.add(right);
        }
        // Otherwise the right was there, and the command is refused for what it says.
      }
    }
  }

  /// @param needed whether the jobs cannot be done without it
  private record Asked(Job.Command command, boolean needed) {
    boolean is(String name) {
      return command.sample().getFirst().equals(name);
    }
  }
}
