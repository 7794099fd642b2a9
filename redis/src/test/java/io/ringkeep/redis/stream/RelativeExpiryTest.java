package io.ringkeep.redis.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelativeExpiryTest {
  private static StreamCommand command(String... words) {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      text.append("$%d\r\n%s\r\n".formatted(word.length(), word));
    }
    List<StreamCommand> commands = new ArrayList<>();
    new StreamCutter(0, 0, /* insideTransaction= */ false, RelativeExpiry.WORDS, true)
        .feed(ByteBuffer.wrap(text.toString().getBytes(ISO_8859_1)), commands::add);
    return commands.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "EXPIRE k 10, 10000",
    "pexpire k 10, 10",
    "SETEX k 10 v, 10000",
    "PSETEX k 10 v, 10",
    "SET k v EX 10, 10000",
    "SET k v NX px 1500, 1500",
    "SET k EX KEEPTTL GET PX 7, 7",
    "GETEX k EX 3, 3000",
    "RESTORE k 2500 payload, 2500",
    "RESTORE-ASKING k 2500 payload REPLACE, 2500",
  })
  void millis_commandsThatSayHowLong_areThoseFromTheirExecutionOn(String words, long millis) {
    assertThat(RelativeExpiry.millis(command(words.split(" ")))).hasValue(millis);
  }

  @ParameterizedTest
  @CsvSource({
    "SET k v",
    "SET EX PX",
    "SET k EX",
    "SET k v PXAT 1700000000000",
    "SET k v KEEPTTL",
    "GETEX k PERSIST",
    "PEXPIREAT k 1700000000000",
    "RESTORE k 0 payload REPLACE",
    "RESTORE k 1700000000000 payload REPLACE ABSTTL IDLETIME 5",
    "RPUSH EX 10 10",
    "PERSIST k",
    "PING",
  })
  void millis_commandsThatSayNothingOfTheKind_areEmpty(String words) {
    assertThat(RelativeExpiry.millis(command(words.split(" ")))).isEmpty();
  }

  @Test
  void endsAt_longBinaryKey_isWhole() {
    String key = "key\r\n\0\u00ff".repeat(200);

    ByteBuffer bytes = RelativeExpiry.endsAt(command("SETEX", key, "10", "v"), 1_700_000_000_000L);

    assertThat(ISO_8859_1.decode(bytes).toString())
        .isEqualTo(
            "*3\r\n$9\r\nPEXPIREAT\r\n$%d\r\n%s\r\n$13\r\n1700000000000\r\n"
                .formatted(key.length(), key));
  }
}
