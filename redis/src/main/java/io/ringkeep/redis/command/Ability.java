package io.ringkeep.redis.command;

import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.Job;
import io.ringkeep.redis.ServerFacts;
import io.ringkeep.redis.rdb.DumpPayload;
import io.ringkeep.redis.rdb.LogicalType;
import io.ringkeep.redis.rdb.RdbType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What values a server can hold, and which it can be sent as they are.
///
/// @param newest RDB version whose types it knows
/// @param fieldExpiry hash fields can have an expiry of their own: Redis 7.4, Valkey 9.0
/// @param streamCounters streams know how many entries were added, which were deleted, and groups
///   how many they read: Redis 7.0, Valkey
/// @param consumers `XGROUP CREATECONSUMER` and `XTRIM MINID`: Redis 6.2, Valkey
/// @param modules it has every module whose values come
/// @param longestArgument bytes that one argument may have, `proto-max-bulk-len`
/// @param mostStallMillis how long one command may keep the server from answering others
public record Ability(
    RdbVersion newest,
    boolean fieldExpiry,
    boolean streamCounters,
    boolean consumers,
    boolean modules,
    long longestArgument,
    long mostStallMillis) {
  /// Of servers that nobody takes for dead.
  public static final long ANY_STALL = Long.MAX_VALUE;

  /// Versions of the RDB that have what idempotent producers sent (Redis 8.6), and arrays and
  /// pending entries without an owner (8.8).
  private static final int WITH_PRODUCERS = 13;

  private static final int WITH_ARRAYS = 14;

  private static final long DEFAULT_LONGEST_ARGUMENT = 512L << 20;

  /// Of a server.
  public static Ability of(ServerFacts facts) {
    Ability alone =
        of(facts.engine(), facts.longestArgumentBytes().orElse(DEFAULT_LONGEST_ARGUMENT));
    return facts
        .clusterNodeTimeout()
        .map(timeout -> alone.withMostStall(Stall.mostMillis(timeout)))
        .orElse(alone);
  }

  /// Of a version.
  public static Ability of(EngineVersion engine, long longestArgument) {
    boolean valkey = engine.product() == EngineVersion.Product.VALKEY;
    return new Ability(
        engine.newestRdb(),
        engine.hasFieldExpiry(),
        valkey || engine.isAtLeast(7, 0),
        engine.hasConsumerCommand(),
        /* modules= */ true,
        longestArgument,
        ANY_STALL);
  }

  private Ability withMostStall(long millis) {
    return new Ability(
        newest, fieldExpiry, streamCounters, consumers, modules, longestArgument, millis);
  }

  /// The same without modules.
  public Ability withoutModules() {
    return new Ability(
        newest,
        fieldExpiry,
        streamCounters,
        consumers,
        /* modules= */ false,
        longestArgument,
        mostStallMillis);
  }

  /// What both can hold.
  public Ability and(Ability other) {
    return new Ability(
        RdbType.common(newest, other.newest),
        fieldExpiry && other.fieldExpiry,
        streamCounters && other.streamCounters,
        consumers && other.consumers,
        modules && other.modules,
        Math.min(longestArgument, other.longestArgument),
        Math.min(mostStallMillis, other.mostStallMillis));
  }

  /// What is left where replicas of these engines repeat each command: one that they can't run is
  /// lost on them, and nobody is told.
  public Ability withFollowers(List<EngineVersion> followers) {
    return followers.stream().map(engine -> of(engine, longestArgument)).reduce(this, Ability::and);
  }

  /// What [KeyWriter] does with this ability: the commands that it sends depend on it, not on the
  /// engine of the server that they go to.
  public Set<Job> writing() {
    Set<Job> jobs =
        EnumSet.of(
            Job.WRITE_VALUES, consumers ? Job.WRITE_CONSUMERS : Job.WRITE_CONSUMERS_BY_READING);
    if (fieldExpiry) {
      jobs.add(Job.WRITE_FIELD_EXPIRIES);
    }
    if (knowsRedis(WITH_ARRAYS)) {
      jobs.add(Job.WRITE_ARRAYS);
    }
    return jobs;
  }

  /// True if such a loss is none with this ability, whatever the value is otherwise.
  public boolean keeps(Loss loss) {
    return switch (loss) {
      case FIELD_EXPIRY -> fieldExpiry;
      case STREAM_COUNTERS -> streamCounters;
      case STREAM_PRODUCERS -> knowsRedis(WITH_PRODUCERS);
      case STREAM_UNOWNED, ARRAY -> knowsRedis(WITH_ARRAYS);
      case MODULE, TOO_LONG -> false;
    };
  }

  private boolean knowsRedis(int rdbVersion) {
    return newest.family() == RdbVersion.Family.REDIS && newest.number() >= rdbVersion;
  }

  /// True if the server loads values of this type as they are.
  public boolean knows(RdbVersion written, int type) {
    return RdbType.obstacle(written, type, newest).isEmpty()
        && (modules || RdbType.logicalType(written, type) != LogicalType.MODULE);
  }

  /// True if `RESTORE` takes the record; else it takes commands.
  public boolean restores(Record record) {
    return DumpPayload.bytes(record.value().remaining()) <= longestArgument
        && knows(record.version(), record.type())
        && !stalls(record.version(), record.type(), record.value().remaining());
  }

  /// True if `RESTORE` of such a value would keep the server busy for too long, and commands would
  /// not.
  public boolean stalls(RdbVersion written, int type, long bytes) {
    LogicalType logical = RdbType.logicalType(written, type);
    return Stall.isTable(logical) && Stall.millis(logical, bytes) > mostStallMillis;
  }
}
