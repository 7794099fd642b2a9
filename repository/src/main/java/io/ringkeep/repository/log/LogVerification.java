package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.BackupException.UnsupportedFormat;
import io.ringkeep.repository.object.SealedObjects;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads every byte of a shard's log and compares whatever can be compared.
///
/// @param segments how many were read
/// @param storedBytes of them
/// @param damages what is wrong; empty if all is whole
public record LogVerification(int segments, long storedBytes, List<Damage> damages) {
  /// One finding.
  ///
  /// @param object that is damaged or missing
  /// @param reason what is wrong with it, and which offsets that affects
  public record Damage(String object, String reason) {}

  /// @param damaged segments that are in no stretch because they were found damaged, and how
  static LogVerification of(
      ObjectStore store,
      SealedObjects objects,
      List<Stretch> stretches,
      Map<SegmentName, String> damaged)
      throws IOException {
    List<Damage> damages = new ArrayList<>();
    Set<SegmentName> read = new HashSet<>();
    long bytes = 0;
    List<List<SegmentName>> parts = new ArrayList<>();
    damaged.keySet().forEach(name -> parts.add(List.of(name)));
    for (Stretch stretch : stretches) {
      boolean behindDamage = damaged.values().stream().anyMatch(stretch.hole()::contains);
      if (!stretch.hole().isEmpty() && !behindDamage) {
        damages.add(new Damage(stretch.names().getFirst().key(), stretch.hole()));
      }
      parts.add(stretch.names());
    }
    for (List<SegmentName> part : parts) {
      String chain = "";
      for (SegmentName name : part) {
        // Branches share their beginnings.
        if (!read.add(name)) {
          continue;
        }
        bytes += store.size(name.key()).orElse(0);
        try {
          chain = read(store, objects, name, chain);
        } catch (CorruptData | UnsupportedFormat e) {
          chain = "";
          damages.add(
              new Damage(
                  name.key(),
                  "%s (moments behind offset %d, up to the next base)"
                      .formatted(e.getMessage(), name.start())));
        }
      }
    }
    return new LogVerification(read.size(), bytes, damages);
  }

  /// @param before chain behind the segment before; empty if that is not known
  /// @return the chain behind this one
  private static String read(
      ObjectStore store, SealedObjects objects, SegmentName name, String before)
      throws IOException {
    SealedObjects.scrub(store, name.key());
    SegmentInput input = SegmentInput.open(objects, name);
    String chain = input.readToTheEnd();
    if (!before.isEmpty() && !input.segment().chain().equals(before)) {
      throw SegmentFormat.corrupt(name.key(), "segment does not follow the one before:");
    }
    return chain;
  }
}
