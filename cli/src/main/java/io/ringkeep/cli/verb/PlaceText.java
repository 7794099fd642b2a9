package io.ringkeep.cli.verb;

import io.ringkeep.advice.StoragePlace;
import io.ringkeep.cli.text.ByteRate;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Places as a command line has them: `a,100MiB/s,2TiB,zone=rack1,remote,url=sftp://host/folder`.
final class PlaceText {
  private static final String ZONE = "zone=";
  private static final String URL = "url=";
  private static final int MOST_NODES = 1_000;

  private PlaceText() {}

  /// One place.
  ///
  /// @throws InvalidRequest if it is none
  static StoragePlace parse(String text) {
    List<String> words = List.of(text.split(",", -1));
    if (words.size() < 3) {
      throw malformed(text, "a name, a bandwidth and room for data");
    }
    String id = words.get(0);
    String zone = id;
    String url = "";
    StorageNode.Tier tier = StorageNode.Tier.LOCAL;
    for (String word : words.subList(3, words.size())) {
      if (word.startsWith(ZONE)) {
        zone = word.substring(ZONE.length());
      } else if (word.startsWith(URL)) {
        url = word.substring(URL.length());
      } else if (word.equals("remote")) {
        tier = StorageNode.Tier.REMOTE;
      } else if (!word.equals("local")) {
        throw malformed(text, "zone=, url=, local or remote behind it");
      }
    }
    try {
      long rate = ByteRate.parse(words.get(1)).bytesPerSecond();
      long space = ByteSize.parse(words.get(2)).bytes();
      StorageNode checked =
          new StorageNode(id, /* weight= */ 1, zone, tier, StorageNode.State.ACTIVE);
      return new StoragePlace(checked.id(), url, checked.zone(), tier, rate, space);
    } catch (IllegalArgumentException e) {
      throw malformed(text, String.valueOf(e.getMessage()));
    }
  }

  /// Several of one kind: `12,100MiB/s,2TiB`.
  static List<StoragePlace> parseMany(String text) {
    int comma = text.indexOf(',');
    String count = comma < 0 ? text : text.substring(0, comma);
    if (!count.matches("[0-9]{1,4}") || Integer.parseInt(count) < 1) {
      throw malformed(text, "a number of places first, such as 12,100MiB/s,2TiB");
    }
    if (Integer.parseInt(count) > MOST_NODES) {
      throw malformed(text, "1000 places at most");
    }
    List<StoragePlace> places = new ArrayList<>();
    for (int i = 1; i <= Integer.parseInt(count); i++) {
      places.add(parse(String.format(Locale.ROOT, "n%03d", i) + text.substring(count.length())));
    }
    return places;
  }

  private static InvalidRequest malformed(String text, String wanted) {
    return new InvalidRequest(
        "no place for backups: '%s': %s".formatted(text, wanted),
        "write --node a,100MiB/s,2TiB,zone=rack1,url=file:///srv/a");
  }
}
