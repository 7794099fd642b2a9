package io.ringkeep.redis.command;

import io.ringkeep.redis.rdb.Element;
import io.ringkeep.redis.rdb.StreamId;
import io.ringkeep.redis.rdb.StreamState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Turns the elements of one value into commands that write it under a key that is not there yet.
///
/// Small elements are gathered, at most [#MOST_ELEMENTS] a command; large ones go alone, straight
/// from where they lie.
final class ValueCommands extends QuietVisitor {
  static final int MOST_ELEMENTS = 256;
  private static final int GATHERED_BYTES = 64 * 1024;
  private static final int LARGE_BYTES = 16 * 1024;

  private static final byte[] SET = ascii("SET");
  private static final byte[] RPUSH = ascii("RPUSH");
  private static final byte[] SADD = ascii("SADD");
  private static final byte[] ZADD = ascii("ZADD");
  private static final byte[] HSET = ascii("HSET");
  private static final byte[] HPEXPIREAT = ascii("HPEXPIREAT");
  private static final byte[] ARMSET = ascii("ARMSET");
  private static final byte[] ARSEEK = ascii("ARSEEK");
  private static final byte[] FIELDS = ascii("FIELDS");
  private static final byte[] ONE = ascii("1");

  private final CommandPipe pipe;
  private final Ability ability;
  private final StreamCommands streams;
  private final Element.PieceSink raw = this::raw;
  private final ByteBuffer gathered = ByteBuffer.allocate(GATHERED_BYTES);
  private final Element.PieceSink intoGathered = this::gather;

  // Of the value that is written.
  private byte[] key = new byte[0];
  private Consumer<Answer> taker = _ -> {};
  private byte[] gatheredCommand = RPUSH;
  private int gatheredElements;
  private int wordsEach = 1;

  ValueCommands(CommandPipe pipe, Ability ability) {
    this.pipe = pipe;
    this.ability = ability;
    this.streams = new StreamCommands(this, ability);
  }

  /// Begins a value under `key`; answers go to `taker`.
  ///
  /// @param pending ids of the stream's pending entries, if it is one
  void begin(byte[] key, Consumer<Answer> taker, PendingIds pending) {
    this.key = key;
    this.taker = taker;
    gathered.clear();
    gatheredElements = 0;
    streams.begin(pending);
  }

  /// Sends what is left of it.
  void end() {
    sendGathered();
    streams.end();
  }

  @Override
  public void string(Element value) {
    head(SET, 2);
    word(value);
    sent(value.length());
  }

  @Override
  public void listElement(Element element) {
    add(RPUSH, element);
  }

  @Override
  public void setMember(Element member) {
    add(SADD, member);
  }

  @Override
  public void sortedSetMember(Element member, double score) {
    byte[] text = scoreText(score);
    if (member.length() >= LARGE_BYTES) {
      sendGathered();
      head(ZADD, 3);
      word(text, 0, text.length);
      word(member);
      sent(member.length());
      return;
    }
    reserve(ZADD, 2, text.length + member.length());
    gatherHead(text.length);
    gathered.put(text);
    gatherEnd();
    gather(member);
    gatheredElements++;
  }

  @Override
  public void hashField(Element field, Element value, long expiryMillis) {
    boolean expires = expiryMillis != NO_EXPIRY && ability.fieldExpiry();
    if (!expires && field.length() + value.length() < LARGE_BYTES) {
      reserve(HSET, 2, field.length() + value.length());
      gather(field);
      gather(value);
      gatheredElements++;
      return;
    }
    sendGathered();
    head(HSET, 3);
    word(field);
    word(value);
    sent(field.length() + value.length());
    if (expires) {
      head(HPEXPIREAT, 5);
      number(expiryMillis);
      word(FIELDS, 0, FIELDS.length);
      word(ONE, 0, ONE.length);
      word(field);
      sent(field.length());
    }
  }

  @Override
  public void streamEntry(long idMillis, long idSequence, long fieldCount) {
    streams.entry(new StreamId(idMillis, idSequence), fieldCount);
  }

  @Override
  public void streamField(Element name, Element value) {
    streams.field(name, value);
  }

  @Override
  public void streamState(StreamState state) {
    streams.state(state);
  }

  @Override
  public void streamGroup(Element name, StreamId lastDelivered, long entriesRead) {
    streams.group(name, lastDelivered, entriesRead);
  }

  @Override
  public void streamPending(
      long idMillis, long idSequence, long deliveryMillis, long deliveryCount) {
    streams.pending(idMillis, idSequence, deliveryMillis, deliveryCount);
  }

