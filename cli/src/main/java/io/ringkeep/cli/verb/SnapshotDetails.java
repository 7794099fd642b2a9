package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.DurationText;
import io.ringkeep.cli.text.Table;
import io.ringkeep.cli.text.Text;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.redis.rdb.RdbType;
import io.ringkeep.repository.manifest.Manifest;
import io.ringkeep.repository.manifest.ManifestShard;
import io.ringkeep.repository.manifest.ServerSidecar;
import io.ringkeep.repository.manifest.TypeCount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A snapshot as `show` shows it.
///
/// @param snapshot what `list` shows
/// @param tool version of Ringkeep that took it
/// @param expiring number of records with a time to live
/// @param largestValueBytes size of the largest value
/// @param types how many records of each type are in each database
/// @param servers where it came from
/// @param functionLibraries number of function libraries
/// @param modules loaded on the source
/// @param settings of each shard's server, where asked for; secrets are blotted out
@JsonInclude(JsonInclude.Include.NON_NULL)
record SnapshotDetails(
    @JsonUnwrapped SnapshotView snapshot,
    String tool,
    long expiring,
    long largestValueBytes,
    List<TypeView> types,
    List<ShardView> servers,
    long functionLibraries,
    List<String> modules,
    @Nullable List<SettingsView> settings) {

  /// Records of one type in one database.
  record TypeView(int database, String type, long records) {}

  /// One shard as it was captured.
  record ShardView(
      String shard,
      String slots,
      String endpoint,
      String role,
      String engine,
      String rdbVersion,
      String replid,
      long offset,
      Instant captureStart,
      Instant captureEnd,
      long records,
      long bytes) {
    static ShardView of(ManifestShard shard) {
      return new ShardView(
          shard.id(),
          shard.slots(),
          shard.endpoint(),
          shard.role(),
          shard.engine(),
          shard.rdbVersion(),
          shard.replid(),
          shard.offset(),
          shard.captureStart(),
          shard.captureEnd(),
          shard.contents().records(),
          shard.contents().bytes());
    }
  }

  /// Settings of one shard's server.
  record SettingsView(String shard, Map<String, String> config, List<String> acl) {
    static SettingsView of(ServerSidecar server) {
      Map<String, String> config = new TreeMap<>(server.config());
      config.replaceAll(Redaction::setting);
      return new SettingsView(
          server.shard(), config, server.acl().stream().map(Redaction::aclLine).toList());
    }
  }

  static SnapshotDetails of(SnapshotView view, Manifest manifest, boolean withSettings) {
    return new SnapshotDetails(
        view,
        manifest.tool(),
        manifest.contents().expiring(),
        manifest.contents().largestValueBytes(),
        types(manifest.contents().types()),
        manifest.shards().stream().map(ShardView::of).toList(),
        manifest.servers().stream()
            .flatMap(server -> server.functions().stream())
            .distinct()
            .count(),
        manifest.servers().stream()
            .flatMap(server -> server.modules().stream())
            .distinct()
            .toList(),
        withSettings ? manifest.servers().stream().map(SettingsView::of).toList() : null);
  }

  /// By what a type means, whichever of its encodings the server had chosen.
  private static List<TypeView> types(List<TypeCount> counts) {
    Map<Integer, Map<String, Long>> byDatabase = new TreeMap<>();
    for (TypeCount count : counts) {
      String type =
          Choices.word(RdbType.logicalType(RdbVersion.parse(count.version()), count.type()));
      byDatabase
          .computeIfAbsent(count.database(), _ -> new TreeMap<>())
          .merge(type, count.records(), Long::sum);
    }
    List<TypeView> types = new ArrayList<>();
    byDatabase.forEach((database, records) ->
        records.forEach((type, number) -> types.add(new TypeView(database, type, number))));
    return types;
  }

  List<String> text() {
    List<String> lines = new ArrayList<>();
    lines.add("snapshot     %s of %s".formatted(snapshot.id(), snapshot.cache()));
    lines.add(
        "time         %s, taken in %s"
            .formatted(
                Text.time(snapshot.time()),
                DurationText.format(Duration.between(snapshot.time(), snapshot.completed()))));
    lines.add(
        "consistency  %s (%s, %s)"
            .formatted(
                snapshot.consistencyText(),
                snapshot.topology(),
                Text.count(snapshot.shards(), "shard")));
    lines.add(
        "records      %s, %s with a time to live, largest value %s"
            .formatted(
                Text.count(snapshot.records()),
                Text.count(expiring),
                ByteSize.format(largestValueBytes)));
    lines.add(
        "bytes        %s, all it needs is %s stored"
            .formatted(ByteSize.format(snapshot.bytes()), ByteSize.format(snapshot.storedBytes())));
    lines.add(
        "changes      %s, %s added"
            .formatted(
                snapshot.base() == null
                    ? snapshot.changesText()
                    : snapshot.changesText() + " since " + snapshot.base(),
                ByteSize.format(snapshot.addedBytes())));
    if (snapshot.collapsed()) {
      lines.add("COLLAPSED    far fewer records than before: 'latest' passes it over");
    }
    if (snapshot.freesBytes() != null) {
      lines.add(
          "frees        %s if forgotten alone".formatted(ByteSize.format(snapshot.freesBytes())));
    }
    if (snapshot.pinned() != null) {
      lines.add("pinned       " + snapshot.pinnedText());
    }
    lines.add("digest       " + snapshot.digest());
    lines.add(
        "functions    "
            + (functionLibraries == 0 ? "none" : "libraries: " + Text.count(functionLibraries)));
    lines.add("modules      " + (modules.isEmpty() ? "none" : String.join(", ", modules)));
    lines.add("taken by     " + snapshot.origin() + ", ringkeep " + tool);
    snapshot.warnings().forEach(warning -> lines.add("note         " + warning));
    lines.add("");
    lines.addAll(shardTable());
    lines.add("");
    lines.addAll(typeTable());
    if (settings != null) {
      settings.forEach(server -> lines.addAll(settingsText(server)));
    }
    return lines;
  }

  private List<String> shardTable() {
    Table table = new Table("SHARD", "SLOTS", "SERVER", "ROLE", "ENGINE", ">RECORDS", ">BYTES");
    for (ShardView shard : servers) {
      table.row(
          shard.shard(),
          shard.slots().isEmpty() ? "-" : shard.slots(),
          shard.endpoint(),
          shard.role(),
          shard.engine(),
          Text.count(shard.records()),
          ByteSize.format(shard.bytes()));
    }
    return table.lines();
  }

  private List<String> typeTable() {
    Table table = new Table(">DATABASE", "TYPE", ">RECORDS");
    for (TypeView type : types) {
      table.row(Integer.toString(type.database()), type.type(), Text.count(type.records()));
    }
    return table.lines();
  }

  private static List<String> settingsText(SettingsView server) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("configuration of shard " + server.shard());
    server.config().forEach((name, value) -> lines.add("  " + name + " " + value));
    lines.add("users of shard " + server.shard());
    server.acl().forEach(line -> lines.add("  " + line));
    return lines;
  }
}
