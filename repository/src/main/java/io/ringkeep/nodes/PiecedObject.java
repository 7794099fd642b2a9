package io.ringkeep.nodes;

import io.ringkeep.erasure.ErasureCode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// An object that lies in pieces, open for reading. Thread-safe.
final class PiecedObject {
  /*
   * What is wanted is asked for first. A piece that fails, or is late, is made up for: with copies by another copy,
   * else by any K pieces, from which the wanted ones are computed. Neighbouring stripes are fetched with one read a
   * piece.
   */

  /// After this long without an answer another piece is asked for beside.
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final String name;
  private final PieceLayout layout;
  private final long upload;
  // By index of their piece.
  private final List<ByteBuffer> headers;
  private final List<PieceSource> sources;
  private final ErasureCode code;
  private final ExecutorService executor;
  private final ReadReport report;

  /// @param sources with K = 1 all copies, else one for each piece
  PiecedObject(
      String name,
      String nodeSet,
      StoredPiece.Opened opened,
      List<PieceSource> sources,
      ErasureCode code,
      ExecutorService executor,
      ReadReport report) {
    this.name = name;
    this.layout = opened.layout();
    this.upload = opened.upload();
    this.sources = sources;
    this.code = code;
    this.executor = executor;
    this.report = report;
    PieceName first = sources.getFirst().piece();
    this.headers =
        IntStream.range(0, first.data() + first.parity())
            .mapToObj(i -> PieceFormat.header(first.withIndex(i), nodeSet, upload))
            .toList();
  }

  /// The upload whose pieces are read.
  long upload() {
    return upload;
  }

  long length() {
    return layout.objectBytes();
  }

  /// Reads from `offset` on until `into` is full.
  ///
  /// @throws EOFException if the object ends before
  /// @throws IOException if too few pieces are left
  void read(long offset, ByteBuffer into) throws IOException {
    if (offset < 0 || offset + into.remaining() > length()) {
      throw new EOFException("object ends at " + length() + ": " + name);
    }
    long at = offset;
    while (into.hasRemaining()) {
      long first = at / layout.stripeBytes();
      long last =
          Math.min(
              (at + into.remaining() - 1) / layout.stripeBytes(),
              first + PieceLayout.UNITS_AT_ONCE - 1);
      at += copy(load(first, last, wanted(at, at + into.remaining(), first, last)), at, into);
    }
  }

  /// The data pieces that bytes `start`, inclusive, to `end`, exclusive, touch.
  private Set<Integer> wanted(long start, long end, long first, long last) {
    int from = 0;
    int to = layout.data() - 1;
    if (first == last) {
      long stripeStart = first * layout.stripeBytes();
      int unit = layout.unitBytes(first);
      from = (int) ((start - stripeStart) / unit);
      to = (int) Math.min(to, (end - 1 - stripeStart) / unit);
    }
    Set<Integer> wanted = new HashSet<>();
    for (int i = from; i <= to; i++) {
      wanted.add(i);
    }
    return wanted;
  }

  /// Units of the stripes from `first` to `last`.
  ///
  /// @param units by index of their piece
  private record Range(long first, long last, Map<Integer, ByteBuffer> units) {
    ByteBuffer unit(int index, long stripe, int bytes) {
      ByteBuffer piece = units.get(index);
      if (piece == null) {
        throw new IllegalStateException("unit was not asked for: index=" + index);
      }
      return piece.slice(offset(stripe), bytes);
    }

    int offset(long stripe) {
      return (int) (PieceLayout.unitOffset(stripe) - PieceLayout.unitOffset(first));
    }
  }

  private int copy(Range range, long start, ByteBuffer into) {
    long at = start;
    while (into.hasRemaining() && at < (range.last() + 1) * layout.stripeBytes()) {
      long stripe = at / layout.stripeBytes();
      int unit = layout.unitBytes(stripe);
      int inStripe = (int) (at - stripe * layout.stripeBytes());
      int index = inStripe / unit;
      int inUnit = inStripe % unit;
      int count = Math.min(unit - inUnit, into.remaining());
      into.put(range.unit(index, stripe, unit).slice(inUnit, count));
      at += count;
    }
    return (int) (at - start);
  }

  private record Answer(
      PieceSource source, @Nullable ByteBuffer units, @Nullable IOException failure) {}

