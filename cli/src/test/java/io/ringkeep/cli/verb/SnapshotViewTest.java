package io.ringkeep.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.backup.BackupResult;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Json;
import io.ringkeep.repository.SnapshotSpace;
import io.ringkeep.repository.manifest.Added;
import io.ringkeep.repository.manifest.Collapse;
import io.ringkeep.repository.manifest.Consistency;
import io.ringkeep.repository.manifest.Contents;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.repository.manifest.TypeCount;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The forms in which a snapshot is shown. Field names are a promise to scripts.
class SnapshotViewTest {
  private static final Instant TIME = Instant.parse("2026-11-23T03:15:01.250Z");

  private static Manifest manifest(int shards) {
    return manifest(shards, Added.full(1_204_331, 102_865_305), Optional.empty());
  }

  private static Manifest manifest(int shards, Added added, Optional<Collapse> collapse) {
    return manifest(
        shards, added, collapse, List.of("shard 0 is read from its primary: it has no replica"));
  }

  private static Manifest manifest(
      int shards, Added added, Optional<Collapse> collapse, List<String> warnings) {
    Contents contents =
        new Contents(
            1_204_331,
            537_290_342,
            102_865_305,
            List.of(
                new TypeCount("REDIS0010", 0, 0, 1_000_000),
                new TypeCount("REDIS0010", 4, 0, 200_000),
                new TypeCount("REDIS0010", 16, 0, 4_330),
                new TypeCount("REDIS0010", 18, 3, 1)),
            4_096,
            12,
            List.of());
    ManifestShard shard =
        new ManifestShard(
            "0",
            "0-16383",
            "10.0.0.1:6379",
            Optional.empty(),
            "primary",
            "Redis 7.0.15",
            "REDIS0010",
            "8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb",
            1_024,
            TIME,
            TIME.plusSeconds(9),
            contents);
    ServerSidecar server =
        new ServerSidecar(
            "0",
            List.of("bGlicmFyeQ=="),
            List.of(),
            Map.of("requirepass", "hunter2", "maxmemory", "0"),
            List.of("user default on #c0ffee ~* +@all"),
            List.of("search 20811"),
            "");
    return new Manifest(
        Manifest.FORMAT,
        "3f9a1c0b22de",
        "orders",
        TIME,
        TIME.plusSeconds(10),
        Consistency.crashCut(412),
        shards == 1 ? "standalone" : "cluster",
        "psync",
        added,
        collapse,
        contents,
        "1204331:7b176ed42cba8f3b0e7feb445dce7ee1",
        Collections.nCopies(shards, shard),
        List.of(),
        List.of(server),
        warnings,
        "0.1.0");
  }

  private static SnapshotDetails details(boolean withSettings) {
    return SnapshotDetails.of(SnapshotView.of(manifest(1)), manifest(1), withSettings);
  }

  private static JsonNode json(Object view) {
    return JsonMapper.shared().readTree(Json.text(view));
  }

  @Test
  void json_snapshot_hasThePromisedFields() {
    JsonNode json = json(SnapshotView.of(manifest(3)));

    assertThat(json.propertyNames())
        .containsExactly(
            "id",
            "time",
            "completed",
            "cache",
            "consistency",
            "skewMillis",
            "topology",
            "shards",
            "records",
            "bytes",
            "storedBytes",
            "kind",
            "changed",
            "removed",
            "addedBytes",
            "collapsed",
            "origin",
            "digest",
            "warnings");
    assertThat(json.get("id").asString()).isEqualTo("3f9a1c0b22de");
    assertThat(json.get("time").asString()).isEqualTo("2026-11-23T03:15:01.250Z");
    assertThat(json.get("consistency").asString()).isEqualTo("crash-cut");
    assertThat(json.get("skewMillis").asLong()).isEqualTo(412);
    assertThat(json.get("shards").asInt()).isEqualTo(3);
    assertThat(json.get("storedBytes").asLong()).isEqualTo(102_865_305);
  }

  @Test
  void table_snapshots_areAlignedWithUnits() {
    assertThat(
            SnapshotView.table(List.of(SnapshotView.of(manifest(1)), SnapshotView.of(manifest(3)))))
        .containsExactly(
            "SNAPSHOT      TIME                  CACHE   SHARDS    RECORDS      BYTES  CHANGES     ADDED  FREES  CONSISTENCY",
            "3f9a1c0b22de  2026-11-23 03:15:01Z  orders       1  1,204,331  512.4 MiB  full     98.1 MiB      -  crash-cut",
            "3f9a1c0b22de  2026-11-23 03:15:01Z  orders       3  1,204,331  512.4 MiB  full     98.1 MiB      -  crash-cut within 412 ms");
  }

