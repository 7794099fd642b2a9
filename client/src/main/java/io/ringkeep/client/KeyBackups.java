package io.ringkeep.client;

import io.ringkeep.client.Exchange.Request;
import io.ringkeep.client.Finder.Found;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.ServerRing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/// Backs keys up inside the cache, and puts them back: type, value and expiry. Thread-safe.
///
/// ```java
/// try (KeyBackups backups = KeyBackups.connect("127.0.0.1:6379")) {
///   backups.backup("cart:42", "cart:42:before-sale");
///   backups.restore("cart:42:before-sale", "cart:42");
/// }
/// ```
///
/// What is atomic: reading a key's value, expiry and the time; writing a backup key; writing a
/// restored key. Not the two together: a write to the key between reading and writing is not in the
/// backup. A backup of several parts is there once its backup key is, which is written last. While
/// a cluster moves the key's slot, value and expiry are read one after the other.
///
/// What an application leaves that dies in between: copies without a backup key, which are found as
/// that backup, for any one is enough; pieces without one, which nobody finds, and which stay until
/// they are evicted or their time to live is over.
///
/// Such backups live in the cache: they use its `maxmemory`, may be evicted, and die with
/// `FLUSHALL`.
public final class KeyBackups implements AutoCloseable {
  /// Keys of one task; two tasks run beside each other, one of which reckons while the other waits.
  private static final int AT_ONCE = 500;

  private static final int TASKS = 2;

  /// Backups whose values are in memory while they are listed.
  private static final int LISTED_AT_ONCE = 64;

  private final Routing routing;
  private final Exchange exchange;
  private final ExactEnds ends = new ExactEnds();

  private KeyBackups(Routing routing) {
    this.routing = routing;
    this.exchange = new Exchange(routing);
  }

  /// Of the server at `address`, or of the cluster that it belongs to.
  ///
  /// @param address host:port
  /// @throws io.ringkeep.model.BackupException.Unavailable if it does not answer
  public static KeyBackups connect(String address) {
    return connect(List.of(address), CacheLogin.DEFAULT);
  }

  /// Of the first server that answers, or of the cluster that it belongs to.
  ///
  /// @param addresses host:port each
  /// @throws io.ringkeep.model.BackupException.Unavailable if none answers
  public static KeyBackups connect(List<String> addresses, CacheLogin login) {
    BackupException last = new InvalidRequest("no address is given", "give host:port");
    for (HostAndPort address : parsed(addresses)) {
      try (Connection connection = Pools.dial(address, login)) {
        connection.sendCommand(Command.INFO, "cluster");
        return connection.getBulkReply().contains("cluster_enabled:1")
            ? cluster(addresses, login)
            : standalone(address.toString(), login);
      } catch (JedisException e) {
        last = ServerErrors.of(e, address.toString());
      }
    }
    throw last;
  }

  /// Of one server.
  public static KeyBackups standalone(String address, CacheLogin login) {
    return new KeyBackups(SingleRouting.standalone(HostAndPort.from(address), login));
  }

  /// Of the primary that Sentinels name, also after a failover.
  ///
  /// @param name what the Sentinels call it
  public static KeyBackups sentinel(
      String name, List<String> sentinels, CacheLogin login, CacheLogin sentinelLogin) {
    return new KeyBackups(SingleRouting.sentinel(name, parsed(sentinels), login, sentinelLogin));
  }

  /// Of a cluster.
  ///
  /// @param seeds host:port of any of its servers
  public static KeyBackups cluster(List<String> seeds, CacheLogin login) {
    return new KeyBackups(new ClusterRouting(parsed(seeds), login));
  }

  /// Of standalone servers on a ring, where Twemproxy, Jedis or spymemcached place keys.
  public static KeyBackups ketama(ServerRing ring, CacheLogin login) {
    return new KeyBackups(new KetamaRouting(ring, login));
  }

  private static List<HostAndPort> parsed(List<String> addresses) {
    return addresses.stream().map(HostAndPort::from).toList();
  }

  /// Backs `key` up at `backupKey`, which must not be there yet.
  ///
  /// @throws BackupException if there is no such key, or the backup key is there
  public void backup(String key, String backupKey) {
    backup(key, backupKey, BackupOptions.DEFAULT);
  }

  /// Backs `key` up at `backupKey`.
  public void backup(String key, String backupKey, BackupOptions options) {
    only(backupAll(List.of(KeyPair.of(key, backupKey)), options));
  }

  /// Backs many keys up, pipelined. Each is done or not for itself. Values of up to a thousand keys
  /// are in memory at a time: give large ones in smaller lists.
  ///
  /// @return what became of each, in their order
  /// @throws InvalidRequest if a backup key is named twice, or there are fewer primaries than parts
  public List<KeyOutcome> backupAll(List<KeyPair> pairs, BackupOptions options) {
    Set<String> backupKeys = new HashSet<>();
    for (KeyPair pair : pairs) {
      if (!backupKeys.add(latin(pair.backupKey()))) {
        throw new InvalidRequest(
            "a backup key is named twice: backup_key=" + Text.show(pair.backupKey()),
            "give each key a backup key of its own");
      }
    }
    return inParts(pairs, some -> new BackupTask(exchange, routing, ends, some, options).run());
  }

  /// Puts what is backed up at `backupKey` back under `key`, over what is there.
  ///
  /// @throws BackupException if there is no such backup, or it is damaged: nothing was written then
  public void restore(String backupKey, String key) {
    restore(backupKey, key, RestoreOptions.DEFAULT);
  }

