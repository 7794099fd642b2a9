package io.ringkeep.nodes;

/// Where the bytes of an object of known length lie in its pieces; see [PieceFormat].
///
/// @param data number of data pieces
/// @param objectBytes length of the object
record PieceLayout(int data, long objectBytes) {
  /// How many units of a piece are read at once, a mebibyte: each read waits for a round trip.
  static final int UNITS_AT_ONCE = 16;

  /// Number of stripes.
  long stripes() {
    return Math.ceilDiv(objectBytes, stripeBytes());
  }

  /// Bytes of the object in a whole stripe.
  long stripeBytes() {
    return (long) data * PieceFormat.UNIT_BYTES;
  }

  /// Bytes of the object in stripe `stripe`.
  int bytesIn(long stripe) {
    return (int) Math.min(stripeBytes(), objectBytes - stripe * stripeBytes());
  }

  /// Length of each unit of stripe `stripe`.
  int unitBytes(long stripe) {
    return Math.ceilDiv(bytesIn(stripe), data);
  }

  /// Where in its piece a unit of stripe `stripe` begins.
  static long unitOffset(long stripe) {
    return PieceFormat.HEADER_BYTES
        + stripe * (PieceFormat.UNIT_BYTES + (long) PieceFormat.CRC_BYTES);
  }

  /// Length of a piece.
  long pieceBytes() {
    long stripes = stripes();
    long units =
        stripes == 0
            ? 0
            : unitOffset(stripes - 1)
                + unitBytes(stripes - 1)
                + PieceFormat.CRC_BYTES
                - PieceFormat.HEADER_BYTES;
    return PieceFormat.HEADER_BYTES + units + PieceFormat.TRAILER_BYTES;
  }
}
