package io.ringkeep.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One finished run of a command as a whole process.
///
/// @param seconds wall-clock time from start to exit
/// @param peakBytes the highest resident size seen, from `VmHWM` of `/proc`, looked at every 20 ms
/// @param output what it wrote to standard output
record ProcessRun(double seconds, long peakBytes, String output) {
  private static final int LOOK_MILLIS = 20;

  /// Runs a command to its end.
  ///
  /// @param input file for its standard input, or `/dev/null`
  /// @throws IOException if it can't be started or does not exit with 0; its standard error is in
  ///   the message
  static ProcessRun of(List<String> command, Path input, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("ringkeep-bench", ".out");
    Path errors = Files.createTempFile("ringkeep-bench", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(input.toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile());
      builder.environment().putAll(environment);
      long start = System.nanoTime();
      Process process = builder.start();
      long peak = 0;
      try {
        do {
          peak = Math.max(peak, highWaterMark(process.pid()));
        } while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS));
      } finally {
        process.destroyForcibly();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (process.exitValue() != 0) {
        throw new IOException(
            "%s ended with %d: %s"
                .formatted(command, process.exitValue(), Files.readString(errors)));
      }
      return new ProcessRun(
          seconds, peak, new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
    } finally {
      Files.deleteIfExists(output);
      Files.deleteIfExists(errors);
    }
  }

  /// Highest resident memory of a process; 0 if it has ended, even while it is looked at.
  private static long highWaterMark(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
