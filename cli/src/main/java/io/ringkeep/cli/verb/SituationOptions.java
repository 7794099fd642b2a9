package io.ringkeep.cli.verb;

import io.ringkeep.advice.Situation;
import io.ringkeep.advice.StoragePlace;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.probe.CacheProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What there is: figures of a cache and of places. An option wins over what was measured.
final class SituationOptions {
  @Option(
      names = "--data",
      paramLabel = "SIZE",
      description = "the dataset, as an RDB holds it; what it takes in memory is an upper bound")
  private @Nullable ByteSize data;

  @Option(names = "--keys", paramLabel = "N", description = "how many keys it has")
  private @Nullable Long keys;

  @Option(
      names = "--writes",
      paramLabel = "RATE",
      description = "bytes of write commands, all shards together, on a day's average: 5MiB/s")
  private @Nullable ByteRate writes;

  @Option(names = "--shards", paramLabel = "N", description = "primaries (default: 1)")
  private @Nullable Integer shards;

  @Option(
      names = "--round-trip",
      paramLabel = "TIME",
      description =
          "from the host that runs Ringkeep to the cache or the storage, whichever is farther"
              + " (default: 1ms)")
  private @Nullable Duration roundTrip;

  @Option(
      names = "--compression",
      paramLabel = "RATIO",
      description =
          "stored bytes for each byte of data, such as 0.4 (default: 0.81, the worst measured)")
  private @Nullable Double compression;

  @Option(
      names = "--processors",
      paramLabel = "N",
      description = "of the host that runs Ringkeep (default: 2, as measured)")
  private int processors = 2;

  @Option(
      names = "--pace",
      paramLabel = "FACTOR",
      description =
          "how long this host and the servers take, compared with the machine of"
              + " docs/benchmarks.md: 0.5 is twice as fast (default: what --measure finds with the"
              + " keys of --source, else 1)")
  private @Nullable Double pace;

  @Option(
      names = "--link",
      paramLabel = "RATE",
      description = "bandwidth from the cache to that host, if it is a limit")
  private @Nullable ByteRate link;

  @Option(
      names = "--node",
      paramLabel = "ID,RATE,SIZE[,zone=Z][,remote][,url=URL]",
      description = "a place for backups: its bandwidth from that host, and its room; repeat it")
  private List<String> node = List.of();

  @Option(
      names = "--nodes",
      paramLabel = "N,RATE,SIZE",
      description = "as many places of one kind, instead of --node for each")
  private @Nullable String nodes;

  /// The places that are named.
  List<StoragePlace> places() {
    List<StoragePlace> places = new ArrayList<>(node.stream().map(PlaceText::parse).toList());
    if (nodes != null) {
      places.addAll(PlaceText.parseMany(nodes));
    }
    return places;
  }

  /// @param cache what a live one says, if one was asked
  /// @param measured places that were measured
  /// @param measuredRoundTrip the slowest of them
  Situation situation(
      Optional<CacheProbe> cache, List<StoragePlace> measured, Duration measuredRoundTrip) {
    List<StoragePlace> places = places();
    if (places.isEmpty()) {
      places = measured;
    }
    if (places.isEmpty()) {
      throw new InvalidRequest(
          "no place is named that could hold a backup",
          "write --node a,100MiB/s,2TiB for each, or --measure with -r or -c");
    }
    long dataBytes =
        figure("--data", data == null ? null : data.bytes(), cache, CacheProbe::dataBytes);
    Duration farthest =
        cache
            .map(CacheProbe::roundTrip)
            .filter(time -> time.compareTo(measuredRoundTrip) > 0)
            .orElse(measuredRoundTrip);
    Duration round = farthest.isZero() ? Duration.ofMillis(1) : farthest;
    return new Situation(
        dataBytes,
        figure("--keys", keys, cache, CacheProbe::keys),
        figure(
            "--writes",
            writes == null ? null : writes.bytesPerSecond(),
            cache,
            CacheProbe::writtenBytesPerSecond),
        shards != null ? shards : cache.map(CacheProbe::shards).orElse(1),
        roundTrip != null ? roundTrip : round,
        compression != null
            ? OptionalDouble.of(compression)
            : cache.map(CacheProbe::compression).orElse(OptionalDouble.empty()),
        processors,
        pace != null ? pace : cache.flatMap(CacheProbe::pace).orElse(1.0),
        link == null ? OptionalLong.empty() : OptionalLong.of(link.bytesPerSecond()),
        places);
  }

  private static long figure(
      String option,
      @Nullable Long given,
      Optional<CacheProbe> cache,
      Function<CacheProbe, Long> probed) {
    if (given != null) {
      return given;
    }
    return cache
        .map(probed)
        .orElseThrow(() ->
            new InvalidRequest(
                "a figure is missing: " + option,
                "give it, or --source with the URL of a live cache that is asked"));
  }
}