  private Range load(long first, long last, Set<Integer> wanted) throws IOException {
    List<PieceSource> spare = cheapestFirst();
    Map<Integer, ByteBuffer> done = new TreeMap<>();
    BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    List<Future<?>> asked = new ArrayList<>();
    List<IOException> failures = new ArrayList<>();
    Set<PieceSource> waiting = new HashSet<>();
    try {
      for (PieceSource source : firstAsked(spare, wanted)) {
        spare.remove(source);
        asked.add(executor.submit(() -> answers.add(ask(source, first, last))));
        waiting.add(source);
      }
      while (!done.keySet().containsAll(wanted) && done.size() < layout.data()) {
        @Nullable Answer answer =
            waiting.isEmpty() ? null : answers.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (answer != null && answer.units() != null) {
          waiting.remove(answer.source());
          done.put(answer.source().index(), answer.units());
          continue;
        }
        if (answer != null && answer.failure() != null) {
          waiting.remove(answer.source());
          failures.add(answer.failure());
        }
        if (answer == null) {
          waiting.forEach(source -> {
            source.node().late();
            report.slow(source.node());
          });
        }
        // Someone failed or is late: as many others as make K.
        int missing = Math.max(1, layout.data() - done.size() - waiting.size());
        for (int i = 0; i < missing && !spare.isEmpty(); i++) {
          PieceSource source = spare.removeFirst();
          asked.add(executor.submit(() -> answers.add(ask(source, first, last))));
          waiting.add(source);
        }
        if (waiting.isEmpty()) {
          throw lost(failures, done.size());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while pieces were read");
    } finally {
      asked.forEach(future -> future.cancel(/* mayInterruptIfRunning= */ true));
    }
    Range range = new Range(first, last, done);
    if (!done.keySet().containsAll(wanted)) {
      rebuild(range, wanted);
    }
    return range;
  }

  /// Costs change meanwhile: each is looked at once.
  private List<PieceSource> cheapestFirst() {
    record Priced(PieceSource source, int cost) {}
    return new ArrayList<>(
        sources.stream()
            .map(source -> new Priced(source, source.cost()))
            .sorted(Comparator.comparingInt(Priced::cost))
            .map(Priced::source)
            .toList());
  }

  private Answer ask(PieceSource source, long first, long last) {
    try {
      return new Answer(
          source, source.units(headers.get(source.index()), layout, first, last), null);
    } catch (IOException e) {
      return new Answer(source, null, e);
    }
  }

  /// The data pieces that are wanted, unless as many nearer ones stand for them.
  private List<PieceSource> firstAsked(List<PieceSource> cheapestFirst, Set<Integer> wanted) {
    if (layout.data() == 1) {
      return List.of(cheapestFirst.getFirst());
    }
    List<PieceSource> direct =
        cheapestFirst.stream().filter(source -> wanted.contains(source.index())).toList();
    List<PieceSource> nearest = cheapestFirst.subList(0, layout.data());
    boolean far = direct.stream().anyMatch(source -> source.cost() > 1);
    boolean nearestIsNear = nearest.stream().allMatch(source -> source.cost() <= 1);
    return List.copyOf(far && nearestIsNear ? nearest : direct);
  }

  private void rebuild(Range range, Set<Integer> wanted) {
    int all = sources.size();
    for (int index : wanted) {
      if (!range.units().containsKey(index)) {
        int end = range.offset(range.last()) + layout.unitBytes(range.last());
        range.units().put(index, ByteBuffer.allocateDirect(end + PieceFormat.CRC_BYTES));
        report.rebuilt(end);
        Set<Integer> present = new HashSet<>(range.units().keySet());
        present.remove(index);
        for (long stripe = range.first(); stripe <= range.last(); stripe++) {
          int unit = layout.unitBytes(stripe);
          @Nullable ByteBuffer[] pieces = new ByteBuffer[all];
          @Nullable ByteBuffer[] into = new ByteBuffer[all];
          for (int piece : present) {
            pieces[piece] = range.unit(piece, stripe, unit);
          }
          into[index] = range.unit(index, stripe, unit);
          code.rebuild(pieces, into);
        }
      }
    }
  }

  private TooFewPieces lost(List<IOException> failures, int left) {
    TooFewPieces lost =
        new TooFewPieces(
            "too few pieces are left: object=%s pieces=%d needed=%d"
                .formatted(name, left, layout.data()));
    failures.forEach(lost::addSuppressed);
    return lost;
  }

  /// Whether enough pieces of it answer, by their headers, for the whole of it to be read.
  boolean readable() {
    List<Boolean> there = Together.run(sources, executor, this::present);
    return there.stream().filter(present -> present).count() >= layout.data();
  }

  private boolean present(PieceSource source) {
    try {
      return source.open().filter(opened -> opened.upload() == upload).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /// Of an object not enough is left, or not enough answers.
  static final class TooFewPieces extends IOException {
    private static final long serialVersionUID = 1L;

    TooFewPieces(String message) {
      super(message);
    }
  }
}
