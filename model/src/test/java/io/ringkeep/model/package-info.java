/// Tests of the words that `redis` and `repository` share, against published values where there are
/// any.
@NullMarked
package io.ringkeep.model;

import org.jspecify.annotations.NullMarked;
