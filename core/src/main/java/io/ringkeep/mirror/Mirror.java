package io.ringkeep.mirror;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.nodes.Wholeness;
import io.ringkeep.repository.Repository;
import io.ringkeep.repository.lock.Lease;
import io.ringkeep.repository.lock.Leases;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.NoSuchObjectException;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.task.Progress;
import io.ringkeep.task.RateLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// Makes a second repository what a first one is. Run again, it copies what is new; stopped at any
/// instruction, it leaves a second repository that is whole, and goes on where it was.
public final class Mirror {
  /*
   * Order: what a repository is and its keys, then data, then manifests, then the ledger, whose records commit what is
   * there already. Of leases only the last one of each cache goes along; probes stay behind.
   *
   * Objects are written once under names that are used once, so a name that is there with the same length is a copy.
   * What could differ is small and is compared whole: the repository's own file and the ledger, whose records must be
   * the first ones of ours, or the second repository has gone its own way.
   */
  private static final String CACHES = "caches/";
  private static final String CONTROL = "control/";
  private static final String LEASES = "control/lease/";
  private static final String HEARTBEATS = "control/heartbeat/";
  private static final String LEDGER = "/ledger/";
  private static final String MANIFEST = "/manifest/";

  /// What fits into memory whole; larger objects are read twice.
  private static final int LARGE_BYTES = 64 << 20;

  private static final int CHUNK_BYTES = 4 << 20;

  private final ObjectStore from;
  private final ObjectStore to;
  private final RateLimit pace;
  private long copied;
  private long copiedBytes;

  private Mirror(ObjectStore from, ObjectStore to, RateLimit pace) {
    this.from = from;
    this.to = to;
    this.pace = pace;
  }

  /// What it came to.
  ///
  /// @param objects in the first repository
  /// @param copied how many of them were not in the second one
  /// @param copiedBytes their length
  /// @param removed what the second one had and the first one has no more
  /// @param surplus what of that is still there
  /// @param unseen nodes of the first one that could not be looked at, and why: what they alone
  ///   hold was not copied
  public record Result(
      long objects,
      long copied,
      long copiedBytes,
      long removed,
      long surplus,
      Map<String, String> unseen) {}

  /// Copies.
  ///
  /// @param bytesPerSecond how fast at most
  /// @param prune whether what the first one has no more is removed from the second one; damage to
  ///   the first one would be copied by that
  /// @throws NotFound if there is no first repository
  /// @throws InvalidRequest if the second one is another repository, or has gone its own way
  /// @throws Unavailable if something is to be removed, and a node of the first one does not
  ///   answer: what it alone holds would be taken for gone
  /// @throws CorruptData if an object of the first one is not what was written; it is not copied
  /// @throws io.ringkeep.model.BackupException.Locked if someone else writes to the second one so
  public static Result run(
      ObjectStore from,
      ObjectStore to,
      OptionalLong bytesPerSecond,
      boolean prune,
      Clock clock,
      Progress progress)
      throws IOException {
    requireSame(from, to);
    requireSeen(from, prune);
    Leases ours = new Leases(from, clock, new SecureRandom());
    Leases theirs = new Leases(to, clock, new SecureRandom());
    try (Lease reading = ours.acquireRead("mirror");
        Lease writing = theirs.acquire("mirror", "mirror")) {
      reading.check();
      writing.check();
      return new Mirror(from, to, RateLimit.of(bytesPerSecond)).run(prune, progress);
    }
  }

  private static void requireSame(ObjectStore from, ObjectStore to) throws IOException {
    if (from.size(Repository.FILE).isEmpty()) {
      throw new NotFound(
          "no repository here: location=" + from.location(), "name the one to be copied with -r");
    }
    if (to.size(Repository.FILE).isEmpty()) {
      if (!to.list("").stream().allMatch(object -> object.key().startsWith(CONTROL))) {
        throw new InvalidRequest(
            "the second place holds something else: location=" + to.location(),
            "choose an empty one");
      }
    } else if (!to.read(Repository.FILE).equals(from.read(Repository.FILE))) {
      throw new InvalidRequest(
          "the second place is another repository: location=" + to.location(),
          "choose an empty place, or the one that was copied to before");
    }
  }

  private static void requireSeen(ObjectStore from, boolean prune) {
    Map<String, String> unseen = unseen(from);
    if (prune && !unseen.isEmpty()) {
      throw new Unavailable(
          "nothing was removed: nodes of the first repository can't be looked at: nodes=" + unseen,
          "what they alone hold would be taken for gone: bring them back, or leave out --prune",
          null);
    }
  }

  /// Nodes whose objects a listing may lack.
  private static Map<String, String> unseen(ObjectStore store) {
    Map<String, String> unseen = new TreeMap<>();
    if (store instanceof PlacedStore placed) {
      unseen.putAll(placed.away());
      unseen.putAll(placed.reads().unlisted());
    }
    return unseen;
  }

