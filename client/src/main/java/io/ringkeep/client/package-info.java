/// Backs single keys up inside the cache itself, and puts them back: `backup(key, backupKey)`,
/// `restore(backupKey, key)`.
///
/// A **backup key** is a string in the cache that holds an envelope: what the key's value was, as
/// the server dumped it, when, its expiry, and a digest over all of it. It may have **parts** at
/// names of their own, on other primaries: whole copies, or pieces of a divided value.
///
/// Invariants: a backup is whole once its backup key is there, which is written last; nothing is
/// replaced by a restore before all digests were checked; a copy says everything that the backup
/// key says, so any one is enough.
///
/// Such backups live where the keys live: they use `maxmemory`, may be evicted, and die with
/// `FLUSHALL`. Snapshots in a repository do not.
///
/// Start with [io.ringkeep.client.KeyBackups].
@NullMarked
package io.ringkeep.client;

import org.jspecify.annotations.NullMarked;
