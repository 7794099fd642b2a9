package io.ringkeep.cli.session;

import java.io.IOException;

/// A command: reads its options, calls core, renders what came back. Decides nothing itself.
public interface Verb {

  /// Does the work.
  ///
  /// @throws io.ringkeep.model.BackupException with the exit status and the next step
  /// @throws InterruptedException if a signal ended it; everything it held is given back then
  Answer run(Session session) throws IOException, InterruptedException;

  /// The next step after an interruption.
  default String afterInterruption() {
    return "nothing was changed; run it again";
  }
}
