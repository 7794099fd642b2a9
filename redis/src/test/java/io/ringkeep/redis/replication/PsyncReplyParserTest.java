package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.replication.PsyncReply.Continue;
import io.ringkeep.redis.replication.PsyncReply.FullResync;
import io.ringkeep.redis.replication.PsyncReply.NotYet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PsyncReplyParserTest {
  private static final String REPLID = "8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb";

  @Test
  void parse_ofEachAnswer_isItsMeaning() {
    assertThat(PsyncReplyParser.parse("+FULLRESYNC " + REPLID + " 1725"))
        .contains(new FullResync(REPLID, 1725));
    assertThat(PsyncReplyParser.parse("+CONTINUE " + REPLID)).contains(new Continue(REPLID));
    assertThat(PsyncReplyParser.parse("+CONTINUE")).contains(new Continue(""));
    String reply = "NOMASTERLINK Can't SYNC while not connected with my master";
    assertThat(PsyncReplyParser.parse("-" + reply)).contains(new NotYet(reply));
    reply = "LOADING Redis is loading the dataset in memory";
    assertThat(PsyncReplyParser.parse("-" + reply)).contains(new NotYet(reply));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+OK",
        "-ERR unknown command 'PSYNC'",
        "-NOPERM this user has no permissions to run the 'psync' command",
        "-NOMASTERLINKS x",
        "+FULLRESYNC",
        "+FULLRESYNC " + REPLID,
        "+FULLRESYNC " + REPLID + " -1",
        "+FULLRESYNC " + REPLID + " 1x",
        "+FULLRESYNC " + REPLID + " 99999999999999999999",
        "+FULLRESYNC 8371b4 5",
        "+CONTINUE 8371b4"
      })
  void parse_ofAnythingElse_isEmpty(String line) {
    assertThat(PsyncReplyParser.parse(line)).isEmpty();
  }
}
