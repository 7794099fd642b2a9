package io.ringkeep.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/// One real server on a free loopback port, with its data in a folder of its own.
///
/// It answers when [Builder#start] returns. It saves nothing by itself, syncs replicas without
/// delay and allows `DEBUG`. [#close] kills it and removes its folder; its log is kept in the
/// folder that the system property `ringkeep.logs` names, if it names one.
///
/// ```java
/// try (TestServer server = TestServer.start(Engines.redis70(), "databases 1")) {
///   server.call("SET", "k", "v");
/// }
/// ```
public final class TestServer implements AutoCloseable {
  private static final Pattern REPLICA = Pattern.compile("slave[0-9]+");
  private static final Pattern PROCESSED = Pattern.compile("state=online,offset=([0-9]+)");

  static final String HOST = "127.0.0.1";
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int PORT_TRIES = 5;

  private final Engine engine;
  private final ServerConfig config;
  private final boolean sentinel;
  private final Optional<String> password;
  private final Optional<TestCertificates> certificates;
  private final Path directory = Folders.temporary("server");
  private final int port;
  private @Nullable ServerProcess process;

  /// Connection of [#call], opened when first needed; guarded by this.
  private @Nullable Jedis own;

  private TestServer(Builder builder, int port) {
    this.engine = builder.engine;
    this.config = builder.config;
    this.sentinel = builder.sentinel;
    this.password = builder.password;
    this.certificates = builder.certificates;
    this.port = port;
    config.set("bind", HOST);
    config.set("dir", directory.toString());
    config.set("port", certificates.isPresent() ? "0" : Integer.toString(port));
    if (certificates.isPresent()) {
      config.set("tls-port", Integer.toString(port));
    }
  }

  /// Starts a server with the usual settings and these lines of configuration besides.
  public static TestServer start(Engine engine, String... configLines) {
    Builder builder = builder(engine);
    for (String line : configLines) {
      String[] words = line.split(" ", -1);
      builder.config(words[0], Arrays.copyOfRange(words, 1, words.length));
    }
    return builder.start();
  }

  public static Builder builder(Engine engine) {
    Builder builder = new Builder(engine);
    builder.config("save", "").config("appendonly", "no").config("repl-diskless-sync-delay", "0");
    return engine.hasFunctions() ? builder.config("enable-debug-command", "yes") : builder;
  }

  /// A Sentinel: the same program, another configuration.
  static Builder sentinelBuilder(Engine engine) {
    Builder builder = new Builder(engine);
    builder.sentinel = true;
    return builder;
  }

  /// How a server is to be started.
  public static final class Builder {
    private final Engine engine;
    private final ServerConfig config = new ServerConfig();
    private Optional<String> password = Optional.empty();
    private Optional<TestCertificates> certificates = Optional.empty();
    private boolean replica;
    private boolean sentinel;
    private int fixedPort;

    private Builder(Engine engine) {
      this.engine = engine;
    }

    /// Sets a line of the configuration file: its name, then its values as plain text.
    public Builder config(String name, String... values) {
      config.set(name, values);
      return this;
    }

    /// Asks for a password, of clients and, as a replica, of nobody else than its primary.
    public Builder password(String secret) {
      password = Optional.of(secret);
      return config("requirepass", secret).config("masterauth", secret);
    }

    /// Speaks TLS only, to clients and between servers.
    public Builder tls(TestCertificates files, boolean clientsNeedCertificate) {
      certificates = Optional.of(files);
      return config("tls-cert-file", files.serverCertificate().toString())
          .config("tls-key-file", files.serverKey().toString())
          .config("tls-ca-cert-file", files.authority().toString())
          .config("tls-auth-clients", clientsNeedCertificate ? "yes" : "no")
          .config("tls-replication", "yes")
          .config("tls-cluster", "yes");
    }

    /// Starts as a server of a cluster, still alone and without slots.
    public Builder cluster() {
      return config("cluster-enabled", "yes").config("cluster-node-timeout", "3000");
    }

    /// Starts as a replica; [#start] then waits until it has synced.
    public Builder replicaOf(TestServer primary) {
      replica = true;
      return config("replicaof", HOST, Integer.toString(primary.port()));
    }

