package io.ringkeep.nodes;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which part of which object a piece is; its key on a node says so.
///
/// `<object>.p1` is the whole object, one of any number of copies; `<object>.p4-2.5` is the sixth
/// of 4 data and 2 parity pieces.
///
/// @param object key of the object
/// @param data number of pieces that its bytes are split into, 1–255
/// @param parity number of pieces computed from them; 0 if `data` is 1
/// @param index of this one: data pieces first, in order
record PieceName(String object, int data, int parity, int index) {
  private static final Pattern KEY =
      Pattern.compile("(.+)\\.p(?:1|([0-9]{1,3})-([0-9]{1,3})\\.([0-9]{1,3}))");

  PieceName {
    if (data < 1
        || parity < 0
        || index < 0
        || index >= data + parity
        || (data == 1 && parity > 0)) {
      throw new IllegalArgumentException(
          "no such piece: data=%d parity=%d index=%d".formatted(data, parity, index));
    }
  }

  /// The whole of an object.
  static PieceName whole(String object) {
    return new PieceName(object, 1, 0, 0);
  }

  /// What a key on a node names, if it names a piece.
  static Optional<PieceName> parse(String key) {
    Matcher matcher = KEY.matcher(key);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group(2) == null) {
      return Optional.of(whole(matcher.group(1)));
    }
    try {
      return Optional.of(
          new PieceName(
              matcher.group(1),
              Integer.parseInt(matcher.group(2)),
              Integer.parseInt(matcher.group(3)),
              Integer.parseInt(matcher.group(4))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The same object's piece with another index.
  PieceName withIndex(int other) {
    return new PieceName(object, data, parity, other);
  }

  /// Its key on a node.
  String key() {
    return data == 1 ? object + ".p1" : object + ".p" + data + "-" + parity + "." + index;
  }
}
