package io.ringkeep.redis.rdb;

import io.ringkeep.model.Record;
import io.ringkeep.model.SlotRange;
import java.nio.ByteBuffer;
import java.util.List;

/// One thing that an RDB stream says, in the order it says them.
///
/// Buffers are views that hold until the reader's next item; keys and strings are plain bytes
/// whatever form they had.
public sealed interface RdbItem {
  /// A named fact about the stream or the server that wrote it, such as `repl-stream-db`.
  ///
  /// @param value its value; numbers are decimal text
  record Aux(String name, ByteBuffer value) implements RdbItem {}

  /// A library of functions, belonging to no database.
  ///
  /// @param code its source, beginning with `#!`
  record FunctionLibrary(ByteBuffer code) implements RdbItem {}

  /// What a module keeps beside the keys.
  ///
  /// @param module name of the module's type, nine characters
  /// @param raw everything behind the opcode, as [RdbWriter#moduleAux] takes it
  record ModuleAux(String module, ByteBuffer raw) implements RdbItem {}

  /// The keys that follow are of this slot: written by cluster servers.
  ///
  /// @param keys how many keys of the database it holds; a hint
  /// @param expiring how many of them expire; a hint
  record SlotInfo(int slot, long keys, long expiring) implements RdbItem {}

  /// Slots that were being moved into the server atomically: unless that ends well, their keys are
  /// not its own (Valkey 9).
  ///
  /// @param job name of the migration
  record SlotImport(String job, List<SlotRange> slots) implements RdbItem {}

  /// How many keys the database selected has.
  ///
  /// @param keys a hint
  /// @param expiring how many of them expire; a hint
  record ResizeHint(int database, long keys, long expiring) implements RdbItem {}

  /// One key.
  ///
  /// @param record its value as it stands in the stream
  record Entry(Record record) implements RdbItem {}

  /// The stream is whole: its end was reached, and the checksum agrees if it has one.
  ///
  /// @param bytes length of the stream
  record End(ChecksumState checksum, long bytes) implements RdbItem {}

  /// What the checksum at the end said.
  enum ChecksumState {
    /// It was compared, and agrees.
    VERIFIED,
    /// The writer made none (`rdbchecksum no`, or a version before 5).
    ABSENT
  }
}
