package io.ringkeep.restore;

import io.ringkeep.model.BackupException;
import io.ringkeep.redis.ServerConnection;
import io.ringkeep.redis.ServerError;
import io.ringkeep.task.Progress;
import io.ringkeep.task.Shielded;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One setting of a target, changed for the time of a load and put back when this is closed.
final class TargetSettings implements AutoCloseable {
  private final ServerConnection server;
  private final String name;
  private final Optional<String> before;
  private final Consumer<String> left;

  private TargetSettings(
      ServerConnection server, String name, Optional<String> before, Consumer<String> left) {
    this.server = server;
    this.name = name;
    this.before = before;
    this.left = left;
  }

  /// Sets `name` to `value`, or says why it stays as it is: `without` is what that means for the
  /// load.
  ///
  /// @param left told what could not be put back
  static TargetSettings set(
      ServerConnection server,
      String name,
      String value,
      String without,
      Progress progress,
      Consumer<String> left) {
    try {
      Map<String, String> current = server.textMap("CONFIG", "GET", name);
      String before = current.get(name);
      if (before == null || before.equals(value)) {
        return new TargetSettings(server, name, Optional.empty(), left);
      }
      server.command("CONFIG", "SET", name, value);
      return new TargetSettings(server, name, Optional.of(before), left);
    } catch (BackupException.AccessDenied | ServerError e) {
      progress.note(
          "%s can't be set to %s on %s: %s (%s)"
              .formatted(name, value, server.endpoint(), without, e.getMessage()));
      return new TargetSettings(server, name, Optional.empty(), left);
    }
  }

  @Override
  public void close() {
    before.ifPresent(value -> Shielded.run(() -> putBack(value)));
  }

  private void putBack(String value) {
    try (ServerConnection again = ServerConnection.open(server.endpoint(), server.options())) {
      again.command("CONFIG", "SET", name, value);
    } catch (BackupException | ServerError e) {
      left.accept(
          "a setting could not be put back on %s: CONFIG SET %s %s (%s)"
              .formatted(server.endpoint(), name, value, e.getMessage()));
    }
  }
}