    /// Listens on this port instead of a free one.
    public Builder port(int port) {
      fixedPort = port;
      return this;
    }

    /// Starts the server and waits until it answers.
    ///
    /// @throws EngineException if it does not; the message has the end of its log
    public TestServer start() {
      for (int left = PORT_TRIES; ; left--) {
        TestServer server = new TestServer(this, fixedPort != 0 ? fixedPort : Ports.free());
        try {
          server.start();
          if (replica) {
            server.awaitLinkUp();
          }
          return server;
        } catch (RuntimeException e) {
          // One that is interrupted fails in many ways; its program and folder must not stay.
          if (!Uninterrupted.call(() -> endedWithoutPort(server)) || left == 0) {
            throw e;
          }
        }
      }
    }

    /// Ends it; says whether the port that looked free was taken before it listened.
    private boolean endedWithoutPort(TestServer server) {
      boolean taken = server.log().contains("Address already in use");
      server.close();
      return fixedPort == 0 && taken;
    }
  }

  public Engine engine() {
    return engine;
  }

  public String host() {
    return HOST;
  }

  public int port() {
    return port;
  }

  /// Such as `127.0.0.1:11873`.
  public String address() {
    return HOST + ":" + port;
  }

  /// Such as `redis://127.0.0.1:11873`; `rediss` with TLS.
  public String uri() {
    return (certificates.isPresent() ? "rediss://" : "redis://") + address();
  }

  /// What clients have to say, if anything.
  public Optional<String> password() {
    return password;
  }

  /// The folder that the server works in; its RDB file is `dump.rdb` there.
  public Path directory() {
    return directory;
  }

  /// The process id of the server program itself.
  public long pid() {
    return running().pid();
  }

  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /// All that the server printed so far, over all its starts.
  public String log() {
    return ServerProcess.log(logFile());
  }

  /// Sets a line of the configuration file for the next start.
  public void config(String name, String... values) {
    config.set(name, values);
  }

  /// Starts it again on the same port after [#stop] or [#kill], with what its folder holds.
  public void start() {
    if (isAlive()) {
      throw new IllegalStateException("server runs already: " + this);
    }
    Path file = directory.resolve("server.conf");
    // A Sentinel keeps what it knows in this file.
    if (!sentinel || !Files.exists(file)) {
      config.write(file);
    }
    process =
        ServerProcess.start(
            sentinel
                ? List.of(engine.server().toString(), file.toString(), "--sentinel")
                : List.of(engine.server().toString(), file.toString()),
            directory,
            logFile());
    await("an answer", this::answers);
  }

  /// Saves its data to its folder, stops and starts again.
  public void restart() {
    end("SHUTDOWN", "SAVE");
    start();
  }

  /// Stops cleanly and saves nothing.
  public void stop() {
    end("SHUTDOWN", "NOSAVE");
  }

  /// SIGKILL.
  public void kill() {
    forgetConnection();
    running().kill();
  }

  /// Stops it in its tracks: connections stay, nothing is answered until [#resume].
  public void pause() {
    running().signal("STOP");
  }

  public void resume() {
    running().signal("CONT");
  }

  /// A new connection as the default user, for the caller to close.
  public Jedis client() {
    return client(null, password.orElse(null));
  }

  /// A new connection as that user.
  public Jedis client(@Nullable String user, @Nullable String secret) {
    DefaultJedisClientConfig.Builder settings =
        DefaultJedisClientConfig.builder()
            .resp2()
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .timeoutMillis(Math.toIntExact(TIMEOUT.toMillis()));
    if (user != null) {
      settings.user(user);
    }
    if (secret != null) {
      settings.password(secret);
    }
    certificates.ifPresent(files -> settings.sslOptions(files.clientOptions()));
    JedisClientConfig built = settings.build();
    return new Jedis(new HostAndPort(HOST, port), built);
  }

  /// The reply to a command on a connection kept for this.
  public synchronized @Nullable Object call(String... words) {
    return call(Raw.bytes(words));
  }

  /// As above, for words that are not text.
  public synchronized @Nullable Object call(byte[]... words) {
    try {
      return Raw.call(ownConnection(), words);
    } catch (JedisConnectionException e) {
      forgetConnection();
      throw e;
    }
  }

