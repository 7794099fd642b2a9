package io.ringkeep.repository.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a segment says of itself.
///
/// @param replid history that its bytes belong to
/// @param start offset of its first byte
/// @param end offset behind its last byte
/// @param before state at `start`
/// @param after state at `end`
/// @param continues history that the segment before belongs to: another one after a failover; empty
///   if there is none before, at the beginning and behind a gap
/// @param chain digest of all that comes before in the stretch, in hex; zeros if nothing does
/// @param capturedFrom when its first byte had arrived, by the archiving host's clock
/// @param capturedUntil when its last byte had arrived, by the same
/// @param engine product and version of the server that sent it
/// @param links where the segments ended that this one was made of, its own end last; only that if
///   it is as it was first written
/// @param marks in order of offset; each is at `start` or behind it, and not behind `end`
public record Segment(
    String replid,
    long start,
    long end,
    StreamState before,
    StreamState after,
    Optional<String> continues,
    String chain,
    Instant capturedFrom,
    Instant capturedUntil,
    String engine,
    List<Long> links,
    List<Mark> marks) {
  public Segment {
    links = List.copyOf(links);
    marks = List.copyOf(marks);
    long reached = start;
    for (long link : links) {
      if (link <= reached) {
        throw new IllegalArgumentException("links are not in order: link=" + link);
      }
      reached = link;
    }
    if (reached != end) {
      throw new IllegalArgumentException("the last link is not the end: end=" + end);
    }
    for (Mark mark : marks) {
      if (mark.offset() < start || mark.offset() > end) {
        throw new IllegalArgumentException(
            "mark outside its segment: offset=%d start=%d end=%d"
                .formatted(mark.offset(), start, end));
      }
    }
  }

  /// Bytes of the stream in it.
  public long bytes() {
    return end - start;
  }
}
