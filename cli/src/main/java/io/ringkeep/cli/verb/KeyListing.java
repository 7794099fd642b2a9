package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.Json;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.text.ByteSize;
import io.ringkeep.cli.text.Text;
import io.ringkeep.lookup.KeyScan;
import io.ringkeep.lookup.KeyScan.Listed;
import io.ringkeep.lookup.KeyScan.Seen;
import io.ringkeep.lookup.LargestKeys;
import io.ringkeep.lookup.PrefixTree;
import io.ringkeep.model.Record;
import io.ringkeep.repository.manifest.Manifest;
import java.io.PrintStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// Prints keys as they come, or what is left of them at the end.
abstract class KeyListing implements KeyScan.Taker {
  private static final String ROW = "%-3s %-7s %11s  %-21s  %s";

  final PrintStream out;
  private final boolean asJson;
  @Nullable JsonGenerator json;
  private long keys;
  private long bytes;

  KeyListing(Session session) {
    out = session.out();
    asJson = session.json();
  }

  @Override
  public void begin(Manifest snapshot) {
    if (asJson) {
      JsonGenerator opened = Json.generator(out);
      opened.writeStartObject();
      opened.writeStringProperty("snapshot", snapshot.id());
      opened.writeStringProperty("time", snapshot.time().toString());
      json = opened;
    } else {
      out.println("snapshot %s of %s".formatted(snapshot.id(), Text.time(snapshot.time())));
      out.println();
    }
    start();
  }

  @Override
  public void take(Seen seen) {
    keys++;
    bytes += seen.bytes();
    add(seen);
  }

  /// Prints what stands in front of the keys.
  abstract void start();

  /// Takes one.
  abstract void add(Seen seen);

  /// Prints what was gathered.
  abstract void finish();

  /// Ends the answer.
  void end() {
    finish();
    if (json != null) {
      json.writeNumberProperty("count", keys);
      json.writeNumberProperty("bytes", bytes);
      json.writeEndObject();
      json.close();
      out.println();
    } else {
      out.println();
      out.println("%s, %s".formatted(Text.count(keys, "key"), ByteSize.format(bytes)));
    }
  }

  void heading() {
    if (json != null) {
      json.writeArrayPropertyStart("keys");
    } else {
      out.println(ROW.formatted("DB", "TYPE", "BYTES", "EXPIRES", "KEY"));
    }
  }

  void row(Listed key) {
    boolean expires = key.expiryMillis() != Record.NO_EXPIRY;
    if (json == null) {
      out.println(
          ROW.formatted(
              key.database(),
              key.type().word(),
              ByteSize.format(key.bytes()),
              expires ? KeyWords.time(key.expiryMillis()) : "-",
              key.key()));
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("key", key.key());
    json.writeNumberProperty("database", key.database());
    json.writeStringProperty("type", key.type().word());
    json.writeNumberProperty("bytes", key.bytes());
    if (expires) {
      json.writeStringProperty("expires", Instant.ofEpochMilli(key.expiryMillis()).toString());
    }
    json.writeEndObject();
  }

  void endKeys() {
    if (json != null) {
      json.writeEndArray();
    }
  }

  /// All of them, each at once.
  static final class All extends KeyListing {
    All(Session session) {
      super(session);
    }

    @Override
    void start() {
      heading();
    }

    @Override
    void add(Seen seen) {
      row(seen.listed());
    }

    @Override
    void finish() {
      endKeys();
    }
  }

  /// The largest.
  static final class Largest extends KeyListing {
    private final LargestKeys largest;

    Largest(Session session, int most) {
      super(session);
      largest = new LargestKeys(most);
    }

    @Override
    void start() {}

    @Override
    void add(Seen seen) {
      largest.add(seen);
    }

    @Override
    void finish() {
      heading();
      largest.inOrder().forEach(this::row);
      endKeys();
    }
  }

  /// How names begin.
  static final class Tree extends KeyListing {
    private static final int MOST_BRANCHES = 20;
    private static final int MOST_DEPTH = 3;

    private final PrefixTree tree;

    Tree(Session session, PrefixTree tree) {
      super(session);
      this.tree = tree;
    }

    @Override
    void start() {}

    @Override
    void add(Seen seen) {
      tree.add(seen.name(), seen.type(), seen.bytes());
    }

    @Override
    void finish() {
      if (json != null) {
        json.writeName("tree");
        PrefixView.json(json, "", tree.root(), MOST_BRANCHES, MOST_DEPTH);
      } else {
        PrefixView.text(tree.root(), MOST_BRANCHES, MOST_DEPTH).forEach(out::println);
      }
    }
  }
}
