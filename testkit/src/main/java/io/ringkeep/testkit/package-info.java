/// Real servers, datasets and oracles for tests, benchmarks and the demo.
///
/// [io.ringkeep.testkit.Engines] lists the Redis and Valkey builds on this machine. A
/// [io.ringkeep.testkit.TestServer] is one real server on a free loopback port in a folder of its
/// own.
///
/// Invariants: nothing here depends on the product, so an oracle cannot share its mistakes; servers
/// listen on loopback only; no server outlives the process that started it.
///
/// Read [io.ringkeep.testkit.TestServer] first.
@NullMarked
package io.ringkeep.testkit;

import org.jspecify.annotations.NullMarked;
