/// Measures what a plan rests on: a cache as it is, our own work with its keys, and the bandwidth
/// and latency of places, within bounds of seconds and megabytes.
///
/// Read [io.ringkeep.probe.CacheProbe] for the first two and [io.ringkeep.probe.PlaceProbe] for the
/// last.
///
/// Invariants: a cache is only read; what is written to a place lies below `control/probe/`, as
/// what `check` writes, and is gone afterwards, whatever happens.
@NullMarked
package io.ringkeep.probe;

import org.jspecify.annotations.NullMarked;
