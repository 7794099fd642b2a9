package io.ringkeep.repository.object;

/// What an object holds. Readers name the kind they expect; another one is damage.
public enum ObjectKind {
  /// Blocks of a run.
  RUN_DATA(1),
  /// The block index of a run.
  RUN_INDEX(2),
  /// A snapshot's manifest.
  MANIFEST(3),
  /// A record of the ledger.
  LEDGER(4),
  /// What a verification or a drill found.
  PROOF(5),
  /// A part of a shard's command stream.
  LOG_SEGMENT(6),
  /// What is missing in a shard's command stream.
  LOG_GAP(7),
  /// Which shard of a cluster served which slots.
  SLOT_MAP(8),
  /// From where on a shard's command stream is kept.
  LOG_START(9);

  private final int code;

  ObjectKind(int code) {
    this.code = code;
  }

  /// The number in the object's header.
  public int code() {
    return code;
  }
}
