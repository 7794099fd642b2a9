/// The main job, shown on a cluster that exists for a minute.
///
/// [io.ringkeep.cli.demo.Demo] starts real servers, fills them, takes a snapshot, loses the data,
/// restores it onto other shapes and compares. Servers, data and comparison come from the testkit,
/// which knows nothing of the product.
///
/// Invariants: nothing outside loopback and one temporary folder is touched, and nothing of it is
/// left.
@NullMarked
package io.ringkeep.cli.demo;

import org.jspecify.annotations.NullMarked;
