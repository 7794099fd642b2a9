package io.ringkeep.placement;

import io.ringkeep.model.Slot;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How an object becomes pieces, and how many of them may be lost.
///
/// `toString` is what [#parse] reads.
public sealed interface Strategy {
  /// Number of pieces of an object, each on the node that its position names.
  int width();

  /// Number of pieces that are enough to have the object back.
  int dataPieces();

  /// Number of pieces that must be written for a write to count: all data pieces and half of the
  /// others, rounded up, so that one loss right after it costs nothing; copies need a majority.
  int commitPieces();

  /// Bytes stored for each byte of an object, once all pieces are written.
  double storedFactor();

  /// Number of pieces, whichever they are, that may be lost without losing data.
  default int toleratedLosses() {
    return width() - dataPieces();
  }

  /// The sharded strategy, in the textbook divide(key, size): the ring of positions is cut into
  /// `shards` contiguous ranges and each is stored once. What one node held is lost with it.
  ///
  /// @param shards number of ranges, 1 to 16384
  record Sharded(int shards) implements Strategy {
    public Sharded {
      require(shards >= 1 && shards <= Slot.COUNT, "shard:N has N between 1 and 16384", shards);
    }

    @Override
    public int width() {
      return shards;
    }

    @Override
    public int dataPieces() {
      return shards;
    }

    @Override
    public int commitPieces() {
      return shards;
    }

    @Override
    public double storedFactor() {
      return 1;
    }

    @Override
    public String toString() {
      return "shard:" + shards;
    }
  }

  /// The replicated strategy, in the textbook copy(key, num): whole copies on distinct nodes.
  ///
  /// @param copies number of copies, 1 to 16
  record Copies(int copies) implements Strategy {
    public Copies {
      require(copies >= 1 && copies <= 16, "copy:N has N between 1 and 16", copies);
    }

    @Override
    public int width() {
      return copies;
    }

    @Override
    public int dataPieces() {
      return 1;
    }

    @Override
    public int commitPieces() {
      return copies / 2 + 1;
    }

    @Override
    public double storedFactor() {
      return copies;
    }

    @Override
    public String toString() {
      return "copy:" + copies;
    }
  }

  /// Erasure coding: `data` pieces and `parity` pieces on distinct nodes; any `data` of them
  /// rebuild the object.
  ///
  /// @param data K, at least 2: with one there would be copies
  /// @param parity M, at least 1; K + M is at most 64
  record Erasure(int data, int parity) implements Strategy {
    public Erasure {
      require(data >= 2, "erasure:K+M has K of 2 or more, for K=1 use copy:N", data);
      require(parity >= 1, "erasure:K+M has M of 1 or more", parity);
      require(data + parity <= 64, "erasure:K+M has K+M of 64 or less", data + parity);
    }

    @Override
    public int width() {
      return data + parity;
    }

    @Override
    public int dataPieces() {
      return data;
    }

    @Override
    public int commitPieces() {
      return data + (parity + 1) / 2;
    }

    @Override
    public double storedFactor() {
      return (double) width() / data;
    }

    @Override
    public String toString() {
      return "erasure:" + data + "+" + parity;
    }
  }

  /// Reads `shard:6`, `copy:3` or `erasure:4+2`.
  ///
  /// @throws IllegalArgumentException if it is none of them, or the numbers are out of range
  static Strategy parse(String text) {
    Matcher match =
        Pattern.compile("(shard|copy):([0-9]{1,5})|erasure:([0-9]{1,5})\\+([0-9]{1,5})")
            .matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no strategy: write shard:N, copy:N or erasure:K+M");
    }
    if (match.group(1) == null) {
      return new Erasure(Integer.parseInt(match.group(3)), Integer.parseInt(match.group(4)));
    }
    int count = Integer.parseInt(match.group(2));
    return match.group(1).equals("shard") ? new Sharded(count) : new Copies(count);
  }

  private static void require(boolean holds, String rule, int given) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ": given=" + given);
    }
  }
}
