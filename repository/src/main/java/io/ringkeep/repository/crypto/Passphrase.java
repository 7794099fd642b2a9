package io.ringkeep.repository.crypto;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.text.Normalizer;

/// What a person types to open a repository. Normalised (NFC), so that every keyboard types the
/// same.
public final class Passphrase {
  private final String text;

  private Passphrase(String text) {
    this.text = text;
  }

  /// The passphrase in this text.
  ///
  /// @throws InvalidRequest if it is empty
  public static Passphrase of(String text) {
    if (text.isEmpty()) {
      throw new InvalidRequest("passphrase is empty", "choose one of at least a few words");
    }
    return new Passphrase(Normalizer.normalize(text, Normalizer.Form.NFC));
  }

  char[] characters() {
    return text.toCharArray();
  }

  @Override
  public String toString() {
    return "***";
  }
}
