package io.ringkeep.redis.command;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.ErrorReply;
import io.ringkeep.redis.Sockets;
import io.ringkeep.redis.resp.RespReader;
import io.ringkeep.redis.resp.RespWriter;
import io.ringkeep.redis.resp.Wire;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// One logged-in connection for many commands whose answers are not waited for one by one.
///
/// Whoever writes a command to [#out] says so by [#sent] and names who takes the answer. At most a
/// window of commands is on its way. Not for several threads at once.
public final class CommandPipe implements AutoCloseable {
  private static final int MOST_COMMANDS = 512;
  private static final long MOST_BYTES = 4 << 20;
  private static final int GATHERED_BYTES = 64 * 1024;

  private final Endpoint server;
  private final ConnectionOptions options;
  private final Wire wire;
  private final RespReader in;
  private final RespWriter out;
  private final Deque<Consumer<Answer>> waiting = new ArrayDeque<>();
  private long bytesOnTheirWay;

  private CommandPipe(Endpoint server, ConnectionOptions options, Wire wire) {
    this.server = server;
    this.options = options;
    this.wire = wire;
    this.in = new RespReader(wire);
    this.out = new RespWriter(wire, GATHERED_BYTES);
  }

  /// Connects and logs in.
  ///
  /// @throws Unavailable if nobody answers
  /// @throws AccessDenied if a password is missing or wrong
  public static CommandPipe open(Endpoint server, ConnectionOptions options) {
    Socket socket = Sockets.open(server, options);
    try {
      CommandPipe pipe =
          new CommandPipe(server, options, Wire.of(socket, options.commandTimeout()));
      try {
        pipe.logIn();
        return pipe;
      } catch (RuntimeException e) {
        pipe.close();
        throw e;
      }
    } catch (IOException e) {
      throw Sockets.failure(server, options, e);
    }
  }

  private void logIn() {
    if (options.password().isEmpty()) {
      return;
    }
    String password = options.password().get().reveal();
    if (options.user().isPresent()) {
      command(required("AUTH"), "AUTH", options.user().get(), password);
    } else {
      command(required("AUTH"), "AUTH", password);
    }
    flush();
  }

  /// The server at the other end.
  public Endpoint server() {
    return server;
  }

  /// Where commands are written to; [#sent] follows each.
  RespWriter out() {
    return out;
  }

  /// A whole command of text words.
  public void command(Consumer<Answer> taker, String... words) {
    try {
      out.command(words);
    } catch (IOException e) {
      throw lost(e);
    }
    sent(0, taker);
  }

  /// A whole command whose words are bytes.
  public void command(Consumer<Answer> taker, byte[]... words) {
    command(taker, 0, words);
  }

  /// As above.
  ///
  /// @param answerBytes about how long the answer may be
  public void command(Consumer<Answer> taker, long answerBytes, byte[]... words) {
    long bytes = answerBytes;
    try {
      out.array(words.length);
      for (byte[] word : words) {
        out.bulk(word);
        bytes += word.length;
      }
    } catch (IOException e) {
      throw lost(e);
    }
    sent(bytes, taker);
  }

  /// Says that a command was written, of about so many bytes; `taker` gets its answer.
  void sent(long bytes, Consumer<Answer> taker) {
    waiting.addLast(taker);
    bytesOnTheirWay += bytes;
    if (waiting.size() >= MOST_COMMANDS || bytesOnTheirWay >= MOST_BYTES) {
      takeAnswers(MOST_COMMANDS / 2);
    }
  }

  /// Sends what is gathered and takes all answers.
  ///
  /// @throws Unavailable if the server is lost
  public void flush() {
    takeAnswers(0);
  }

  private void takeAnswers(int downTo) {
    try {
      out.flush();
      // Bytes are not counted down by answer: after this they are about what the rest may hold.
      int most = bytesOnTheirWay >= MOST_BYTES ? 0 : downTo;
      while (waiting.size() > most) {
        Answer answer = Answer.read(in, options.commandTimeout());
        waiting.removeFirst().accept(answer);
      }
      bytesOnTheirWay = 0;
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /// The connection broke, or the server took too long.
  RuntimeException lost(IOException failure) {
    return Sockets.failure(server, options, failure);
  }

  /// Takes an answer that must be no error.
  public Consumer<Answer> required(String... command) {
    return answer -> {
      if (answer instanceof Answer.Failure(String reply)) {
        throw ErrorReply.of(server, options, List.of(command), reply);
      }
    };
  }

  @Override
  public void close() {
    wire.close();
  }
}