  /// Puts what is backed up at `backupKey` back under `key`.
  public void restore(String backupKey, String key, RestoreOptions options) {
    only(restoreAll(List.of(KeyPair.of(key, backupKey)), options));
  }

  /// Puts many keys back, pipelined. Each is done or not for itself. Values of up to a thousand
  /// keys are in memory at a time: give large ones in smaller lists.
  ///
  /// @return what became of each, in their order
  public List<KeyOutcome> restoreAll(List<KeyPair> pairs, RestoreOptions options) {
    return inParts(pairs, some -> new RestoreTask(exchange, routing, some, options).run());
  }

  private static List<KeyOutcome> inParts(
      List<KeyPair> pairs, Function<List<KeyPair>, List<KeyOutcome>> task) {
    if (pairs.size() <= AT_ONCE) {
      return task.apply(pairs);
    }
    List<KeyOutcome> outcomes = new ArrayList<>(pairs.size());
    ExecutorService threads = Executors.newFixedThreadPool(TASKS);
    try {
      List<Future<List<KeyOutcome>>> parts = new ArrayList<>();
      for (int begin = 0; begin < pairs.size(); begin += AT_ONCE) {
        List<KeyPair> some = pairs.subList(begin, Math.min(begin + AT_ONCE, pairs.size()));
        parts.add(threads.submit(() -> task.apply(some)));
      }
      for (Future<List<KeyOutcome>> part : parts) {
        outcomes.addAll(part.get());
      }
      return outcomes;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof BackupException failure
          ? failure
          : new IllegalStateException("a part failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted: some keys are done, others are not", "do it again", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /// The backups of a key that are still there, newest first; those that can't be read say why.
  public List<KeyBackup> list(String key) {
    return list(bytes(key));
  }

  /// The backups of a key that are still there, newest first; those that can't be read say why.
  public List<KeyBackup> list(byte[] name) {
    Object fields = exchange.run(Request.of(Catalog.name(name), Command.HGETALL)).get();
    List<byte[]> backupKeys = new ArrayList<>();
    List<byte[]> entries = new ArrayList<>();
    if (fields instanceof List<?> all) {
      for (int i = 0; i + 1 < all.size(); i += 2) {
        backupKeys.add((byte[]) all.get(i));
        entries.add((byte[]) all.get(i + 1));
      }
    }
    List<KeyBackup> backups = new ArrayList<>();
    for (int begin = 0; begin < backupKeys.size(); begin += LISTED_AT_ONCE) {
      int end = Math.min(begin + LISTED_AT_ONCE, backupKeys.size());
      backups.addAll(there(name, backupKeys.subList(begin, end), entries.subList(begin, end)));
    }
    backups.sort(Comparator.comparing(KeyBackup::created).reversed());
    return backups;
  }

  /// Those that are there; the others are taken off the list.
  private List<KeyBackup> there(byte[] name, List<byte[]> backupKeys, List<byte[]> entries) {
    List<KeyBackup> backups = new ArrayList<>();
    List<Request> gone = new ArrayList<>();
    List<Found> found =
        new Finder(exchange, routing).heads(backupKeys, i -> Catalog.mayHaveCopies(entries.get(i)));
    for (int i = 0; i < found.size(); i++) {
      Envelope envelope = found.get(i).envelope();
      BackupException failure = found.get(i).failure();
      if (envelope != null && Arrays.equals(envelope.key(), name)) {
        backups.add(KeyBackup.of(envelope));
      } else if (envelope != null
          || failure instanceof BackupException.NotFound
          || failure instanceof InvalidRequest) {
        // It is gone, or was never this key's.
        gone.add(Catalog.remove(name, backupKeys.get(i)));
      } else if (failure instanceof AccessDenied) {
        throw failure;
      } else if (failure != null) {
        backups.add(
            KeyBackup.unreadable(
                name,
                backupKeys.get(i),
                Catalog.created(entries.get(i)),
                String.valueOf(failure.getMessage())));
      }
    }
    exchange.run(gone);
    return backups;
  }

  /// What stands at a backup key: all parts are read and checked.
  ///
  /// @throws BackupException if nothing whole is there
  public BackupHealth check(String backupKey) {
    return check(bytes(backupKey));
  }

  /// What stands at a backup key: all parts are read and checked.
  ///
  /// @throws BackupException if nothing whole is there
  public BackupHealth check(byte[] backupKey) {
    return new Care(exchange, routing).check(backupKey);
  }

  /// Writes missing and damaged copies again, and places all on primaries of their own, which a
  /// reshard may have undone.
  ///
  /// @return what stands there now
  public BackupHealth repair(String backupKey) {
    return repair(bytes(backupKey));
  }

  /// Writes missing and damaged copies again, and places all on primaries of their own.
  ///
  /// @return what stands there now
  public BackupHealth repair(byte[] backupKey) {
    return new Care(exchange, routing).repair(backupKey);
  }

  /// Deletes a backup with all its parts, also a damaged one.
  ///
  /// @return whether there was one
  public boolean delete(String backupKey) {
    return delete(bytes(backupKey));
  }

  /// Deletes a backup with all its parts, also a damaged one.
  ///
  /// @return whether there was one
  public boolean delete(byte[] name) {
    return new Care(exchange, routing).delete(name);
  }

  /// Ends all connections.
  @Override
  public void close() {
    routing.close();
  }

  private static void only(List<KeyOutcome> outcomes) {
    outcomes
        .get(0)
        .failure()
        .ifPresent(failure -> {
          throw failure;
        });
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  private static String latin(byte[] key) {
    return new String(key, StandardCharsets.ISO_8859_1);
  }
}
