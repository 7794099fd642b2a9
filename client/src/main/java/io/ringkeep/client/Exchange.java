package io.ringkeep.client;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.Unavailable;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.args.Rawable;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/// Sends many requests, each to its key's primary, all of a primary in one go, and follows
/// redirects. An answer is a value or the reason why there is none: one primary that is down fails
/// its own requests only.
final class Exchange {
  private static final int ATTEMPTS = 8;
  private static final long PAUSE_MILLIS = 50;

  /// What bytes of a primary's requests are sent before its answers are read: more could fill both
  /// sides' buffers, each waiting for the other.
  private static final long BATCH_BYTES = 512 * 1024;

  private static final int BATCH_REQUESTS = 1_000;

  private final Routing routing;

  Exchange(Routing routing) {
    this.routing = routing;
  }

  /// Commands on one key; several are one transaction.
  ///
  /// @param repeatable whether sending it twice does what sending it once does
  @SuppressWarnings("ArrayRecordComponent") // nobody compares these
  record Request(byte[] key, boolean repeatable, List<CommandArguments> commands) {
    static Request of(byte[] key, Command command, byte[]... arguments) {
      return new Request(key, /* repeatable= */ true, List.of(command(key, command, arguments)));
    }

    Request once() {
      return new Request(key, /* repeatable= */ false, commands);
    }

    /// `command` with `key` as its first argument.
    static CommandArguments command(byte[] key, Command command, byte[]... arguments) {
      CommandArguments all = new CommandArguments(command).key(key);
      for (byte[] argument : arguments) {
        all.add(argument);
      }
      return all;
    }

    private long bytes() {
      long bytes = 0;
      for (CommandArguments command : commands) {
        for (Rawable argument : command) {
          bytes += argument.getRaw().length;
        }
      }
      return bytes;
    }
  }

  /// What came of a request.
  ///
  /// @param value the reply, or those of the transaction; null also where the server says so
  /// @param failure why there is none
  record Answer(@Nullable Object value, @Nullable BackupException failure) {
    /// @throws BackupException why there is none
    @Nullable Object get() {
      if (failure != null) {
        throw failure;
      }
      return value;
    }
  }

  /// Answers in the order of the requests; what passes or moves is asked for again.
  List<Answer> run(List<Request> requests) {
    return run(requests, ATTEMPTS);
  }

  /// The same for many guesses, of which each may fail: follows one redirect, waits for nobody.
  List<Answer> runOnce(List<Request> requests) {
    return run(requests, 2);
  }

  /*
   * What a server did not answer in time it does all the same: sent again, a large value would be dumped again, with
   * everybody waiting. A replica will not take a write if asked twice. Both are sent again only if the key has got
   * another primary by then.
   */
  private List<Answer> run(List<Request> requests, int attempts) {
    Answer[] answers = new Answer[requests.size()];
    Map<Integer, Primary> elsewhere = new HashMap<>();
    Map<Integer, JedisRedirectionException> pending = new LinkedHashMap<>();
    for (int i = 0; i < answers.length; i++) {
      pending.put(i, null);
    }
    for (int attempt = 0; attempt < attempts && !pending.isEmpty(); attempt++) {
      if (attempt > 0) {
        pause(attempt);
        routing.refresh();
        pending
            .keySet()
            .removeIf(i -> {
              Primary asked = elsewhere.remove(i);
              return asked != null && stays(requests.get(i), asked);
            });
      }
      pending = attempt(requests, pending, answers, elsewhere);
    }
    return List.of(answers);
  }

  Answer run(Request request) {
    return run(List.of(request)).get(0);
  }

  private boolean stays(Request request, Primary primary) {
    try {
      return routing.owner(request.key()).address().equals(primary.address());
    } catch (BackupException e) {
      return true;
    }
  }

  /// Sends what is pending; returns what is to be sent again, some of it `elsewhere` only than to
  /// the primary that was asked.
  private Map<Integer, JedisRedirectionException> attempt(
      List<Request> requests,
      Map<Integer, JedisRedirectionException> pending,
      Answer[] answers,
      Map<Integer, Primary> elsewhere) {
    Map<Integer, JedisRedirectionException> again = new LinkedHashMap<>();
    Map<Primary, List<Integer>> groups = new LinkedHashMap<>();
    pending.forEach((i, redirect) -> {
      try {
        groups.computeIfAbsent(target(requests.get(i), redirect), any -> new ArrayList<>()).add(i);
      } catch (BackupException e) {
        answers[i] = new Answer(null, e);
        again.put(i, null);
      }
    });
    groups.forEach((primary, indexes) -> {
      int begin = 0;
      while (begin < indexes.size()) {
        int end = begin;
        long bytes = 0;
        while (end < indexes.size()
            && end - begin < BATCH_REQUESTS
            && (end == begin || bytes < BATCH_BYTES)) {
          bytes += requests.get(indexes.get(end++)).bytes();
        }
        batch(primary, requests, indexes.subList(begin, end), pending, answers, again, elsewhere);
        begin = end;
      }
    });
    return again;
  }

