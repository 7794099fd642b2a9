package io.ringkeep.redis.stream;

import io.ringkeep.model.BackupException.CorruptData;
import io.ringkeep.model.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cuts a command stream into commands and follows its database and its transactions. For one
/// thread.
/* A state machine over bytes. Arguments are passed over by their length, so the cost of large values is
 * that of adding up lengths. Commands are arrays of strings (`*3␍␊$3␍␊SET␍␊…`), or a line of words
 * (`PING`, as servers before 6.2 send it and proxies do), or a bare newline.
 *
 * Source: `processMultibulkBuffer` and `processInlineBuffer` in `networking.c`,
 * `replicationFeedSlaves` in `replication.c`.
 */
public final class StreamCutter {
  /// How much of a word is kept, unless it is a key that is wanted whole.
  public static final int KEPT_BYTES = 128;

  private static final int MOST_WORDS = 1 << 26;
  private static final long MOST_WORD_BYTES = 1L << 40;
  private static final int MOST_LINE_BYTES = 64 * 1024;

  private enum Expects {
    COMMAND,
    INLINE,
    COUNT,
    LENGTH_SIGN,
    LENGTH,
    WORD,
    WORD_END
  }

  private final int keptWords;
  private final boolean wholeKeys;
  private long offset;
  private int database;
  private boolean insideTransaction;

  private Expects expects = Expects.COMMAND;
  private long start;
  private int words;
  private int wordsLeft;
  private long number;
  private int digits;
  private long wordLeft;
  private int ends;
  private final List<String> kept = new ArrayList<>();
  private byte[] word = new byte[KEPT_BYTES];
  private int wordLength;
  private int mostKept;

  // The word that is looked for; of the current word, how many bytes were compared, or -1.
  private byte @Nullable [] wanted;
  private int alike;
  private boolean met;
  private boolean mentioned;

  /// @param offset of the first byte that will be fed, which begins a command
  /// @param keptWords how many words of each command are kept, at least two; of `CLUSTER`, which
  ///   lists slots, all are
  public StreamCutter(long offset, int database, boolean insideTransaction, int keptWords) {
    this(offset, database, insideTransaction, keptWords, /* wholeKeys= */ false);
  }

  /// @param wholeKeys whether the second word is kept whatever its length: most commands have their
  ///   key there
  public StreamCutter(
      long offset, int database, boolean insideTransaction, int keptWords, boolean wholeKeys) {
    if (keptWords < 2) {
      throw new IllegalArgumentException("the database stands in the second word");
    }
    this.keptWords = keptWords;
    this.wholeKeys = wholeKeys;
    this.offset = offset;
    this.start = offset;
    this.database = database;
    this.insideTransaction = insideTransaction;
  }

  /// Looks for a word in every command from here on, whatever its length.
  public void lookFor(ByteBuffer text) {
    wanted = Bytes.of(text);
  }

  /// Whether the command that the sink was told of last has that word.
  public boolean mentioned() {
    return mentioned;
  }

  /// Offset of the next byte.
  public long offset() {
    return offset;
  }

  /// Offset behind the last whole command.
  public long commandEnd() {
    return start;
  }

  /// Database behind the last whole command.
  public int database() {
    return database;
  }

  /// Whether a transaction is open behind the last whole command.
  public boolean insideTransaction() {
    return insideTransaction;
  }

  /// Whether a command has begun that may turn out to have this name.
  public boolean mayBe(String name) {
    return offset > start && (kept.isEmpty() || kept.getFirst().equalsIgnoreCase(name));
  }

  /// Takes bytes from `bytes` until none remain or `sink` has enough.
  ///
  /// @throws CorruptData if they are no commands
  public void feed(ByteBuffer bytes, CommandSink sink) {
    while (bytes.hasRemaining()) {
      if (expects == Expects.WORD) {
        skipWord(bytes);
        continue;
      }
      byte next = bytes.get();
      offset++;
      if (step(next) && !end(sink)) {
        return;
      }
    }
  }

  private void skipWord(ByteBuffer bytes) {
    int count = (int) Math.min(wordLeft, bytes.remaining());
    compare(bytes, count);
    int keep = wholeKeys && kept.size() == 1 ? count : Math.min(count, KEPT_BYTES - wordLength);
    if (keep > 0 && kept.size() < mostKept) {
      if (word.length - wordLength < keep) {
        word = Arrays.copyOf(word, Math.max(2 * word.length, wordLength + keep));
      }
      bytes.get(bytes.position(), word, wordLength, keep);
      wordLength += keep;
    }
    bytes.position(bytes.position() + count);
    offset += count;
    wordLeft -= count;
    if (wordLeft == 0) {
      keepWord();
      expects = Expects.WORD_END;
      ends = 0;
    }
  }

