/// End-to-end stories on real servers: what the README promises, one test each.
@NullMarked
package io.ringkeep.story;

import org.jspecify.annotations.NullMarked;
