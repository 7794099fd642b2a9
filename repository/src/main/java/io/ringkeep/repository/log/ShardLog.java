package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// The log of one shard, as it lies in the repository. Safe for any number of threads.
public final class ShardLog {
  private static final String GAPS = "gaps/";
  private static final String STARTS = "starts/";
  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ObjectStore store;
  private final SealedObjects objects;
  private final String cache;
  private final String shard;
  private final LogMerge merge;

  // Segments that were found damaged, and how: from then on they count as missing.
  private final Map<SegmentName, String> damaged = new ConcurrentHashMap<>();
  private final AtomicInteger found = new AtomicInteger();

  /// The log of `shard` in `cache`.
  public ShardLog(ObjectStore store, SealedObjects objects, String cache, String shard) {
    this.store = store;
    this.objects = objects;
    this.cache = cache;
    this.shard = shard;
    this.merge = new LogMerge(objects, this::segment, this::noted, damaged::remove);
  }

  /// Directory of a cache's logs.
  public static String directory(String cache) {
    return SegmentName.directory(cache);
  }

  /// Shards of a cache that have a log, sorted.
  public static List<String> shards(ObjectStore store, String cache) throws IOException {
    String directory = directory(cache);
    return store.list(directory).stream()
        .map(object -> object.key().substring(directory.length()).split("/", 2)[0])
        .distinct()
        .toList();
  }

  /// Its name.
  public String shard() {
    return shard;
  }

  /// Its stretches, oldest first: those that nothing continues. A segment that was found damaged is
  /// missing in them.
  public List<Stretch> stretches() throws IOException {
    return listed().stretches();
  }

  /// What of the log is kept.
  ///
  /// @param stretches oldest first
  /// @param gaps what was declared missing, oldest first, as far as something before it is kept
  /// @param start from where on it is kept, if anything of it was forgotten
  public record Contents(List<Stretch> stretches, List<Gap> gaps, Optional<LogStart> start) {}

  /// All of that, by one look.
  ///
  /// @throws CorruptData if a record of a gap or of the start is damaged
  public Contents contents() throws IOException {
    Listed listed = listed();
    List<Gap> gaps = new ArrayList<>();
    for (ObjectInfo object : listed.gaps()) {
      gaps.add(gap(object));
    }
    gaps.removeIf(gap -> listed.start().forgets(gap.fromReplid(), gap.fromOffset()));
    return new Contents(
        listed.stretches(),
        gaps,
        listed.start().histories().isEmpty() ? Optional.empty() : Optional.of(listed.start()));
  }

  /// What one listing of the log has shown.
  ///
  /// @param start from where on it is kept
  /// @param segments those that are
  /// @param gaps records of all that was declared missing
  /// @param stretches of the segments that are not known to be damaged
  private record Listed(
      LogStart start,
      Map<SegmentName, ObjectInfo> segments,
      List<ObjectInfo> gaps,
      List<Stretch> stretches) {}

  private Listed listed() throws IOException {
    List<ObjectInfo> all = store.list(SegmentName.directory(cache, shard));
    LogStart start = LogStart.NONE;
    for (LogStart one : starts(all).values()) {
      start = start.with(one);
    }
    Map<SegmentName, ObjectInfo> kept = segments(all);
    kept.keySet().removeIf(start::forgets);
    return new Listed(start, kept, below(GAPS, all), stretches(kept.keySet(), start));
  }

  private List<Stretch> stretches(Set<SegmentName> names, LogStart start) throws IOException {
    while (true) {
      int known = found.get();
      try {
        return new Stretches(this::segment, names, start, damaged).all();
      } catch (CorruptData e) {
        if (found.get() == known) {
          throw e;
        }
      }
    }
  }

  /// How many segments were found damaged so far. When it has grown, another look tells more.
  public int damaged() {
    return found.get();
  }

  /// Whether anything is known to be damaged that these stretches do not have in other segments.
  public boolean isDamaged(List<Stretch> stretches) {
    return !damages(stretches).isEmpty();
  }

  private List<String> damages(List<Stretch> stretches) {
    return damaged.entrySet().stream()
        .filter(entry -> stretches.stream().noneMatch(stretch -> holds(stretch, entry.getKey())))
        .map(Map.Entry::getValue)
        .sorted()
        .toList();
  }

  private static boolean holds(Stretch stretch, SegmentName name) {
    return stretch.names().stream().noneMatch(name::equals)
        && stretch.holds(name.replid(), name.start())
        && stretch.holds(name.replid(), name.end());
  }

