package io.ringkeep.redis;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is done on a server, and which commands each of it takes there.
///
/// The one list of them: messages, `check` and what is tested before a target is written to are
/// made of it, by [AclAdvice]. Whoever sends another command writes it down here.
public enum Job {
  /// Read a dataset as a replica.
  CAPTURE,
  /// Read a dataset key by key.
  CAPTURE_BY_SCAN,
  /// Ask for time and offset of the stream together.
  TELL_TIMES,
  /// Make a target load a dataset as our replica.
  RESTORE_BY_REPLICATION,
  /// Write keys to a target one by one, as their bytes.
  RESTORE_BY_COMMANDS,
  /// Remove all that a target holds.
  EMPTY,
  /// Load function libraries.
  LOAD_FUNCTIONS,
  /// Remove function libraries.
  REMOVE_FUNCTIONS,
  /// Write values as commands, which a target does not take as their bytes. `Ability.writing` says
  /// which of the last jobs belong to it.
  WRITE_VALUES,
  /// Ask which keys are there.
  FIND_KEYS,
  /// Read single keys.
  READ_KEYS,
  /// Delete keys that a snapshot does not have.
  DELETE_OTHERS,
  /// Read a target back as a whole.
  READ_BACK,
  /// Bring single keys back and read them.
  UNDELETE,
  /// Make the consumers of a stream's groups.
  WRITE_CONSUMERS,
  /// Make them where that has no command of its own, by asking for what they have.
  WRITE_CONSUMERS_BY_READING,
  /// Give fields of a hash an expiry.
  WRITE_FIELD_EXPIRIES,
  /// Write arrays as commands.
  WRITE_ARRAYS;

  /// All that a restore can be asked for.
  public static final Set<Job> RESTORES =
      Set.copyOf(EnumSet.range(RESTORE_BY_REPLICATION, READ_BACK));

  private static final Command REPLICATE = needed("PSYNC", "?", "-1");
  private static final Command REPLICA = needed("REPLCONF", "capa", "eof");
  private static final Command SELECT = needed("SELECT", "0");
  private static final Command RESTORE = needed("RESTORE", "ringkeep", "0", "none");
  private static final Command EXISTS = needed("EXISTS", "ringkeep");
  private static final Command DUMP = needed("DUMP", "ringkeep");
  private static final Command SCAN = needed("SCAN", "0");
  private static final Command TIME = needed("TIME");

  /// `KeyWriter`: a value is made under another name and renamed.
  private static final List<Command> WRITES =
      List.of(
          SELECT,
          needed("DEL", "ringkeep"),
          needed("RENAME", "ringkeep", "ringkeep"),
          needed("RENAMENX", "ringkeep", "ringkeep"),
          needed("PEXPIREAT", "ringkeep", "1"),
          needed("SET", "ringkeep", "1"),
          needed("RPUSH", "ringkeep", "1"),
          needed("SADD", "ringkeep", "1"),
          needed("ZADD", "ringkeep", "1", "1"),
          needed("HSET", "ringkeep", "1", "1"),
          needed("XADD", "ringkeep", "1-1", "1", "1"),
          needed("XDEL", "ringkeep", "1-1"),
          needed("XTRIM", "ringkeep", "MAXLEN", "0"),
          needed("XSETID", "ringkeep", "1-1"),
          needed("XGROUP", "CREATE", "ringkeep", "1", "$"),
          needed("XGROUP", "DESTROY", "ringkeep", "1"),
          needed("XCLAIM", "ringkeep", "1", "1", "0", "1-1"));

  /// One command of a job.
  ///
  /// @param sample the command with arguments that every version queues
  /// @param needed false if the job is done without it too, with fewer checks or slower
  record Command(List<String> sample, boolean needed) {
    /// The name under which its right is granted, such as `config|get`.
    String right() {
      return ErrorReply.right(sample);
    }
  }

  /// Commands of several jobs together, each once, in the jobs' order: needed if one of them needs
  /// it.
  static List<Command> commands(Set<Job> jobs, EngineVersion engine, boolean clusterEnabled) {
    Map<String, Command> commands = new LinkedHashMap<>();
    for (Job job : jobs.isEmpty() ? jobs : EnumSet.copyOf(jobs)) {
      for (Command command : job.commands(engine, clusterEnabled)) {
        commands.merge(
            command.right(), command, (first, second) -> first.needed() ? first : second);
      }
    }
    return List.copyOf(commands.values());
  }

