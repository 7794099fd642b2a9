package io.ringkeep.redis;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/// One logged-in connection to one server, for ordinary commands: one at a time, blocking.
///
/// Replies come as RESP2 has them: a byte array, a [Long], a list of these, or null; [Reply] reads
/// them. After a lost connection or a timeout every further command fails: open another. Not for
/// use by several threads at once.
public final class ServerConnection implements AutoCloseable {
  private final Endpoint endpoint;
  private final ConnectionOptions options;
  private final Connection connection;

  private ServerConnection(Endpoint endpoint, ConnectionOptions options) {
    this.endpoint = endpoint;
    this.options = options;
    AtomicBoolean opened = new AtomicBoolean();
    this.connection =
        new Connection(() -> {
          // Jedis dials again by itself after a close; nobody would log in there.
          if (opened.getAndSet(true)) {
            throw new JedisConnectionException(new EOFException());
          }
          return Sockets.open(endpoint, options);
        });
  }

  /// Connects and logs in. A server that loads its dataset is connected to: `INFO` answers there.
  ///
  /// @throws Unavailable if nobody answers
  /// @throws AccessDenied if a password is missing or wrong, or TLS does not verify
  public static ServerConnection open(Endpoint endpoint, ConnectionOptions options) {
    ServerConnection server = new ServerConnection(endpoint, options);
    try {
      server.connection.connect();
      server.logIn();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void logIn() {
    if (options.password().isPresent()) {
      String password = options.password().get().reveal();
      if (options.user().isPresent()) {
        command("AUTH", options.user().get(), password);
      } else {
        command("AUTH", password);
      }
      return;
    }
    try {
      call(bytes("PING"));
    } catch (JedisDataException e) {
      // Loading, a lost primary or a missing right is the matter of the commands to come.
      String reply = String.valueOf(e.getMessage());
      if (reply.startsWith("NOAUTH") || ErrorReply.closesConnection("-" + reply)) {
        throw ErrorReply.of(endpoint, options, List.of("PING"), reply);
      }
    }
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  public ConnectionOptions options() {
    return options;
  }

  /// The reply to a command.
  ///
  /// @throws Unavailable if the connection is lost, the reply late, or the server loading or down
  /// @throws AccessDenied if the user lacks the right; the hint is the line that grants it
  /// @throws ServerError for any other error reply
  public @Nullable Object command(String... words) {
    return command(Arrays.stream(words).map(ServerConnection::bytes).toArray(byte[][]::new));
  }

  /// As above, for words that are not text.
  public @Nullable Object command(byte[]... words) {
    List<String> names =
        Arrays.stream(words)
            .limit(2)
            .map(word -> new String(word, StandardCharsets.ISO_8859_1))
            .toList();
    try {
      return plain(names, call(words));
    } catch (JedisDataException e) {
      throw ErrorReply.of(endpoint, options, names, String.valueOf(e.getMessage()));
    }
  }

  /// The reply to a command that answers a string or an integer.
  public String text(String... words) {
    return Reply.text(command(words));
  }

  /// The reply to a command that answers an array.
  public List<@Nullable Object> list(String... words) {
    return Reply.list(command(words));
  }

  /// The reply to a command that answers names and strings by turns, such as `CONFIG GET`.
  public Map<String, String> textMap(String... words) {
    return Reply.textMap(command(words));
  }

  /// Fields of these sections of `INFO`, or of its default ones. Each section is one command:
  /// servers before 7.0 take no more.
  public Map<String, String> info(String... sections) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (sections.length == 0) {
      putFields(text("INFO"), fields);
    }
    for (String section : sections) {
      putFields(text("INFO", section), fields);
    }
    return fields;
  }

  private static void putFields(String info, Map<String, String> fields) {
    for (String line : info.split("\r?\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith("#")) {
        fields.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
  }

  private @Nullable Object call(byte[]... words) {
    try {
      CommandArguments arguments = new CommandArguments(() -> words[0]);
      for (int i = 1; i < words.length; i++) {
        arguments.add(words[i]);
      }
      return connection.executeCommand(arguments);
    } catch (JedisConnectionException e) {
      throw Sockets.failure(
          endpoint, options, e.getCause() instanceof IOException io ? io : new EOFException());
    }
  }

  /// Errors inside a reply (`EXEC`) as our own.
  private @Nullable Object plain(List<String> names, @Nullable Object reply) {
    return switch (reply) {
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>(list.size());
        for (Object item : list) {
          items.add(plain(names, item));
        }
        yield items;
      }
      case JedisDataException error ->
          ErrorReply.of(endpoint, options, names, String.valueOf(error.getMessage()));
      case null, default -> reply;
    };
  }

  private static byte[] bytes(String word) {
    return word.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (JedisConnectionException e) {
      // Nothing was left to lose: every reply had been read.
    }
  }

  @Override
  public String toString() {
    return "ServerConnection[" + endpoint + "]";
  }
}
