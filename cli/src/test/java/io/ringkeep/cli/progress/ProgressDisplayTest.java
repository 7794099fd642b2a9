package io.ringkeep.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.task.Progress.Task;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
  private static final long MIB = 1 << 20;

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(screen, true, StandardCharsets.UTF_8);
  private long nowNanos = 1_000_000_007;

  private ProgressDisplay bars(int columns, boolean unicode) {
    return new ProgressDisplay(new BarPainter(out, columns, unicode), () -> nowNanos);
  }

  private ProgressDisplay lines() {
    return new ProgressDisplay(new LinePainter(out, nowNanos), () -> nowNanos);
  }

  private void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  /// What was written since the last call, with the cursor's movements made visible.
  private String written() {
    String text = screen.toString(StandardCharsets.UTF_8);
    screen.reset();
    return text.replaceAll("\u001b\\[([0-9]+)A", "<up $1>")
        .replace("\r\u001b[2K", "<line>")
        .replace("\r\u001b[J", "<below>");
  }

  @Test
  void tick_knownTotal_drawsBarRateAndTimeLeft() {
    ProgressDisplay display = bars(120, /* unicode= */ true);
    Task task = display.begin("shard 0-5460", OptionalLong.of(100 * MIB));
    task.phase("reading");
    pass(Duration.ofSeconds(2));
    task.advance(50 * MIB, 10);
    display.tick();

    assertThat(written())
        .isEqualTo(
            "<line>shard 0-5460  ██████████░░░░░░░░░░   50%  50.0 MiB  25.0 MiB/s  ETA 0:02  reading\n<below>");
  }

  @Test
  void tick_again_goesUpOverWhatWasDrawn() {
    ProgressDisplay display = bars(80, /* unicode= */ false);
    Task first = display.begin("a", OptionalLong.of(10));
    display.begin("bb", OptionalLong.empty());
    display.tick();
    written();
    first.advance(5, 1);
    pass(Duration.ofSeconds(1));
    display.tick();

    assertThat(written())
        .isEqualTo(
            "<up 2><line>a   ##########..........   50%  5 B  5 B/s  ETA 0:01\n<line>bb\n<below>");
  }

  @Test
  void close_ofATask_leavesItsSummaryAboveTheBars() {
    ProgressDisplay display = bars(80, /* unicode= */ false);
    Task task = display.begin("shard 0", OptionalLong.empty());
    display.tick();
    written();
    task.advance(20 * MIB, 1_234);
    pass(Duration.ofSeconds(10));
    task.close();
    task.close();

    assertThat(written())
        .isEqualTo("<up 1><below>shard 0: 20.0 MiB, 1,234 records in 10.0 s, 2.0 MiB/s\n");
  }

  @Test
  void tick_narrowTerminal_neverReachesItsLastColumn() {
    ProgressDisplay display = bars(30, /* unicode= */ true);
    Task task = display.begin("a name that is longer than the terminal", OptionalLong.of(10));
    task.advance(1, 1);
    display.tick();

    assertThat(written().replaceAll("<[a-z0-9 ]+>", "").lines())
        .allSatisfy(line -> assertThat(line.length()).isLessThan(30));
  }

  @Test
  void tick_manyTasks_drawsTwelveAndCountsTheRest() {
    ProgressDisplay display = bars(80, /* unicode= */ false);
    for (int i = 0; i < 40; i++) {
      display.begin("shard " + i, OptionalLong.empty());
    }
    display.tick();

    assertThat(written().lines()).hasSize(14).contains("<line>and 28 more");
  }

  @Test
  void tick_totalGuessedTooLow_neverSaysAll() {
    ProgressDisplay display = bars(80, /* unicode= */ false);
    display.begin("a", OptionalLong.of(10)).advance(1_000, 1);
    display.tick();

    assertThat(written()).contains(" 99%").doesNotContain("100%").doesNotContain("ETA");
  }

  @Test
  void bytesPerSecond_serverSlowsDown_followsTheLastSeconds() {
    TaskState task = new TaskState("a", OptionalLong.empty(), nowNanos);
    for (int second = 0; second < 20; second++) {
      pass(Duration.ofSeconds(1));
      task.advance(second < 10 ? 1_000 : 10, 1);
      task.sample(nowNanos);
    }

    assertThat(task.bytesPerSecond()).isEqualTo(10);
  }

  @Test
  void lines_phaseAndFiveSeconds_printOneLineEach() {
    ProgressDisplay display = lines();
    Task task = display.begin("shard 0", OptionalLong.of(100 * MIB));
    task.phase("reading");
    List<String> written = new ArrayList<>();
    for (int second = 0; second < 11; second++) {
      pass(Duration.ofSeconds(1));
      task.advance(MIB, 1);
      display.tick();
      written.addAll(written().lines().toList());
    }

    assertThat(written)
        .containsExactly(
            "shard 0: reading",
            "shard 0: 5%, 5.0 MiB, 1.0 MiB/s, ETA 1:35",
            "shard 0: 10%, 10.0 MiB, 1.0 MiB/s, ETA 1:30");
  }

  @Test
  void lines_nothingMoves_staysSilent() {
    ProgressDisplay display = lines();
    Task task = display.begin("shard 0", OptionalLong.empty());
    task.advance(5, 1);
    pass(Duration.ofSeconds(6));
    display.tick();
    written();
    pass(Duration.ofSeconds(6));
    display.tick();

    assertThat(written()).isEmpty();
  }

  @Test
  void close_displayClosed_writesNothingMore() {
    ProgressDisplay display = bars(80, /* unicode= */ false);
    Task task = display.begin("a", OptionalLong.empty());
    display.tick();
    display.close();
    written();
    task.phase("late");
    task.close();
    display.note("late");
    display.close();

    assertThat(display.tick()).isFalse();
    assertThat(written()).isEmpty();
  }

  @Test
  void silent_everything_isShownToNobody() {
    ProgressDisplay display = ProgressDisplay.silent();
    try (Task task = display.begin("a", OptionalLong.empty())) {
      task.phase("p");
      task.advance(1, 1);
      display.note("n");
    }

    assertThat(display.tick()).isTrue();
    assertThat(written()).isEmpty();
  }
}
