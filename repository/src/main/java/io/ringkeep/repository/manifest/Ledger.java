package io.ringkeep.repository.manifest;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.Locked;
import io.ringkeep.repository.json.Json;
import io.ringkeep.repository.object.ObjectKind;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.repository.object.StoredObject;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The chain of decisions about one cache: append-only, in the store's order, each link holding the
/// digest of the one before.
///
/// Not thread-safe.
public final class Ledger {
  /*
   * Records are numbered without gaps. Two writers cannot both create number n, so there is one order; and since each
   * record holds the digest of the one before, whoever creates number n has seen everything up to n-1. A holder of
   * the lease begins with a fence: from then on, whoever held the lease before meets a higher epoch before it can
   * append, and gives up.
   */
  private final ObjectStore store;
  private final SealedObjects objects;
  private final String cache;
  // The last record this instance has read or appended while appending.
  private @Nullable Entry last;

  /// A record, and the object it lies in.
  public record Entry(LedgerRecord record, StoredObject object) {}

  /// The ledger of `cache`.
  public Ledger(ObjectStore store, SealedObjects objects, String cache) {
    this.store = store;
    this.objects = objects;
    this.cache = cache;
  }

  /// Directory of a cache's ledger.
  public static String directory(String cache) {
    return "caches/" + cache + "/ledger/";
  }

  /// All records in order; empty if the cache is not known.
  ///
  /// @throws CorruptData naming the record that is missing, damaged, or does not follow the one
  ///   before
  public List<Entry> read() throws IOException {
    List<Entry> entries = new ArrayList<>();
    @Nullable Entry previous = null;
    for (ObjectInfo info : store.list(directory(cache))) {
      long number = previous == null ? 1 : previous.record.number() + 1;
      String name = name(number);
      if (!info.key().equals(name)) {
        throw new CorruptData(
            "ledger record is missing: object=%s found=%s".formatted(name, info.key()), HINT, null);
      }
      previous = read(number, previous);
      entries.add(previous);
    }
    return entries;
  }

  /// All records that can be read, in order. Goes on where one is missing or damaged, or does not
  /// follow the one before.
  ///
  /// @param damage is told the name of each such record, and what is wrong with it
  public List<Entry> salvage(BiConsumer<String, CorruptData> damage) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<String> names = store.list(directory(cache)).stream().map(ObjectInfo::key).toList();
    String last = names.isEmpty() ? "" : names.getLast();
    @Nullable Entry previous = null;
    boolean known = true;
    for (long number = 1; name(number).compareTo(last) <= 0; number++) {
      try {
        Entry entry = load(number);
        if (known) {
          requireChained(entry, number, previous);
        }
        entries.add(entry);
        previous = entry;
        known = true;
      } catch (CorruptData e) {
        damage.accept(name(number), e);
        known = false;
      }
    }
    return entries;
  }

  /// Appends a record behind all that are there.
  ///
  /// @param epoch of the lease that the caller holds
  /// @throws Locked if someone with a newer lease has written here, and the caller must stop
  public Entry append(long epoch, Instant time, Decision decision) throws IOException {
    if (last == null) {
      for (Entry entry : read()) {
        refuseNewer(entry, epoch);
        last = entry;
      }
    }
    while (true) {
      LedgerRecord record =
          LedgerRecord.of(
              last == null ? 1 : last.record.number() + 1,
              last == null ? "" : last.object.sha256(),
              epoch,
              time,
              decision);
      Optional<StoredObject> created =
          objects.createIfAbsent(name(record.number()), ObjectKind.LEDGER, Json.write(record));
      if (created.isPresent()) {
        last = new Entry(record, created.get());
        return last;
      }
      last = read(record.number(), last);
      if (last.record.equals(record)) {
        // Ours: the store did it, and was asked again because its answer got lost.
        return last;
      }
      refuseNewer(last, epoch);
    }
  }

  private void refuseNewer(Entry entry, long epoch) {
    if (entry.record.epoch() > epoch) {
      throw new Locked(
          "someone else took over the cache: cache=%s epoch=%d newer=%d since=%s"
              .formatted(cache, epoch, entry.record.epoch(), entry.record.time()),
          "nothing was committed; see who writes there before you start again");
    }
  }

  private Entry read(long number, @Nullable Entry previous) throws IOException {
    Entry entry = load(number);
    requireChained(entry, number, previous);
    return entry;
  }

  private Entry load(long number) throws IOException {
    String name = name(number);
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    StoredObject object =
        objects.open(name, ObjectKind.LEDGER).readAll(part -> json.writeBytes(bytes(part)));
    LedgerRecord record =
        Json.read(
            name,
            ByteBuffer.wrap(json.toByteArray()),
            LedgerRecord.FORMAT,
            LedgerRecord.class,
            LedgerRecord::upgrade);
    return new Entry(record, object);
  }

  private void requireChained(Entry entry, long number, @Nullable Entry previous) {
    String expected = previous == null ? "" : previous.object.sha256();
    LedgerRecord record = entry.record;
    if (record.number() != number || !record.previous().equals(expected)) {
      throw new CorruptData(
          "ledger record does not follow the one before: object=%s expected=%d:%s actual=%d:%s"
              .formatted(name(number), number, expected, record.number(), record.previous()),
          HINT,
          null);
    }
  }

  private static byte[] bytes(ByteBuffer part) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    return bytes;
  }

  private String name(long number) {
    return directory(cache) + HexFormat.of().toHexDigits(number) + ".json";
  }

  private static final String HINT =
      "do not delete anything; run 'verify', and bring the object back from another copy";
}