  /// The connection kept, or a new one if a failover or restart has ended it.
  private Jedis ownConnection() {
    if (own != null) {
      try {
        own.ping();
        return own;
      } catch (JedisConnectionException e) {
        forgetConnection();
      } catch (JedisDataException e) {
        // It answers, be it an error.
        return own;
      }
    }
    own = client();
    return own;
  }

  /// As [#call], for commands that answer text or a number.
  public String text(String... words) {
    return Raw.text(call(words));
  }

  /// The fields of one section of `INFO`.
  public Map<String, String> info(String section) {
    return Raw.fields(call("INFO", section));
  }

  /// How far its replication stream has come (`master_repl_offset`).
  public long offset() {
    return Long.parseLong(info("replication").get("master_repl_offset"));
  }

  /// The value of one setting (`CONFIG GET`) as it is now.
  public String setting(String name) {
    return Raw.text(Raw.map(call("CONFIG", "GET", name)).get(name));
  }

  /// Keys in one database.
  public long keys(int database) {
    String counts = info("keyspace").get("db" + database);
    return counts == null
        ? 0
        : Long.parseLong(counts.substring("keys=".length(), counts.indexOf(',')));
  }

  /// Waits until it, a replica, has synced with its primary.
  ///
  /// What was written there since may still be on its way: [#awaitReplicas] waits for that.
  public void awaitLinkUp() {
    await("its primary", () -> "up".equals(info("replication").get("master_link_status")));
  }

  /// Waits until at least `count` of its replicas have processed what it has written, by whomever.
  ///
  /// Not by `WAIT`, which waits for nothing but what its own connection wrote.
  public void awaitReplicas(int count) {
    // Offset 0 is that of a replica that has not begun.
    long written =
        Math.max(1, Long.parseLong(info("replication").getOrDefault("master_repl_offset", "0")));
    await(
        count + " replicas",
        () ->
            info("replication").entrySet().stream()
                    .filter(field -> REPLICA.matcher(field.getKey()).matches())
                    .map(field -> PROCESSED.matcher(field.getValue()))
                    .filter(Matcher::find)
                    .filter(processed -> Long.parseLong(processed.group(1)) >= written)
                    .count()
                >= count);
  }

  /// Waits until `reached` holds of it.
  ///
  /// @throws EngineException after a minute, or at once if the server has ended
  public void await(String what, BooleanSupplier reached) {
    Waiting.until(
        () -> {
          if (!isAlive()) {
            throw new EngineException(
                "server ended while waiting for %s: %s\n%s"
                    .formatted(what, this, running().lastLines()));
          }
          return reached.getAsBoolean();
        },
        TIMEOUT,
        () -> "%s of %s\n%s".formatted(what, this, running().lastLines()));
  }

  private boolean answers() {
    try {
      call("PING");
      return true;
    } catch (JedisConnectionException e) {
      return false;
    } catch (JedisDataException e) {
      // Whatever else it says, such as NOAUTH, it is up.
      return !String.valueOf(e.getMessage()).startsWith("LOADING");
    }
  }

  private void end(String... words) {
    try {
      call(words);
    } catch (JedisConnectionException e) {
      // This is how it answers when it has ended.
    }
    running().awaitDeath();
    forgetConnection();
  }

  private synchronized void forgetConnection() {
    if (own != null) {
      try {
        own.close();
      } catch (JedisConnectionException e) {
        // It was broken already.
      }
      own = null;
    }
  }

  private ServerProcess running() {
    if (process == null) {
      throw new IllegalStateException("server was never started: " + this);
    }
    return process;
  }

  private Path logFile() {
    return directory.resolve("server.log");
  }

  /// Kills it and removes its folder. A second call does nothing.
  @Override
  public void close() {
    forgetConnection();
    Uninterrupted.run(() -> {
      if (process != null) {
        process.kill();
        ServerProcess.keepLog(logFile(), engine + "-" + port + ".log");
      }
      Folders.delete(directory);
    });
  }

  @Override
  public String toString() {
    return engine + " at " + address();
  }
}
