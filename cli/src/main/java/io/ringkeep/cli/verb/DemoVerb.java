package io.ringkeep.cli.verb;

import io.ringkeep.cli.demo.Demo;
import io.ringkeep.cli.demo.DemoStep;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.cli.text.DurationText;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/// `ringkeep demo`.
@Command(
    name = "demo",
    header = "Shows the whole path on a throw-away cluster.",
    description = {
      "",
      "Starts a Redis Cluster of three primaries on loopback, fills it, backs it up, loses it, restores it"
          + " onto five primaries and onto one standalone, and compares. Needs no Redis on this machine and"
          + " leaves nothing behind. Exits 0 only if everything matched."
    },
    footerHeading = "%nExample:%n",
    footer = "  ringkeep demo")
final class DemoVerb implements Verb {

  /// What `demo` reports.
  record DemoView(boolean passed, double elapsedSeconds, List<DemoStep> steps) {}

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    long start = session.nanoTime().getAsLong();
    List<DemoStep> steps =
        new Demo(session.clock(), session.nanoTime(), step -> session.show(line(step))).run();
    Duration elapsed = Duration.ofNanos(session.nanoTime().getAsLong() - start);
    boolean passed = steps.stream().allMatch(DemoStep::passed);
    return Answer.of(
        passed,
        new DemoView(passed, elapsed.toMillis() / 1_000.0, steps),
        List.of(
            "%s  %s in %s"
                .formatted(
                    passed ? "PASS" : "FAIL",
                    passed ? "everything matched" : "step '" + steps.getLast().step() + "'",
                    DurationText.format(elapsed))));
  }

  private static String line(DemoStep step) {
    return String.format(
        Locale.ROOT,
        "%s  %-8s %6.1f s  %s",
        step.passed() ? "PASS" : "FAIL",
        step.step(),
        step.elapsedSeconds(),
        step.finding());
  }

  @Override
  public String afterInterruption() {
    return "the demo's servers and files are removed";
  }
}
