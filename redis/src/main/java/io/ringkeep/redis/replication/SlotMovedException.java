package io.ringkeep.redis.replication;

/// A cluster's server does not own the slot of a record that was sent to it: the plan of who owns
/// what is out of date, and what was sent there since has to be sent again by a new one.
public final class SlotMovedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int slot;
  private final String owner;
  private final boolean migrating;

  SlotMovedException(String server, int slot, String owner, boolean migrating) {
    super("slot is served elsewhere: server=%s slot=%d owner=%s".formatted(server, slot, owner));
    this.slot = slot;
    this.owner = owner;
    this.migrating = migrating;
  }

  /// The slot of the first record that was refused.
  public int slot() {
    return slot;
  }

  /// Who serves it, as `host:port`; the host is empty where the server does not say.
  public String owner() {
    return owner;
  }

  /// True if the slot is on its way (`ASK`, `TRYAGAIN`) and not yet there.
  public boolean migrating() {
    return migrating;
  }
}