  private Primary target(Request request, @Nullable JedisRedirectionException redirect) {
    return redirect instanceof JedisAskDataException
        ? routing.at(redirect.getTargetNode().getHost(), redirect.getTargetNode().getPort())
        : routing.owner(request.key());
  }

  private static void batch(
      Primary primary,
      List<Request> requests,
      List<Integer> indexes,
      Map<Integer, JedisRedirectionException> redirects,
      Answer[] answers,
      Map<Integer, JedisRedirectionException> again,
      Map<Integer, Primary> elsewhere) {
    int answered = 0;
    boolean sent = false;
    try (Connection connection = primary.pool().getResource()) {
      sent = true;
      for (int i : indexes) {
        send(connection, requests.get(i), redirects.get(i) instanceof JedisAskDataException);
      }
      for (int i : indexes) {
        boolean asking = redirects.get(i) instanceof JedisAskDataException;
        Object reply = receive(connection, requests.get(i), asking);
        if (reply instanceof JedisDataException error) {
          answers[i] = new Answer(null, ServerErrors.of(error, primary.address()));
          if (error instanceof JedisRedirectionException redirect) {
            again.put(i, redirect);
          } else if (passes(error)) {
            again.put(i, null);
          } else if (demoted(error)) {
            again.put(i, null);
            elsewhere.put(i, primary);
          }
        } else {
          answers[i] = new Answer(reply, null);
        }
        answered++;
      }
    } catch (JedisException e) {
      boolean busy = sent && e.getCause() instanceof SocketTimeoutException;
      for (int i : indexes.subList(answered, indexes.size())) {
        answers[i] = new Answer(null, busy ? slow(primary, e) : away(primary, e));
        if (!sent || requests.get(i).repeatable()) {
          again.put(i, null);
        }
        if (busy) {
          elsewhere.put(i, primary);
        }
      }
    }
  }

  private static BackupException slow(Primary primary, JedisException e) {
    return new Unavailable(
        "server does not answer in time: server=%s cause=%s"
            .formatted(primary.address(), e.getMessage()),
        "large values take longer: give it more time; if it hangs, wait for a failover",
        e);
  }

  private static BackupException away(Primary primary, JedisException e) {
    if (e.getCause() instanceof BackupException dialled) {
      return dialled;
    }
    return e instanceof JedisDataException
        ? ServerErrors.of(e, primary.address())
        : new Unavailable(
            "server is away: server=%s cause=%s".formatted(primary.address(), e.getMessage()),
            "bring it back, or wait for a failover",
            e);
  }

  /// True for what a server says for a moment only.
  private static boolean passes(JedisDataException error) {
    String text = String.valueOf(error.getMessage());
    return text.startsWith("TRYAGAIN") || text.startsWith("CLUSTERDOWN");
  }

  /// True for what a replica says that was asked as a primary.
  private static boolean demoted(JedisDataException error) {
    return String.valueOf(error.getMessage()).startsWith("READONLY");
  }

  /*
   * A server forgets ASKING after one command and takes no transaction for a slot that it is only about to get, so
   * there each command goes alone.
   */
  private static void send(Connection connection, Request request, boolean asking) {
    boolean transaction = request.commands().size() > 1 && !asking;
    if (transaction) {
      connection.sendCommand(Command.MULTI);
    }
    for (CommandArguments command : request.commands()) {
      if (asking) {
        connection.sendCommand(Command.ASKING);
      }
      connection.sendCommand(command);
    }
    if (transaction) {
      connection.sendCommand(Command.EXEC);
    }
  }

  /// The reply, or the error that came instead.
  private static @Nullable Object receive(Connection connection, Request request, boolean asking) {
    int commands = request.commands().size();
    boolean transaction = commands > 1 && !asking;
    if (transaction) {
      one(connection); // MULTI
    }
    List<@Nullable Object> replies = new ArrayList<>(commands);
    for (int i = 0; i < commands; i++) {
      if (asking) {
        one(connection);
      }
      replies.add(one(connection));
    }
    Object error = firstError(replies);
    if (transaction) {
      Object all = one(connection);
      if (error == null && all instanceof List<?> list) {
        error = firstError(list);
      }
      return error != null ? error : all;
    }
    return error != null ? error : commands == 1 ? replies.get(0) : replies;
  }

  private static @Nullable Object firstError(List<?> replies) {
    for (Object reply : replies) {
      if (reply instanceof JedisDataException) {
        return reply;
      }
    }
    return null;
  }

  private static @Nullable Object one(Connection connection) {
    try {
      return connection.getOne();
    } catch (JedisConnectionException e) {
      throw e;
    } catch (JedisDataException e) {
      return e;
    }
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(PAUSE_MILLIS << Math.min(attempt - 1, 3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("interrupted", "try again", e);
    }
  }
}
