package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// The log of one shard, as it lies in the repository. Safe for any number of threads.
public final class ShardLog {
  private static final String GAPS = "gaps/";
  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ObjectStore store;
  private final SealedObjects objects;
  private final String cache;
  private final String shard;
  private final LogMerge merge;

  /// The log of `shard` in `cache`.
  public ShardLog(ObjectStore store, SealedObjects objects, String cache, String shard) {
    this.store = store;
    this.objects = objects;
    this.cache = cache;
    this.shard = shard;
    this.merge = new LogMerge(objects);
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

  /// Its stretches, oldest first: those that nothing continues.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if the head of a stretch's first segment
  ///   is damaged
  public List<Stretch> stretches() throws IOException {
    return new Stretches(objects, names()).all();
  }

  private List<SegmentName> names() throws IOException {
    String directory = SegmentName.directory(cache, shard);
    List<SegmentName> names = new ArrayList<>();
    for (ObjectInfo object : store.list(directory)) {
      String rest = object.key().substring(directory.length());
      if (!rest.startsWith(GAPS)) {
        names.add(SegmentName.parse(cache, shard, rest));
      }
    }
    return names;
  }

  /// What a segment says of itself.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if it is missing or its head is damaged
  public Segment segment(SegmentName name) throws IOException {
    return SegmentInput.open(objects, name).segment();
  }

  /// Reads all of it.
  public LogVerification verify() throws IOException {
    try {
      return LogVerification.of(store, objects, stretches());
    } catch (CorruptData e) {
      // The head of a first segment: without it nobody knows what follows what.
      return new LogVerification(
          0,
          0,
          List.of(
              new LogVerification.Damage(
                  SegmentName.directory(cache, shard), String.valueOf(e.getMessage()))));
    }
  }

  /// Where a stretch ends. Its last segment is read and compared.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if that is damaged
  public LogEnd end(Stretch stretch) throws IOException {
    SegmentInput last = SegmentInput.open(objects, stretch.names().getLast());
    while (last.next().hasRemaining()) {
      // All of it goes into the chain.
    }
    Segment segment = last.segment();
    return new LogEnd(segment.replid(), segment.end(), segment.after(), last.chain());
  }

  /// Reads a stretch from a segment's start on.
  ///
  /// @param offset reading begins with the segment that holds it, at or before it
  public StretchReader read(Stretch stretch, long offset) throws IOException {
    return StretchReader.open(objects, stretch, offset);
  }

  /// A writer that goes on where `end` is.
  public LogWriter resume(LogEnd end) {
    return LogWriter.resume(objects, cache, shard, end);
  }

  /// A writer that begins a stretch.
  public LogWriter begin(String replid, long offset, StreamState state) {
    return LogWriter.begin(objects, cache, shard, replid, offset, state);
  }

  /// Stores runs of small segments again as larger ones, one of each stretch, and deletes those
  /// that have been in a larger one for a while. For one thread, under the shard's lease.
  ///
  /// @param undisturbed whether nobody holds a read lease
  /// @return how many were made
  public int merge(boolean undisturbed, Instant now) throws IOException {
    int made = 0;
    List<SegmentName> names = names();
    List<Stretch> stretches = new Stretches(objects, names).all();
    for (Stretch stretch : stretches) {
      made += merge.merge(stretch) ? 1 : 0;
    }
    if (undisturbed) {
      for (SegmentName name : merge.deletable(names, stretches, now)) {
        store.delete(name.key());
      }
    }
    return made;
  }

  /// Declares that bytes are missing.
  public void declare(Gap gap) throws IOException {
    String name =
        "%s%s%s-%s.json"
            .formatted(
                SegmentName.directory(cache, shard),
                GAPS,
                NAME_TIME.format(gap.time()),
                UUID.randomUUID().toString().substring(0, 8));
    objects.write(name, ObjectKind.LOG_GAP, Json.write(gap));
  }

  /// What was declared missing, oldest first.
  ///
  /// @throws io.ringkeep.model.BackupException.CorruptData if a record of it is damaged
  public List<Gap> gaps() throws IOException {
    List<Gap> gaps = new ArrayList<>();
    for (ObjectInfo object : store.list(SegmentName.directory(cache, shard) + GAPS)) {
      gaps.add(
          Json.read(
              object.key(), objects.read(object.key(), ObjectKind.LOG_GAP), Gap.FORMAT, Gap.class));
    }
    return gaps;
  }

  /// The stretch that holds a dataset, if one does.
  public static Optional<Stretch> holding(List<Stretch> stretches, String replid, long offset) {
    return stretches.stream().filter(stretch -> stretch.holds(replid, offset)).findFirst();
  }
}
