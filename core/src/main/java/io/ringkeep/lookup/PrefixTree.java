package io.ringkeep.lookup;

import io.ringkeep.model.Bytes;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.rdb.LogicalType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How many keys begin with which words, and what they take, in fixed memory.
///
/// Names are cut behind each separator. When there are more branches than fit, the lightest ones
/// are dropped into their parents: totals stay exact, a branch that comes back counts from then on
/// and says so.
public final class PrefixTree {
  private static final int MOST_DEPTH = 12;

  /// Longer words are cut.
  private static final int MOST_WORD_BYTES = 128;

  /// A branch: all keys whose names begin with the same words.
  public static final class Branch {
    private final Map<ByteBuffer, Branch> children = new HashMap<>();
    private final Map<LogicalType, Long> bytesByType = new EnumMap<>(LogicalType.class);
    private long keys;
    private long bytes;
    private boolean pruned;
    private boolean atLeast;

    /// Number of keys in it.
    public long keys() {
      return keys;
    }

    /// Length of their RDB bytes.
    public long bytes() {
      return bytes;
    }

    /// Length of the RDB bytes of those of one type.
    public long bytes(LogicalType type) {
      return bytesByType.getOrDefault(type, 0L);
    }

    private void count(LogicalType type, long added) {
      keys++;
      bytes += added;
      bytesByType.merge(type, added, Long::sum);
    }

    /// True if the numbers are lower bounds, since the branch was once dropped.
    public boolean atLeast() {
      return atLeast;
    }

    /// True if some branches below were dropped.
    public boolean pruned() {
      return pruned;
    }

    /// The heaviest branches below, each under its word.
    public List<Child> children(int most) {
      return children.entrySet().stream()
          .sorted(
              Comparator.comparingLong(
                      (Map.Entry<ByteBuffer, Branch> child) -> child.getValue().bytes)
                  .reversed()
                  .thenComparing(Map.Entry::getKey))
          .limit(most)
          .map(child -> new Child(EscapedText.of(child.getKey()), child.getValue()))
          .toList();
    }

    /// Number of branches below that are known.
    public int size() {
      return children.size();
    }
  }

  /// A branch under its word, the separator at its end.
  public record Child(String word, Branch branch) {}

  private final byte[] separator;
  private final int mostBranches;
  private final Branch root = new Branch();
  private int branches;

  /// An empty tree.
  ///
  /// @param mostBranches how many are kept at most
  public PrefixTree(String separator, int mostBranches) {
    this.separator = separator.getBytes(StandardCharsets.UTF_8);
    this.mostBranches = mostBranches;
    if (this.separator.length == 0) {
      throw new IllegalArgumentException("a separator has at least one byte");
    }
  }

  /// All keys.
  public Branch root() {
    return root;
  }

  /// Counts a key.
  public void add(ByteBuffer key, LogicalType type, long bytes) {
    Branch branch = root;
    branch.count(type, bytes);
    int from = key.position();
    for (int depth = 0; depth < MOST_DEPTH; depth++) {
      int end = end(key, from);
      if (end < 0) {
        break;
      }
      branch = child(branch, key.slice(from, Math.min(end - from, MOST_WORD_BYTES)));
      branch.count(type, bytes);
      from = end;
    }
    if (branches > mostBranches) {
      prune();
    }
  }

  /// Index behind the next separator; -1 if there is none.
  private int end(ByteBuffer key, int from) {
    for (int i = from; i + separator.length <= key.limit(); i++) {
      int same = 0;
      while (same < separator.length && key.get(i + same) == separator[same]) {
        same++;
      }
      if (same == separator.length) {
        return i + same;
      }
    }
    return -1;
  }

  private Branch child(Branch parent, ByteBuffer word) {
    Branch known = parent.children.get(word);
    if (known == null) {
      known = new Branch();
      known.atLeast = parent.pruned;
      parent.children.put(ByteBuffer.wrap(Bytes.of(word)), known);
      branches++;
    }
    return known;
  }

  /// Drops the lighter half of the branches that have none below, until half of the places are
  /// free.
  private void prune() {
    while (branches > mostBranches / 2) {
      List<Long> weights = new ArrayList<>();
      leaves(root, weights);
      weights.sort(null);
      drop(root, weights.get(weights.size() / 2));
    }
  }

  private static void leaves(Branch branch, List<Long> weights) {
    for (Branch child : branch.children.values()) {
      if (child.children.isEmpty()) {
        weights.add(child.bytes);
      } else {
        leaves(child, weights);
      }
    }
  }

  private void drop(Branch branch, long most) {
    int before = branch.children.size();
    branch.children.values().removeIf(child -> child.children.isEmpty() && child.bytes <= most);
    int dropped = before - branch.children.size();
    branches -= dropped;
    branch.pruned |= dropped > 0;
    branch.children.values().forEach(child -> drop(child, most));
  }
}
