/// The tests' own tools are tested here, against the servers that they start.
@NullMarked
package io.ringkeep.testkit;

import org.jspecify.annotations.NullMarked;
