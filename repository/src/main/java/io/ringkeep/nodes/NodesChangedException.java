package io.ringkeep.nodes;

import java.io.IOException;

/// Nodes were added, drained or removed since a store of nodes was opened: opened anew, it knows.
public final class NodesChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  NodesChangedException() {
    super("the nodes were changed while this ran: nothing more is committed, run it again");
  }
}
