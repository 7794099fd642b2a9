package io.ringkeep.redis.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.ringkeep.model.HashKey;
import io.ringkeep.model.SipHash;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Fingerprints as `docs/format/fingerprint.md` defines them, written down as simply as can be: all
/// words gathered, then hashed.
final class ReferenceFingerprint {
  private static final BigInteger TWO_TO_THE_128TH = BigInteger.ONE.shiftLeft(128);

  private final HashKey hashKey;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private ReferenceFingerprint(HashKey hashKey) {
    this.hashKey = hashKey;
  }

  static String of(HashKey hashKey, int database, String key, long expiry, LogicalValue value) {
    ReferenceFingerprint f = new ReferenceFingerprint(hashKey);
    f.word(0x80000100L + code(value) + ((long) database << 32))
        .word(expiry)
        .string(key)
        .value(value);
    return "%032x".formatted(f.hash());
  }

  private static int code(LogicalValue value) {
    return switch (value) {
      case LogicalValue.Text t -> 0;
      case LogicalValue.Items i -> 1;
      case LogicalValue.Members m -> 2;
      case LogicalValue.Scores s -> 3;
      case LogicalValue.Fields f -> 4;
      case LogicalValue.Stream s -> 5;
      case LogicalValue.Array a -> 7;
    };
  }

  private void value(LogicalValue value) {
    List<BigInteger> elements = new ArrayList<>();
    switch (value) {
      case LogicalValue.Text text -> string(text.bytes());
      case LogicalValue.Items list -> {
        list.items().forEach(this::string);
        word(list.items().size());
      }
      case LogicalValue.Members set -> {
        set.members().forEach(m -> elements.add(element(2).string(m).hash()));
        sum(elements);
      }
      case LogicalValue.Scores sortedSet -> {
        sortedSet
            .scores()
            .forEach((m, s) -> elements.add(element(3).word(bits(s)).string(m).hash()));
        sum(elements);
      }
      case LogicalValue.Fields hash -> {
        hash.fields()
            .forEach((f, v) ->
                elements.add(element(4).word(v.expiry()).string(f).string(v.value()).hash()));
        sum(elements);
      }
      case LogicalValue.Stream stream -> stream(stream);
      case LogicalValue.Array array -> {
        array.elements().forEach((i, v) -> elements.add(element(7).word(i).string(v).hash()));
        sum(elements);
        word(array.next());
      }
    }
  }

  private void stream(LogicalValue.Stream stream) {
    for (LogicalValue.Entry entry : stream.entries()) {
      if (!entry.deleted()) {
        word(1).id(entry.id()).word(entry.namesAndValues().size() / 2);
        entry.namesAndValues().forEach(this::string);
      }
    }
    word(2).word(stream.length()).id(stream.last());
    id(stream.length() == 0 ? new StreamId(0, 0) : stream.first());
    id(stream.maxDeleted()).word(stream.added());
    for (LogicalValue.Group group : stream.groups()) {
      word(3).string(group.name()).id(group.delivered()).word(group.read());
      group.pending().forEach(p -> word(4).id(p.id()).word(p.time()).word(p.count()));
      for (LogicalValue.Consumer consumer : group.consumers()) {
        word(5).string(consumer.name());
        consumer.owned().forEach(id -> word(6).id(id));
      }
      group.unowned().forEach(id -> word(10).id(id));
    }
  }

  private static long bits(double score) {
    return score == 0 ? 0 : Double.doubleToLongBits(score);
  }

  private ReferenceFingerprint element(int code) {
    return new ReferenceFingerprint(hashKey).word(0x80000200L + code);
  }

  private void sum(List<BigInteger> elements) {
    BigInteger sum =
        elements.stream().reduce(BigInteger.ZERO, BigInteger::add).mod(TWO_TO_THE_128TH);
    word(elements.size()).word(sum.longValue()).word(sum.shiftRight(64).longValue());
  }

  private ReferenceFingerprint id(StreamId id) {
    return word(id.millis()).word(id.sequence());
  }

  private ReferenceFingerprint word(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  private ReferenceFingerprint string(String bytes) {
    word(bytes.length());
    out.writeBytes(bytes.getBytes(ISO_8859_1));
    while (out.size() % 8 != 0) {
      out.write(0);
    }
    return this;
  }

  private BigInteger hash() {
    SipHash hash = new SipHash(hashKey);
    hash.putBytes(ByteBuffer.wrap(out.toByteArray())).finish();
    return new BigInteger("%016x%016x".formatted(hash.high(), hash.low()), 16);
  }
}