  /// What was found damaged between two offsets, in words.
  public Optional<String> damageBetween(long from, long to) {
    return damaged.entrySet().stream()
        .filter(entry -> entry.getKey().start() < to && entry.getKey().end() > from)
        .map(entry -> Stretches.damaged(entry.getValue()))
        .findFirst();
  }

  /// What is missing or was found damaged between these stretches and behind them, in words.
  public List<String> holes(List<Stretch> stretches) {
    List<String> holes = new ArrayList<>(stretches.stream().map(Stretch::hole).toList());
    holes.removeIf(String::isEmpty);
    damages(stretches).stream()
        .filter(damage -> holes.stream().noneMatch(hole -> hole.contains(damage)))
        .forEach(damage -> holes.add(Stretches.damaged(damage)));
    return holes;
  }

  private List<ObjectInfo> below(String kind, List<ObjectInfo> all) {
    String directory = SegmentName.directory(cache, shard) + kind;
    return all.stream().filter(object -> object.key().startsWith(directory)).toList();
  }

  private Map<SegmentName, ObjectInfo> segments(List<ObjectInfo> all) {
    String directory = SegmentName.directory(cache, shard);
    Map<SegmentName, ObjectInfo> segments = new LinkedHashMap<>();
    for (ObjectInfo object : all) {
      String rest = object.key().substring(directory.length());
      if (!rest.startsWith(GAPS) && !rest.startsWith(STARTS)) {
        segments.put(SegmentName.parse(cache, shard, rest), object);
      }
    }
    return segments;
  }

  private Map<ObjectInfo, LogStart> starts(List<ObjectInfo> all) throws IOException {
    Map<ObjectInfo, LogStart> starts = new LinkedHashMap<>();
    for (ObjectInfo object : below(STARTS, all)) {
      starts.put(
          object,
          Json.read(
              object.key(),
              objects.read(object.key(), ObjectKind.LOG_START),
              LogStart.FORMAT,
              LogStart.class));
    }
    return starts;
  }

  /// What of it is before these stretches' bases, or in none of these stretches.
  public Optional<LogTrim> trim(List<LogTrim.Kept> kept, Instant now) throws IOException {
    Listed listed = listed();
    return LogTrim.of(listed.start(), listed.segments(), listed.stretches(), kept, now);
  }

  /// Forgets what is before `start`; nothing is deleted. The caller holds the cache's lease.
  public void forget(LogStart start) throws IOException {
    objects.write(name(STARTS, start.time()), ObjectKind.LOG_START, Json.write(start));
  }

  /// What was forgotten and lies here still.
  ///
  /// @param grace how long it must have been forgotten; with none, whatever the clock says
  public ForgottenLog forgotten(Instant now, Duration grace) throws IOException {
    List<ObjectInfo> all = store.list(SegmentName.directory(cache, shard));
    Map<ObjectInfo, LogStart> starts = starts(all);
    LogStart due = LogStart.NONE;
    LogStart every = LogStart.NONE;
    for (LogStart start : starts.values()) {
      every = every.with(start);
      due = isDue(start, now, grace) ? due.with(start) : due;
    }
    List<ObjectInfo> deletable = new ArrayList<>();
    List<ObjectInfo> waiting = new ArrayList<>();
    for (Map.Entry<SegmentName, ObjectInfo> segment : segments(all).entrySet()) {
      if (due.forgets(segment.getKey())) {
        deletable.add(segment.getValue());
      } else if (every.forgets(segment.getKey())) {
        waiting.add(segment.getValue());
      }
    }
    for (ObjectInfo object : below(GAPS, all)) {
      Gap gap = gap(object);
      if (due.forgets(gap.fromReplid(), gap.fromOffset())) {
        deletable.add(object);
      }
    }
    // Another one says all that these say.
    starts.forEach((object, start) -> {
      boolean said =
          starts.entrySet().stream()
              .anyMatch(other ->
                  other.getValue().time().isAfter(start.time())
                      && other.getValue().with(start).equals(other.getValue()));
      if (said && isDue(start, now, grace)) {
        deletable.add(object);
      }
    });
    return new ForgottenLog(
        shard, deletable, waiting, waiting.isEmpty() ? Instant.EPOCH : every.time().plus(grace));
  }

  private static boolean isDue(LogStart start, Instant now, Duration grace) {
    // A clock that jumped back makes it wait longer, never shorter.
    return grace.isZero() || !now.isBefore(start.time().plus(grace));
  }

  /// What a segment says of itself.
  ///
  /// @throws CorruptData if it is missing or its head is damaged
  public Segment segment(SegmentName name) throws IOException {
    try {
      return SegmentInput.open(objects, name).segment();
    } catch (CorruptData e) {
      throw noted(name, e);
    }
  }

