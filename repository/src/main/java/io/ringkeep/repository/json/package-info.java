/// Documents of a repository in JSON: strict, versioned, and some of them with a checksum inside.
///
/// Invariants: a document of a newer format is refused by name, never half understood; an unknown,
/// missing or repeated property in a document of a known format is damage.
///
/// Read [io.ringkeep.repository.json.Json] first.
@NullMarked
package io.ringkeep.repository.json;

import org.jspecify.annotations.NullMarked;