  @Test
  void table_pinnedSnapshot_saysWhyAndWhatItWouldFree() {
    Manifest manifest = manifest(1);
    SnapshotView pinned =
        SnapshotView.of(
            manifest, SnapshotSpace.of(List.of(manifest)), Optional.of("before the migration"));
    assertThat(SnapshotView.table(List.of(pinned, SnapshotView.of(manifest(1)))))
        .containsExactly(
            "SNAPSHOT      TIME                  CACHE   SHARDS    RECORDS      BYTES  CHANGES     ADDED  FREES  CONSISTENCY  PINNED",
            "3f9a1c0b22de  2026-11-23 03:15:01Z  orders       1  1,204,331  512.4 MiB  full     98.1 MiB    0 B  crash-cut    before the migration",
            "3f9a1c0b22de  2026-11-23 03:15:01Z  orders       1  1,204,331  512.4 MiB  full     98.1 MiB      -  crash-cut");
    assertThat(json(pinned).propertyNames()).contains("freesBytes", "pinned");
  }

  @Test
  void table_incrementalThatCollapsed_saysBoth() {
    Added changes =
        new Added(Added.Kind.INCREMENTAL, Optional.of("1f2e3d4c5b6a"), 5, 1_204_326, 81_000);
    Collapse collapse = new Collapse("1f2e3d4c5b6a", 2_408_657);
    SnapshotView view = SnapshotView.of(manifest(1, changes, Optional.of(collapse)));

    assertThat(SnapshotView.table(List.of(view)).getLast())
        .isEqualTo(
            "3f9a1c0b22de  2026-11-23 03:15:01Z  orders       1  1,204,331  512.4 MiB  5 changed, 1,204,326 gone  79.1 KiB      -  crash-cut, COLLAPSED");
    assertThat(json(view).get("base").asString()).isEqualTo("1f2e3d4c5b6a");
    assertThat(json(view).get("kind").asString()).isEqualTo("incremental");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keys that the ring looks for on other servers are left out: server=10.0.0.1:6379 keys=1"
            + " first=user:1",
        "slots were being moved, and keys that moved between two reads may be missing: slots=[7]"
      })
  void taken_withoutKeysThatAServerHeld_needsAttention(String leftOut) {
    Added full = Added.full(1_204_331, 102_865_305);
    Manifest lacking = manifest(3, full, Optional.empty(), List.of(leftOut));

    Answer answer =
        SnapshotView.taken(
            new BackupResult(lacking, Duration.ofSeconds(2), lacking.warnings()), List.of());

    assertThat(answer.exitCode()).isEqualTo(Answer.ATTENTION);
    assertThat(answer.text()).contains("note: " + leftOut);
    assertThat(
            SnapshotView.taken(
                    new BackupResult(manifest(3), Duration.ofSeconds(2), manifest(3).warnings()),
                    List.of())
                .exitCode())
        .isEqualTo(Answer.DONE);
  }

  @Test
  void json_details_addToTheSnapshotsOwnFields() {
    JsonNode json = json(details(/* withSettings= */ false));

    assertThat(json.propertyNames())
        .contains(
            "id", "time", "servers", "types", "expiring", "largestValueBytes", "modules", "tool")
        .doesNotContain("settings", "snapshot");
    assertThat(json.get("servers").get(0).get("endpoint").asString()).isEqualTo("10.0.0.1:6379");
  }

  @Test
  void types_severalEncodings_areCountedAsTheTypeTheyMean() {
    assertThat(details(/* withSettings= */ false).types())
        .containsExactly(
            new SnapshotDetails.TypeView(0, "hash", 204_330),
            new SnapshotDetails.TypeView(0, "string", 1_000_000),
            new SnapshotDetails.TypeView(3, "list", 1));
  }

  @Test
  void details_withSettings_showNoSecret() {
    SnapshotDetails details = details(/* withSettings= */ true);

    assertThat(Json.text(details))
        .contains("maxmemory")
        .doesNotContain("hunter2")
        .doesNotContain("c0ffee");
    assertThat(String.join("\n", details.text()))
        .contains("requirepass ***")
        .contains("user default on #*** ~* +@all")
        .doesNotContain("hunter2")
        .doesNotContain("c0ffee");
  }
}
