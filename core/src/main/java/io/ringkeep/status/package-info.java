/// Says at a glance whether each cache could be restored now, and from when.
@NullMarked
package io.ringkeep.status;

import org.jspecify.annotations.NullMarked;
