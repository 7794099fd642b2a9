/// A store in a folder of another machine, over SSH: one file for each object, at the path that its
/// key names.
///
/// A *location* is an `sftp://` URL. A *connection* is one SSH login with one SFTP channel; a
/// *pool* has a few of them, and any thread may ask over any of them.
///
/// Invariants: nothing is sent to a host whose key is not known; a file gets its name by a hard
/// link or a rename when the server has all its bytes, never before; a server that is gone fails a
/// call within a bounded time.
///
/// Read [io.ringkeep.store.sftp.SftpStore] first, then [io.ringkeep.store.sftp.SftpUpload]; the
/// wire begins at [io.ringkeep.store.sftp.SftpChannel].
@NullMarked
package io.ringkeep.store.sftp;

import org.jspecify.annotations.NullMarked;