  private List<Command> commands(EngineVersion engine, boolean clusterEnabled) {
    return switch (this) {
      case CAPTURE ->
          whole(engine, clusterEnabled, List.of(REPLICA, REPLICATE, helpful("ACL", "LIST")));
      case CAPTURE_BY_SCAN -> {
        List<Command> scan = new ArrayList<>(List.of(SELECT, SCAN));
        scan.addAll(readKeys(engine));
        scan.add(helpful("ACL", "LIST"));
        if (clusterEnabled) {
          scan.add(needed("READONLY"));
        }
        yield whole(engine, clusterEnabled, scan);
      }
      case TELL_TIMES -> List.of(needed("INFO", "replication"), TIME, needed("EXEC"));
      case RESTORE_BY_REPLICATION ->
          whole(
              engine,
              clusterEnabled,
              List.of(
                  needed("REPLICAOF", "NO", "ONE"),
                  helpful("CONFIG", "SET", "repl-diskless-load", "disabled"),
                  helpful("CLIENT", "LIST"),
                  helpful("COMMAND", "INFO", "get")));
      case RESTORE_BY_COMMANDS ->
          whole(
              engine,
              clusterEnabled,
              List.of(
                  SELECT, RESTORE, helpful("CLIENT", "LIST"), helpful("COMMAND", "INFO", "get")));
      case EMPTY -> List.of(needed("FLUSHALL"));
      case LOAD_FUNCTIONS ->
          engine.hasFunctions() ? List.of(needed("FUNCTION", "LOAD", "none")) : List.of();
      case REMOVE_FUNCTIONS ->
          engine.hasFunctions() ? List.of(needed("FUNCTION", "FLUSH")) : List.of();
      case WRITE_VALUES -> WRITES;
      case WRITE_CONSUMERS -> List.of(needed("XGROUP", "CREATECONSUMER", "ringkeep", "1", "1"));
      case WRITE_CONSUMERS_BY_READING ->
          List.of(needed("XREADGROUP", "GROUP", "1", "1", "STREAMS", "ringkeep", "0"));
      case WRITE_FIELD_EXPIRIES ->
          List.of(needed("HPEXPIREAT", "ringkeep", "1", "FIELDS", "1", "1"));
      case WRITE_ARRAYS ->
          List.of(needed("ARMSET", "ringkeep", "0", "1"), needed("ARSEEK", "ringkeep", "0"));
      case FIND_KEYS -> List.of(SELECT, EXISTS);
      case READ_KEYS -> {
        List<Command> read = new ArrayList<>(List.of(SELECT));
        read.addAll(readKeys(engine));
        yield read;
      }
      case DELETE_OTHERS -> List.of(SELECT, SCAN, needed("UNLINK", "ringkeep"));
      case READ_BACK ->
          List.of(
              needed("PING"),
              REPLICA,
              REPLICATE,
              helpful("CONFIG", "SET", "repl-diskless-sync-delay", "5"));
      case UNDELETE ->
          whole(
              engine,
              clusterEnabled,
              List.of(SELECT, EXISTS, RESTORE, DUMP, needed("PTTL", "ringkeep")));
    };
  }

  /// What takes a connection of its own: finding the servers, and asking what they are.
  private static List<Command> whole(
      EngineVersion engine, boolean clusterEnabled, List<Command> work) {
    List<Command> all = new ArrayList<>(List.of(needed("PING"), needed("INFO", "server")));
    all.addAll(work);
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
    }
    return all;
  }

  /// `KeyDumps`: before 7.0 an expiry is the time left, by the server's clock.
  private static List<Command> readKeys(EngineVersion engine) {
    return engine.hasFunctions()
        ? List.of(DUMP, needed("PEXPIRETIME", "ringkeep"))
        : List.of(DUMP, needed("PTTL", "ringkeep"), TIME);
  }

  private static Command needed(String... sample) {
    return new Command(List.of(sample), /* needed= */ true);
  }

  private static Command helpful(String... sample) {
    return new Command(List.of(sample), /* needed= */ false);
  }

  /// True if it takes the right to every key.
  boolean touchesKeys() {
    return switch (this) {
      case CAPTURE_BY_SCAN,
          RESTORE_BY_COMMANDS,
          WRITE_VALUES,
          FIND_KEYS,
          READ_KEYS,
          DELETE_OTHERS,
          UNDELETE,
          WRITE_CONSUMERS,
          WRITE_CONSUMERS_BY_READING,
          WRITE_FIELD_EXPIRIES,
          WRITE_ARRAYS ->
          true;
      case CAPTURE,
          TELL_TIMES,
          RESTORE_BY_REPLICATION,
          EMPTY,
          LOAD_FUNCTIONS,
          REMOVE_FUNCTIONS,
          READ_BACK ->
          false;
    };
  }
}
