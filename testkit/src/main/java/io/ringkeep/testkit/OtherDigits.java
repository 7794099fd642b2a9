package io.ringkeep.testkit;

import java.util.Locale;

/// Makes the user's language one whose digits are others, until it is closed. That is the whole
/// JVM's: a test that does so runs by itself.
public final class OtherDigits implements AutoCloseable {
  private static final Locale PERSIAN = Locale.forLanguageTag("fa-IR");

  private final Locale before = Locale.getDefault();

  private OtherDigits() {}

  /// Throws [IllegalStateException] if this JVM writes the usual digits all the same.
  public static OtherDigits begin() {
    OtherDigits digits = new OtherDigits();
    Locale.setDefault(PERSIAN);
    if ("%d".formatted(1).equals("1")) {
      digits.close();
      throw new IllegalStateException("this JVM knows no other digits: locale=" + PERSIAN);
    }
    return digits;
  }

  @Override
  public void close() {
    Locale.setDefault(before);
  }
}