  /// Compares the next bytes of a word with the one that is looked for.
  private void compare(ByteBuffer bytes, int count) {
    if (wanted == null || alike < 0) {
      return;
    }
    boolean same =
        alike + count <= wanted.length
            && bytes.slice(bytes.position(), count).equals(ByteBuffer.wrap(wanted, alike, count));
    alike = same ? alike + count : -1;
  }

  /// Takes one byte.
  ///
  /// @return whether it ends a command
  private boolean step(byte next) {
    return switch (expects) {
      case COMMAND -> begin(next);
      case INLINE -> inline(next);
      case COUNT -> count(next);
      case LENGTH_SIGN -> {
        require(next == '$', next);
        beginNumber(Expects.LENGTH);
        yield false;
      }
      case LENGTH -> length(next);
      case WORD -> throw new IllegalStateException("words are passed over");
      case WORD_END -> wordEnd(next);
    };
  }

  private boolean begin(byte next) {
    kept.clear();
    mostKept = keptWords;
    words = 0;
    wordLength = 0;
    if (next == '*') {
      beginNumber(Expects.COUNT);
      return false;
    }
    if (next == '\n') {
      return true;
    }
    require(next == '\r' || (next >= ' ' && next < 0x7f && next != '$'), next);
    expects = Expects.INLINE;
    return inline(next);
  }

  private void beginNumber(Expects what) {
    expects = what;
    number = 0;
    digits = 0;
  }

  private boolean inline(byte next) {
    require(offset - start <= MOST_LINE_BYTES, next);
    if (next == '\n' || next == '\r' || next == ' ') {
      if (wordLength > 0) {
        words++;
        keepWord();
      }
      return next == '\n';
    }
    if (wanted != null && alike >= 0) {
      alike = alike < wanted.length && wanted[alike] == next ? alike + 1 : -1;
    }
    if (wordLength < KEPT_BYTES) {
      word[wordLength++] = next;
    }
    return false;
  }

  /// A digit of a number, or the end of its line.
  ///
  /// @return whether it was the end
  private boolean numberEnds(byte next, long most) {
    if (next >= '0' && next <= '9') {
      number = number * 10 + next - '0';
      digits++;
      require(digits < 18 && number <= most, next);
      return false;
    }
    if (next == '\r') {
      return false;
    }
    require(next == '\n' && digits > 0, next);
    return true;
  }

  private boolean count(byte next) {
    if (!numberEnds(next, MOST_WORDS)) {
      return false;
    }
    words = (int) number;
    wordsLeft = words;
    expects = Expects.LENGTH_SIGN;
    return wordsLeft == 0;
  }

  private boolean length(byte next) {
    if (!numberEnds(next, MOST_WORD_BYTES)) {
      return false;
    }
    wordLeft = number;
    wordLength = 0;
    if (wordLeft == 0) {
      keepWord();
      expects = Expects.WORD_END;
      ends = 0;
    } else {
      expects = Expects.WORD;
    }
    return false;
  }

  private boolean wordEnd(byte next) {
    require(next == (ends == 0 ? '\r' : '\n'), next);
    if (++ends < 2) {
      return false;
    }
    expects = Expects.LENGTH_SIGN;
    return --wordsLeft == 0;
  }

  private void keepWord() {
    if (kept.size() < mostKept) {
      kept.add(new String(word, 0, wordLength, StandardCharsets.ISO_8859_1));
      if (kept.size() == 1 && mayBe(StreamCommand.CLUSTER)) {
        mostKept = MOST_WORDS;
      }
    }
    wordLength = 0;
    met |= wanted != null && alike == wanted.length;
    alike = 0;
  }

  /// Ends a command: follows what it changes, then tells of it.
  private boolean end(CommandSink sink) {
    boolean inside = insideTransaction;
    String name = kept.isEmpty() ? "" : kept.getFirst();
    if (name.equalsIgnoreCase("MULTI")) {
      insideTransaction = true;
      inside = true;
    } else if (name.equalsIgnoreCase("EXEC") || name.equalsIgnoreCase("DISCARD")) {
      insideTransaction = false;
    } else if (name.equalsIgnoreCase("SELECT") && kept.size() > 1) {
      database = number(kept.get(1));
    }
    mentioned = met;
    met = false;
    StreamCommand command = new StreamCommand(start, offset, words, kept, database, inside);
    start = offset;
    expects = Expects.COMMAND;
    return sink.command(command);
  }

  private int number(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw damaged("database is no number: text=" + text.length());
    }
    return Integer.parseInt(text);
  }

  private void require(boolean holds, byte next) {
    if (!holds) {
      throw damaged("expected=%s actual=%02x".formatted(expects, Byte.toUnsignedInt(next)));
    }
  }

  private CorruptData damaged(String what) {
    return new CorruptData(
        "command stream is damaged: offset=%d command=%d %s".formatted(offset - 1, start, what),
        "it does not follow from where the reader began; see whether the source's replicas hold",
        null);
  }
}
