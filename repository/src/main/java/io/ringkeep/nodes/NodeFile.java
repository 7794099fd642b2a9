package io.ringkeep.nodes;

import io.ringkeep.repository.json.Json;
import java.nio.ByteBuffer;

/// Which node of which set a place is: the checked document `NODE` on it, written once. A place
/// without it was wiped, or is not the one it is taken for.
///
/// @param nodeSet 32 hex digits that all nodes of a set share and no others
/// @param node id of the node
record NodeFile(int format, String nodeSet, String node) {
  static final String NAME = "NODE";
  static final int FORMAT = 1;

  static NodeFile read(ByteBuffer bytes) {
    return Json.readChecked(NAME, bytes, FORMAT, NodeFile.class);
  }

  ByteBuffer bytes() {
    return Json.writeChecked(this);
  }
}
