package io.ringkeep.restore;

import io.ringkeep.redis.command.Answer;
import io.ringkeep.redis.command.CommandPipe;
import java.util.function.Consumer;

/// A pipe that changes its database when it has to.
final class DatabasePipe {
  private final CommandPipe pipe;
  private final Consumer<Answer> selected;
  private int database;

  DatabasePipe(CommandPipe pipe) {
    this.pipe = pipe;
    this.selected = pipe.required("SELECT");
  }

  /// The pipe, whose next commands go to this database.
  CommandPipe in(int number) {
    if (number != database) {
      database = number;
      pipe.command(selected, "SELECT", Integer.toString(number));
    }
    return pipe;
  }

  CommandPipe pipe() {
    return pipe;
  }
}
