/// A store in a bucket of an S3-compatible service: one object for each object, under a prefix.
///
/// Invariants: `If-None-Match: *` decides who creates a key, never a look beforehand alone; each
/// creation carries an id of its own, so that an answer that got lost is found out instead of
/// guessed; requests are repeated in one place, the client's retry strategy.
///
/// Read [io.ringkeep.store.s3.S3Store] first, then [io.ringkeep.store.s3.ConditionalPut].
@NullMarked
package io.ringkeep.store.s3;

import org.jspecify.annotations.NullMarked;
