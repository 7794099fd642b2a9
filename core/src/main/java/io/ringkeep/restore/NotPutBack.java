package io.ringkeep.restore;

import java.util.ArrayList;
import java.util.List;

/// Rides on the failure of a restore, as suppressed: something that the restore changed elsewhere
/// for its own sake, and could not put back. A person has to.
public final class NotPutBack extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotPutBack(String sentence) {
    super(sentence, null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
  }

  /// What was left behind by the run that ended with `failure`: a sentence for each, with what to
  /// do.
  public static List<String> sentences(Throwable failure) {
    List<String> sentences = new ArrayList<>();
    for (Throwable suppressed : failure.getSuppressed()) {
      if (suppressed instanceof NotPutBack left) {
        sentences.add(String.valueOf(left.getMessage()));
      }
    }
    return sentences;
  }
}
