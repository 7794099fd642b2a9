/// Which store a place in words names: a folder, or a URL.
///
/// Read [io.ringkeep.store.url.StoreUrl].
@NullMarked
package io.ringkeep.store.url;

import org.jspecify.annotations.NullMarked;
