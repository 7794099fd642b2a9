package io.ringkeep.client;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Slot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/// A cluster's slots and who has them, as `CLUSTER SLOTS` says.
final class ClusterRouting implements Routing {
  /// After so long a look counts as old: a reshard takes longer than that, and one look takes a
  /// millisecond.
  static final long OLD_NANOS = 1_000_000_000L;

  private final Pools pools;
  private final CacheLogin login;
  private final List<HostAndPort> seeds;
  private volatile View view;

  /// Of `System.nanoTime()`, when somebody looked last.
  private volatile long lookedNanos;

  /// Who has what at one moment.
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these
  private record View(
      @Nullable Primary[] owners, List<Primary> primaries, List<HostAndPort> servers) {}

  ClusterRouting(Collection<HostAndPort> seeds, CacheLogin login) {
    this.seeds = List.copyOf(seeds);
    this.login = login;
    this.pools = new Pools(login);
    this.lookedNanos = System.nanoTime();
    this.view = look(this.seeds);
  }

  @Override
  public Primary owner(byte[] key) {
    int slot = Slot.of(ByteBuffer.wrap(key));
    Primary owner = view.owners()[slot];
    if (owner == null) {
      throw new Unavailable(
          "no primary serves the key's slot: slot=" + slot,
          "give the slot to a primary, or use a key of another slot",
          null);
    }
    return owner;
  }

  @Override
  public Primary at(String host, int port) {
    HostAndPort address = new HostAndPort(host, port);
    return view.primaries().stream()
        .filter(primary -> primary.address().equals(address.toString()))
        .findFirst()
        .orElseGet(() -> pools.primary(address.toString(), address));
  }

  @Override
  public List<Primary> primaries() {
    return view.primaries();
  }

  @Override
  public boolean spreads() {
    return true; // one that has a single primary now may have had more
  }

  @Override
  public void refreshIfOld() {
    if (System.nanoTime() - lookedNanos >= OLD_NANOS) {
      refresh();
    }
  }

  @Override
  public void refresh() {
    lookedNanos = System.nanoTime();
    Set<HostAndPort> known = new LinkedHashSet<>(view.servers());
    known.addAll(seeds);
    try {
      view = look(List.copyOf(known));
    } catch (BackupException e) {
      // What is known stays true for whoever still answers.
    }
  }

  /// What the first server says that has an answer: one that was reset, or refuses, hides nobody.
  private View look(List<HostAndPort> servers) {
    BackupException refusal = null;
    for (HostAndPort server : servers) {
      try (Connection connection = Pools.dial(server, login)) {
        connection.sendCommand(Command.CLUSTER, "SLOTS");
        List<Object> ranges = connection.getObjectMultiBulkReply();
        if (!ranges.isEmpty()) {
          return view(server, ranges);
        }
        refusal =
            new InvalidRequest(
                "server belongs to no cluster that has slots: server=" + server,
                "check the address");
      } catch (JedisDataException e) {
        refusal = ServerErrors.of(e, server.toString());
      } catch (JedisException e) {
        // The next one may answer.
      }
    }
    if (refusal != null) {
      throw refusal;
    }
    throw new Unavailable(
        "no server of the cluster answers: servers=" + servers,
        "check addresses and network",
        null);
  }

  private View view(HostAndPort asked, List<Object> ranges) {
    Primary[] owners = new Primary[Slot.COUNT];
    Set<Primary> primaries = new LinkedHashSet<>();
    Set<HostAndPort> servers = new LinkedHashSet<>();
    for (Object range : ranges) {
      List<?> parts = (List<?>) range;
      HostAndPort address = address(asked, (List<?>) parts.get(2));
      String id = SafeEncoder.encode((byte[]) ((List<?>) parts.get(2)).get(2));
      Primary primary = pools.primary(id, address);
      primaries.add(primary);
      parts.stream().skip(2).map(server -> address(asked, (List<?>) server)).forEach(servers::add);
      for (int slot = number(parts.get(0)); slot <= number(parts.get(1)); slot++) {
        owners[slot] = primary;
      }
    }
    List<Primary> sorted = new ArrayList<>(primaries);
    sorted.sort(Comparator.comparing(Primary::id));
    return new View(owners, List.copyOf(sorted), List.copyOf(servers));
  }

  private static HostAndPort address(HostAndPort asked, List<?> server) {
    byte[] host = (byte[]) server.get(0);
    return new HostAndPort(
        host == null || host.length == 0 ? asked.getHost() : SafeEncoder.encode(host),
        number(server.get(1)));
  }

  private static int number(@Nullable Object value) {
    return Math.toIntExact((Long) Objects.requireNonNull(value));
  }

  @Override
  public void close() {
    pools.close();
  }
}