  private Result run(boolean prune, Progress progress) throws IOException {
    // The ledger first: what it commits was there before, so the listing after it has all of it.
    Map<String, ByteBuffer> ledger = ledger();
    List<ObjectInfo> wanted =
        from.list("").stream()
            .filter(object -> !object.key().startsWith(CONTROL))
            .filter(object -> !object.key().contains(LEDGER) || ledger.containsKey(object.key()))
            .sorted(
                Comparator.comparingInt((ObjectInfo object) -> rank(object.key()))
                    .thenComparing(ObjectInfo::key))
            .toList();
    requireSeen(from, prune);
    Map<String, Long> there = new HashMap<>();
    to.list("").forEach(object -> there.put(object.key(), object.sizeBytes()));
    requirePrefix(ledger, there);
    List<ObjectInfo> missing = new ArrayList<>();
    for (ObjectInfo object : wanted) {
      Long length = there.get(object.key());
      if (length == null || (length != object.sizeBytes() && differ(object.key()))) {
        missing.add(object);
      }
    }
    long bytes = missing.stream().mapToLong(ObjectInfo::sizeBytes).sum();
    lastWriters();
    try (Progress.Task task = progress.begin("mirror", OptionalLong.of(bytes))) {
      for (ObjectInfo object : missing) {
        copy(object, there.containsKey(object.key()));
        task.advance(object.sizeBytes(), 0);
      }
    }
    wanted.forEach(object -> there.remove(object.key()));
    List<String> surplus =
        there.keySet().stream()
            .filter(key -> !key.startsWith(CONTROL))
            .sorted(Comparator.comparingInt((String key) -> -rank(key)).thenComparing(key -> key))
            .toList();
    if (prune) {
      for (String key : surplus) {
        to.delete(key);
      }
    }
    return new Result(
        wanted.size(),
        copied,
        copiedBytes,
        prune ? surplus.size() : 0,
        prune ? 0 : surplus.size(),
        unseen(from));
  }

  /// Copies the newest lease of each cache: records of the ledger carry its number, and who backs
  /// up to the second repository, once the first is lost, has to get a higher one.
  private void lastWriters() throws IOException {
    Map<String, String> newest = new TreeMap<>();
    for (ObjectInfo object : from.list(LEASES)) {
      String[] names = object.key().split("/", -1);
      if (names.length == 4 && names[2].startsWith("cache-")) {
        newest.merge(names[2], object.key(), (a, b) -> a.compareTo(b) > 0 ? a : b);
      }
    }
    for (String link : newest.values()) {
      ByteBuffer ours = from.read(link);
      String beat = link.replaceFirst(LEASES, HEARTBEATS);
      boolean same = to.createIfAbsent(link, ours) || to.read(link).equals(ours);
      if (same && from.size(beat).isPresent()) {
        to.put(beat, from.read(beat));
      }
    }
  }

  private Map<String, ByteBuffer> ledger() throws IOException {
    Map<String, ByteBuffer> ledger = new HashMap<>();
    for (ObjectInfo object : from.list(CACHES)) {
      if (object.key().contains(LEDGER)) {
        ledger.put(object.key(), from.read(object.key()));
      }
    }
    return ledger;
  }

  /// The second ledger has nothing that ours has not.
  private void requirePrefix(Map<String, ByteBuffer> ledger, Map<String, Long> there)
      throws IOException {
    for (String key : there.keySet()) {
      if (key.startsWith(CACHES) && key.contains(LEDGER)) {
        ByteBuffer ours = ledger.get(key);
        if (ours == null || !ours.equals(to.read(key))) {
          throw new InvalidRequest(
              "the second repository has gone its own way: location=%s record=%s"
                  .formatted(to.location(), key),
              "it was written to since it was copied to: back up to one of them only");
        }
      }
    }
  }

  /// Asked for where listings differ: that of several nodes does not know how long an object in
  /// pieces is to the byte.
  private boolean differ(String key) throws IOException {
    return !from.size(key).equals(to.size(key));
  }

  private static int rank(String key) {
    if (!key.startsWith(CACHES)) {
      return key.equals(Repository.FILE) ? 1 : 0;
    }
    if (key.contains(LEDGER)) {
      return 4;
    }
    return key.contains(MANIFEST) ? 3 : 2;
  }

  private void copy(ObjectInfo object, boolean replace) throws IOException {
    String key = object.key();
    pace.spend(object.sizeBytes());
    if (object.sizeBytes() > LARGE_BYTES) {
      SealedObjects.scrub(from, key);
      copyLarge(key);
    } else {
      ByteBuffer bytes = from.read(key);
      requireWhole(key, bytes);
      if (replace) {
        to.put(key, bytes);
      } else {
        to.createIfAbsent(key, bytes);
      }
      copiedBytes += bytes.remaining();
    }
    copied++;
  }

  private void copyLarge(String key) throws IOException {
    long length = from.size(key).orElseThrow(() -> new NoSuchObjectException(key));
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (ObjectUpload upload = to.upload(key)) {
      for (long at = 0; at < length; at += chunk.limit()) {
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, length - at));
        from.read(key, at, chunk);
        upload.write(chunk.flip());
      }
      upload.commit();
    }
    copiedBytes += length;
  }

  private void requireWhole(String key, ByteBuffer bytes) {
    if (!Wholeness.of(key, bytes)) {
      throw new CorruptData(
          "object is damaged and was not copied: object=%s location=%s"
              .formatted(key, from.location()),
          "'verify' says what it affects; on several nodes 'nodes scrub --repair' mends it",
          null);
    }
  }
}
