/// A store in a folder: one file for each object, at the path that its key names.
///
/// Invariants: a file gets its name by `link(2)` or `rename(2)` when its bytes are on the disk,
/// never before; the directory is on the disk when a call returns; no symbolic link below the root
/// is followed.
///
/// Read [io.ringkeep.store.file.FileStore] first.
@NullMarked
package io.ringkeep.store.file;

import org.jspecify.annotations.NullMarked;
