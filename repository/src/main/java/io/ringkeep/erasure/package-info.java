/// A Reed–Solomon code: K data pieces get M parity pieces beside them, and any K of the K + M give
/// all back.
///
/// A *piece* is a run of bytes, all pieces of a code are equally long; a *matrix* over GF(2^8) says
/// what each parity piece is the sum of; a *kernel* multiplies pieces by a matrix.
///
/// Invariants: the same pieces come out on every machine and with every kernel
/// (`docs/format/erasure.md`); this package knows bytes, neither what they mean nor where they lie.
///
/// Read [io.ringkeep.erasure.ErasureCode] first, then [io.ringkeep.erasure.ScalarKernel].
@NullMarked
package io.ringkeep.erasure;

import org.jspecify.annotations.NullMarked;