  @Override
  public void streamConsumer(Element name, long seenMillis, long activeMillis) {
    streams.consumer(name);
  }

  @Override
  public void streamConsumerPending(long idMillis, long idSequence) {
    streams.consumerPending(idMillis, idSequence);
  }

  @Override
  public void arrayElement(long index, Element value) {
    byte[] place = ascii(Long.toUnsignedString(index));
    if (value.length() >= LARGE_BYTES) {
      sendGathered();
      head(ARMSET, 3);
      word(place, 0, place.length);
      word(value);
      sent(value.length());
      return;
    }
    reserve(ARMSET, 2, place.length + value.length());
    gatherHead(place.length);
    gathered.put(place);
    gatherEnd();
    gather(value);
    gatheredElements++;
  }

  @Override
  public void arrayNext(long index) {
    sendGathered();
    if (index != 0) {
      whole(ARSEEK, key, ascii(Long.toUnsignedString(index)));
    }
  }

  /// A score as every server reads it back to the same double.
  private static byte[] scoreText(double score) {
    String text = Double.isInfinite(score) ? score > 0 ? "+inf" : "-inf" : Double.toString(score);
    return ascii(text);
  }

  private void add(byte[] command, Element element) {
    if (element.length() >= LARGE_BYTES) {
      sendGathered();
      head(command, 2);
      word(element);
      sent(element.length());
      return;
    }
    reserve(command, 1, element.length());
    gather(element);
    gatheredElements++;
  }

  /// Makes room for an element of so many bytes: heads take at most 24 a word.
  private void reserve(byte[] command, int words, long bytes) {
    if (gatheredElements == MOST_ELEMENTS || gathered.remaining() < bytes + words * 24L) {
      sendGathered();
    }
    gatheredCommand = command;
    wordsEach = words;
  }

  private void gather(Element element) {
    gatherHead(element.length());
    element.pieces(intoGathered);
    gatherEnd();
  }

  private void gather(ByteBuffer buffer, int start, int end) {
    gathered.put(gathered.position(), buffer, start, end - start);
    gathered.position(gathered.position() + end - start);
  }

  private void gatherHead(long length) {
    gathered.put((byte) '$').put(ascii(Long.toString(length)));
    gatherEnd();
  }

  private void gatherEnd() {
    gathered.put((byte) '\r').put((byte) '\n');
  }

  private void sendGathered() {
    if (gatheredElements == 0) {
      return;
    }
    head(gatheredCommand, 1 + gatheredElements * wordsEach);
    gathered.flip();
    long bytes = gathered.remaining();
    try {
      pipe.out().raw(gathered);
    } catch (IOException e) {
      throw pipe.lost(e);
    }
    gathered.clear();
    gatheredElements = 0;
    sent(bytes);
  }

  /// The head of a command about the key, of so many words behind the command's own.
  void head(byte[] command, long words) {
    try {
      pipe.out().array(Math.toIntExact(words + 1)).bulk(command).bulk(key);
    } catch (IOException e) {
      throw pipe.lost(e);
    }
  }

  /// As above, with a word between command and key: `XGROUP CREATE key`.
  void head(byte[] command, byte[] verb, long words) {
    try {
      pipe.out().array(Math.toIntExact(words + 2)).bulk(command).bulk(verb).bulk(key);
    } catch (IOException e) {
      throw pipe.lost(e);
    }
  }

  /// A whole command.
  void whole(byte[]... words) {
    pipe.command(taker, words);
  }

  /// The key that is written.
  byte[] key() {
    return key;
  }

  void word(Element element) {
    try {
      pipe.out().bulkHead(element.length());
      element.pieces(raw);
      pipe.out().end();
    } catch (IOException e) {
      throw pipe.lost(e);
    }
  }

  void word(byte[] bytes, int start, int end) {
    try {
      pipe.out().bulk(ByteBuffer.wrap(bytes, start, end - start));
    } catch (IOException e) {
      throw pipe.lost(e);
    }
  }

  void word(String text) {
    byte[] bytes = ascii(text);
    word(bytes, 0, bytes.length);
  }

  void number(long number) {
    try {
      pipe.out().bulk(number);
    } catch (IOException e) {
      throw pipe.lost(e);
    }
  }

  void sent(long bytes) {
    pipe.sent(bytes, taker);
  }

  private void raw(ByteBuffer buffer, int start, int end) {
    try {
      pipe.out().raw(buffer.duplicate().limit(end).position(start));
    } catch (IOException e) {
      throw pipe.lost(e);
    }
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
