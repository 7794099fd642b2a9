package io.ringkeep.redis.topology;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The Sentinels of one primary, which would fail it over while it is being restored.
///
/// A restore makes the target a replica of ours. Sentinel takes a primary that calls itself a
/// replica for `down-after-milliseconds` and 20 seconds for one that is down
/// (`sentinelCheckSubjectivelyDown` in `sentinel.c`) and promotes one of its replicas. [#pause]
/// keeps it from that, [#resume] has it watch again.
/* How it works: a pause adds PAUSE_MILLIS to `down-after-milliseconds` on every Sentinel, resuming
 * subtracts it. The setting itself says whether and from what value it is paused: nothing needs to be
 * remembered, a killed restore is resumed by the next, and a second pause changes nothing.
 *
 * Why not SENTINEL REMOVE and MONITOR: what a Sentinel knows and does not tell would be lost (auth-pass,
 * auth-user, rename-command, replicas that are away), and clients that ask where the primary is would get
 * no answer meanwhile. What it gives up: a real failure during the pause is not noticed, as with a
 * removal; `SENTINEL FAILOVER` by hand still works. Forgotten, a pause ends by itself after 11 days.
 *
 * The sum must stay below 2^31: Sentinel reads its configuration file with atoi. */
public final class Sentinels {
  private static final long PAUSE_MILLIS = 1_000_000_000;
  private static final String SETTING = "down-after-milliseconds";
  private static final Duration POLL = Duration.ofMillis(250);

  private final List<Endpoint> endpoints;
  private final String name;
  private final ConnectionOptions options;

  private Sentinels(List<Endpoint> endpoints, String name, ConnectionOptions options) {
    this.endpoints = List.copyOf(endpoints);
    this.name = name;
    this.options = options;
  }

  /// All that watch this topology's primary.
  ///
  /// @param options how the servers are dialled, and their Sentinels
  /// @throws IllegalArgumentException if none does
  public static Sentinels of(Topology topology, ConnectionOptions options) {
    if (topology.sentinels().isEmpty()) {
      throw new IllegalArgumentException("no Sentinels in this topology");
    }
    return new Sentinels(
        topology.sentinels(), topology.monitoredName().orElseThrow(), options.forSentinel());
  }

  /// Keeps every Sentinel from failing the primary over. All or none: after a failure those already
  /// paused are resumed. Pausing what is paused does nothing.
  ///
  /// @throws Unavailable if one does not answer or a failover is under way
  /// @throws BackupException.AccessDenied if one denies us
  public void pause() {
    for (State state : states()) {
      if (state.isFailingOver()) {
        throw new Unavailable(
            "failover is under way: sentinel=" + state.sentinel + " flags=" + state.flags,
            "try again when it is over",
            null);
      }
    }
    List<Endpoint> paused = new ArrayList<>();
    try {
      for (State state : states()) {
        if (!state.isPaused()) {
          paused.add(state.sentinel);
          set(state, state.downAfterMillis + PAUSE_MILLIS);
        }
      }
    } catch (BackupException e) {
      resumeAfter(e, paused);
      throw e;
    }
  }

  /// Has every paused Sentinel watch again with the setting it had, once it has seen that the
  /// primary is one again: it looks every ten seconds. Does nothing where nothing is paused.
  ///
  /// @param patience longest wait for a Sentinel to see it
  /// @throws Unavailable if a Sentinel does not answer or sees no primary; the others are resumed,
  ///   and the message names those that are not
  public void resume(Duration patience, InstantSource clock) {
    resume(endpoints, clock.millis() + patience.toMillis(), clock);
  }

  /// Those that are paused now, such as by a restore that was killed.
  public List<Endpoint> paused() {
    return states().stream().filter(State::isPaused).map(State::sentinel).toList();
  }

  /// What a person does on each of them to have it watch again.
  public String resumeByHand() {
    return "subtract %d there from %s: SENTINEL SET %s %s VALUE"
        .formatted(PAUSE_MILLIS, SETTING, name, SETTING);
  }

  private void resume(List<Endpoint> sentinels, long deadlineMillis, InstantSource clock) {
    List<Endpoint> left = new ArrayList<>();
    List<BackupException> failures = new ArrayList<>();
    for (Endpoint sentinel : sentinels) {
      try {
        State state = state(sentinel);
        while (state.isPaused() && !state.seesPrimary()) {
          if (clock.millis() >= deadlineMillis) {
            throw new Unavailable(
                "Sentinel does not see the primary as one: sentinel=" + sentinel, null, null);
          }
          sleep();
          state = state(sentinel);
        }
        if (state.isPaused()) {
          set(state, state.downAfterMillis - PAUSE_MILLIS);
        }
      } catch (BackupException e) {
        left.add(sentinel);
        failures.add(e);
      }
    }
    if (!left.isEmpty()) {
      Unavailable failure =
          new Unavailable(
              "Sentinels are still paused and will not fail over: name="
                  + name
                  + " sentinels="
                  + left,
              "when the primary is well, " + resumeByHand(),
              failures.getFirst());
      failures.stream().skip(1).forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private void resumeAfter(BackupException failure, List<Endpoint> paused) {
    for (Endpoint sentinel : paused) {
      try {
        State state = state(sentinel);
        if (state.isPaused()) {
          set(state, state.downAfterMillis - PAUSE_MILLIS);
        }
      } catch (BackupException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private List<State> states() {
    return endpoints.stream().map(this::state).toList();
  }

  private State state(Endpoint sentinel) {
    try (ServerConnection connection = ServerConnection.open(sentinel, options)) {
      return state(connection);
    }
  }

  private State state(ServerConnection connection) {
    Map<String, String> fields = monitored(connection);
    return new State(
        connection.endpoint(),
        Long.parseLong(fields.getOrDefault(SETTING, "0")),
        fields.getOrDefault("flags", ""),
        fields.getOrDefault("role-reported", ""));
  }

  private Map<String, String> monitored(ServerConnection connection) {
    try {
      return connection.textMap("SENTINEL", "MASTER", name);
    } catch (ServerError e) {
      throw new InvalidRequest(
          "Sentinel does not know this name: sentinel="
              + connection.endpoint()
              + " name="
              + name
              + " reply="
              + e.text(),
          "every Sentinel has to monitor it");
    }
  }

  /// Sets it and reads it back.
  private void set(State state, long millis) {
    try (ServerConnection connection = ServerConnection.open(state.sentinel, options)) {
      connection.command("SENTINEL", "SET", name, SETTING, Long.toString(millis));
      long actual = state(connection).downAfterMillis;
      if (actual != millis) {
        throw new Unavailable(
            "Sentinel did not take a setting: sentinel=%s setting=%s expected=%d actual=%d"
                .formatted(state.sentinel, SETTING, millis, actual),
            "is something else configuring it?",
            null);
      }
    } catch (ServerError e) {
      throw new Unavailable(
          "Sentinel refused a setting: sentinel=" + state.sentinel + " reply=" + e.text(),
          "it has to be able to write its configuration file",
          e);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted while waiting for Sentinel", null, e);
    }
  }

  /// One Sentinel's word on the primary.
  private record State(Endpoint sentinel, long downAfterMillis, String flags, String roleReported) {

    boolean isPaused() {
      return downAfterMillis >= PAUSE_MILLIS;
    }

    boolean isFailingOver() {
      return flags.contains("failover_in_progress") || flags.contains("o_down");
    }

    boolean seesPrimary() {
      return roleReported.equals("master")
          && !flags.contains("s_down")
          && !flags.contains("disconnected");
    }
  }
}
