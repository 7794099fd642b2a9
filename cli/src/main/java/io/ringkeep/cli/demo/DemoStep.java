package io.ringkeep.cli.demo;

/// One step of the demo, done.
///
/// @param step its name
/// @param passed whether it did what it should
/// @param finding what was done, with its numbers, or why it failed
/// @param elapsedSeconds how long it took
public record DemoStep(String step, boolean passed, String finding, double elapsedSeconds) {}
