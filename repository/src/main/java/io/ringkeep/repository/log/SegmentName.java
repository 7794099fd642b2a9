package io.ringkeep.repository.log;

import io.ringkeep.model.BackupException.CorruptData;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a segment lies: `caches/<cache>/log/<shard>/<replid>/<start>-<end>.seg`, offsets in 16 hex
/// digits.
///
/// @param replid history that the bytes belong to, 40 hex digits
/// @param start offset of the first byte
/// @param end offset behind the last byte
public record SegmentName(String cache, String shard, String replid, long start, long end) {
  private static final Pattern FILE = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.seg");

  public SegmentName {
    if (!replid.matches("[0-9a-f]{40}") || start < 0 || end < start) {
      throw new IllegalArgumentException(
          "no segment: replid=%s start=%d end=%d".formatted(replid, start, end));
    }
  }

  /// Directory of a cache's logs.
  static String directory(String cache) {
    return "caches/" + cache + "/log/";
  }

  /// Directory of a shard's log.
  static String directory(String cache, String shard) {
    return directory(cache) + shard + "/";
  }

  /// The key of its object.
  public String key() {
    HexFormat hex = HexFormat.of();
    return "%s%s/%s-%s.seg"
        .formatted(directory(cache, shard), replid, hex.toHexDigits(start), hex.toHexDigits(end));
  }

  /// Reads the part of a key behind the shard's directory.
  ///
  /// @throws CorruptData if it names no segment
  static SegmentName parse(String cache, String shard, String rest) {
    String[] names = rest.split("/", -1);
    Matcher file = FILE.matcher(names.length == 2 ? names[1] : "");
    if (file.matches() && names[0].matches("[0-9a-f]{40}")) {
      long start = HexFormat.fromHexDigitsToLong(file.group(1));
      long end = HexFormat.fromHexDigitsToLong(file.group(2));
      if (start >= 0 && end > start) {
        return new SegmentName(cache, shard, names[0], start, end);
      }
    }
    throw new CorruptData(
        "not a segment of a log: object=" + directory(cache, shard) + rest,
        "somebody else has put it there: move it away",
        null);
  }
}