  /// The marks of a segment; none if its head is damaged.
  public List<Mark> marks(SegmentName name) throws IOException {
    try {
      return segment(name).marks();
    } catch (CorruptData _) {
      return List.of();
    }
  }

  private synchronized CorruptData noted(SegmentName name, CorruptData e) {
    if (damaged.put(name, String.valueOf(e.getMessage())) == null) {
      found.incrementAndGet();
    }
    return e;
  }

  /// Of the segments behind `offset`, those that are damaged: what is written from there on takes
  /// their place.
  private Set<SegmentName> replacedFrom(long offset) {
    return damaged.keySet().stream()
        .filter(name -> name.start() >= offset)
        .collect(Collectors.toSet());
  }

  /// Reads all of it.
  public LogVerification verify() throws IOException {
    // Damaged ones are looked at as well: another look may say something else.
    return LogVerification.of(store, objects, stretches(), damaged);
  }

  /// Where a stretch ends. Its last segment is read and compared.
  ///
  /// @throws CorruptData if that is damaged
  public LogEnd end(Stretch stretch) throws IOException {
    SegmentName name = stretch.names().getLast();
    try {
      SegmentInput last = SegmentInput.open(objects, name);
      String chain = last.readToTheEnd();
      Segment segment = last.segment();
      return new LogEnd(segment.replid(), segment.end(), segment.after(), chain);
    } catch (CorruptData e) {
      throw noted(name, e);
    }
  }

  /// Reads a stretch from a segment's start on.
  ///
  /// @param offset reading begins with the segment that holds it, at or before it
  public StretchReader read(Stretch stretch, long offset) throws IOException {
    return StretchReader.open(objects, this::noted, stretch, offset);
  }

  /// A writer that goes on where `end` is.
  public LogWriter resume(LogEnd end) {
    return LogWriter.resume(
        objects, cache, shard, replacedFrom(end.offset()), damaged::remove, end);
  }

  /// A writer that begins a stretch.
  public LogWriter begin(String replid, long offset, StreamState state) {
    return LogWriter.begin(
        objects, cache, shard, replacedFrom(offset), damaged::remove, replid, offset, state);
  }

  /// A writer that begins a stretch behind all that there are.
  public LogWriter beginBehind(String replid, long offset, StreamState state) throws IOException {
    while (true) {
      int known = found.get();
      Instant last = Instant.EPOCH;
      for (Stretch stretch : stretches()) {
        try {
          Instant until = segment(stretch.names().getLast()).capturedUntil();
          last = until.isAfter(last) ? until : last;
        } catch (CorruptData _) {
          // The one before it says so, when looked at again.
        }
      }
      if (found.get() == known) {
        return LogWriter.beginBehind(
            objects,
            cache,
            shard,
            replacedFrom(offset),
            damaged::remove,
            last,
            replid,
            offset,
            state);
      }
    }
  }

  /// Stores runs of small segments again as larger ones, one of each stretch, and deletes those
  /// that have been in a larger one for a while. For one thread, under the shard's lease.
  ///
  /// @param undisturbed whether nobody holds a read lease
  /// @return how many were made
  public int merge(boolean undisturbed, Instant now) throws IOException {
    int made = 0;
    Listed listed = listed();
    List<SegmentName> names = List.copyOf(listed.segments().keySet());
    List<Stretch> stretches = listed.stretches();
    for (Stretch stretch : stretches) {
      int known = found.get();
      try {
        made += merge.merge(stretch) ? 1 : 0;
      } catch (CorruptData e) {
        // The next time it is two stretches, which are merged each for itself.
        if (found.get() == known) {
          throw e;
        }
      }
    }
    if (undisturbed) {
      for (SegmentName name : merge.deletable(names, listed().stretches(), now)) {
        store.delete(name.key());
      }
    }
    return made;
  }

  /// Declares that bytes are missing.
  public void declare(Gap gap) throws IOException {
    objects.write(name(GAPS, gap.time()), ObjectKind.LOG_GAP, Json.write(gap));
  }

  private String name(String kind, Instant time) {
    return "%s%s%s-%s.json"
        .formatted(
            SegmentName.directory(cache, shard),
            kind,
            NAME_TIME.format(time),
            UUID.randomUUID().toString().substring(0, 8));
  }

  private Gap gap(ObjectInfo object) throws IOException {
    return Json.read(
        object.key(), objects.read(object.key(), ObjectKind.LOG_GAP), Gap.FORMAT, Gap.class);
  }
}
