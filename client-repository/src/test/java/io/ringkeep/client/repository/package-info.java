/// A key's past against real servers and repositories.
@NullMarked
package io.ringkeep.client.repository;

import org.jspecify.annotations.NullMarked;
