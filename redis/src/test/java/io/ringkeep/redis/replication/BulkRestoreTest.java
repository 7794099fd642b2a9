package io.ringkeep.redis.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.TargetRefused;
import io.ringkeep.model.BackupException.Unavailable;
import io.ringkeep.model.Heat;
import io.ringkeep.model.RdbVersion;
import io.ringkeep.model.Record;
import io.ringkeep.model.Slot;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.replication.BulkRestore.Counts;
import io.ringkeep.redis.replication.BulkRestore.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Answers that servers give seldom; the usual ones are in `BulkRestoreIT`.
class BulkRestoreTest {
  private static final RdbVersion STAMP = RdbVersion.redis(9);
  private static final byte[] KEY = {'k'};

  @Test
  void restore_ofEachForm_isTheCommandExpected() throws IOException {
    try (ScriptedServer server =
            ScriptedServer.answering("+OK\r\n", "+OK\r\n", "+OK\r\n", "+OK\r\n", "unasked");
        BulkRestore restore = open(server)) {
      restore.restore(record(0, Record.NO_EXPIRY, Heat.UNKNOWN), STAMP, /* replace= */ false);
      restore.restore(record(0, 1234, new Heat.Idle(99)), STAMP, /* replace= */ true);
      restore.restore(record(7, 1234, new Heat.Frequency(5)), STAMP, /* replace= */ false);
      restore.flush();
      // Type 0, the string "v", version 9, and the checksum of the four bytes.
      String payload = "\0\u0001v\t\0" + checksum();
      assertThat(server.commands())
          .containsExactly(
              "RESTORE k 0 " + payload + " ABSTTL",
              "RESTORE k 1234 " + payload + " ABSTTL REPLACE IDLETIME 99",
              "SELECT 7",
              "RESTORE k 1234 " + payload + " ABSTTL FREQ 5");
      assertThat(restore.counts()).isEqualTo(new Counts(3, 0, 0));
    }
  }

  @Test
  void restore_slotOnItsWay_isNamedAndTheOthersGoOn() throws IOException {
    // The silence at the end keeps the connection, whose loss the reader could notice before flush.
    try (ScriptedServer server =
            ScriptedServer.answering("-ASK 7629 10.0.0.7:6379\r\n", "+OK\r\n", "");
        BulkRestore restore = open(server)) {
      restore.restore(record(0, Record.NO_EXPIRY, Heat.UNKNOWN), STAMP, /* replace= */ false);
      restore.restore(record(0, 1, Heat.UNKNOWN), STAMP, /* replace= */ false);
      restore.flush();
      assertThat(restore.elsewhere().stream()).containsExactly(Slot.of(ByteBuffer.wrap(KEY)));
      assertThat(restore.counts()).isEqualTo(new Counts(1, 0, 0));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-MISCONF Redis is configured to save RDB snapshots|cannot save its data",
        "-NOREPLICAS Not enough good replicas to write.|for want of replicas",
        "-READONLY You can't write against a read only replica.|is a replica",
        "-OOM command not allowed when used memory > 'maxmemory'.|no memory",
        "-ERR unknown command 'RESTORE', with args|takes no RESTORE"
      })
  void restore_answerThatIsForAll_isTargetRefused(String answer, String message)
      throws IOException {
    try (ScriptedServer server = ScriptedServer.answering(answer + "\r\n");
        BulkRestore restore = open(server)) {
      restore.restore(record(0, Record.NO_EXPIRY, Heat.UNKNOWN), STAMP, /* replace= */ false);
      assertThatThrownBy(restore::flush)
          .isInstanceOf(TargetRefused.class)
          .hasMessageContaining(message);
    }
  }

  @Test
  void restore_connectionEndsBeforeTheAnswer_isUnavailable() throws IOException {
    try (ScriptedServer server = ScriptedServer.answering("+OK\r\n", "+O");
        BulkRestore restore = open(server)) {
      restore.restore(record(0, Record.NO_EXPIRY, Heat.UNKNOWN), STAMP, /* replace= */ false);
      restore.restore(record(0, Record.NO_EXPIRY, Heat.UNKNOWN), STAMP, /* replace= */ false);
      assertThatThrownBy(restore::flush).isInstanceOf(Unavailable.class);
      assertThat(restore.counts()).isEqualTo(new Counts(1, 0, 0));
    }
  }

  private static BulkRestore open(ScriptedServer server) {
    return BulkRestore.open(server.endpoint(), ConnectionOptions.DEFAULT, Options.DEFAULT);
  }

  private static Record record(int database, long expiryMillis, Heat heat) {
    return new Record(
        database,
        ByteBuffer.wrap(KEY),
        expiryMillis,
        heat,
        /* type= */ 0,
        STAMP,
        ByteBuffer.wrap(new byte[] {1, 'v'}));
  }

  /// By the definition, bit by bit.
  private static String checksum() {
    long crc = 0;
    for (byte b : new byte[] {0, 1, 'v', 9, 0}) {
      crc ^= b;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x95ac9329ac4bc9b5L : crc >>> 1;
      }
    }
    byte[] bytes = new byte[8];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (crc >>> (8 * i));
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
