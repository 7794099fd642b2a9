/// Reads a live server's whole dataset once, as a replica would.
///
/// Backups store what is read, restores compare it with what they sent. Read
/// [io.ringkeep.capture.FullRead].
@NullMarked
package io.ringkeep.capture;

import org.jspecify.annotations.NullMarked;
