/// Records as the commands that write them, for servers that cannot take their bytes.
///
/// A [io.ringkeep.redis.command.Ability] says what a server can hold; a
/// [io.ringkeep.redis.command.Loss] is what it cannot of one record. A
/// [io.ringkeep.redis.command.KeyWriter] writes a record under a name of its own in the same slot
/// and renames it when it is whole; [io.ringkeep.redis.command.ValueCommands] turns its elements
/// into commands; a [io.ringkeep.redis.command.Lens] leaves out what the server cannot hold, so
/// that both sides can be compared.
///
/// Invariants: no command holds more than a few hundred elements, whatever the value's size; a key
/// is never seen half written; nothing is left out that no [io.ringkeep.redis.command.Loss] named.
///
/// Read [io.ringkeep.redis.command.KeyWriter] first.
@NullMarked
package io.ringkeep.redis.command;

import org.jspecify.annotations.NullMarked;
