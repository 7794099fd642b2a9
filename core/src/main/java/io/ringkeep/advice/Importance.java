package io.ringkeep.advice;

/// How much it would hurt if the data were gone, in the word of whoever asks.
public enum Importance {
  /// It can be made again: the last good state is enough.
  LOW(0, Retention.FEW),
  /// It would hurt: one loss of storage is survived, a week is kept.
  NORMAL(1, Retention.WEEK),
  /// It must not happen: two losses are survived, months are kept.
  HIGH(2, Retention.MONTHS);

  private final int losses;
  private final Retention retention;

  Importance(int losses, Retention retention) {
    this.losses = losses;
    this.retention = retention;
  }

  /// Storage nodes that may be lost at once.
  public int losses() {
    return losses;
  }

  /// How long snapshots should be kept, where there is room for it.
  public Retention retention() {
    return retention;
  }
}
