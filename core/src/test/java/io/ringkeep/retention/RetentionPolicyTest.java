package io.ringkeep.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.retention.Candidate.State;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// The specification of retention: each title is a rule.
class RetentionPolicyTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private final List<Candidate> snapshots = new ArrayList<>();

  /// Commits a snapshot named by its time.
  private Candidate snapshot(String time) {
    return snapshot(time, Optional.empty(), State.GOOD);
  }

  private Candidate snapshot(String time, Optional<String> pin, State state) {
    String id = snapshots.size() + "@" + time;
    Candidate candidate = new Candidate(id, Instant.parse(time), pin, state);
    snapshots.add(candidate);
    return candidate;
  }

  private void everyHour(String from, int hours) {
    for (int i = 0; i < hours; i++) {
      snapshot(Instant.parse(from).plus(Duration.ofHours(i)).toString());
    }
  }

  private List<String> kept(RetentionPolicy policy) {
    return policy.decide(snapshots, NOW).stream()
        .filter(Verdict::kept)
        .map(verdict -> verdict.snapshot().time().toString())
        .toList();
  }

  private String why(RetentionPolicy policy, Candidate snapshot) {
    return policy.decide(snapshots, NOW).stream()
        .filter(verdict -> verdict.snapshot().equals(snapshot))
        .map(Verdict::why)
        .findFirst()
        .orElseThrow();
  }

  private static RetentionPolicy last(int count) {
    return new RetentionPolicy(
        count, 0, 0, 0, 0, 0, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
  }

  private static RetentionPolicy hourly(int count, ZoneId zone) {
    return new RetentionPolicy(0, count, 0, 0, 0, 0, Optional.empty(), Optional.empty(), zone);
  }

  private static RetentionPolicy daily(int count, ZoneId zone) {
    return new RetentionPolicy(0, 0, count, 0, 0, 0, Optional.empty(), Optional.empty(), zone);
  }

  private static RetentionPolicy weekly(int count) {
    return new RetentionPolicy(
        0, 0, 0, count, 0, 0, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
  }

  private static RetentionPolicy monthly(int count) {
    return new RetentionPolicy(
        0, 0, 0, 0, count, 0, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
  }

  private static RetentionPolicy yearly(int count) {
    return new RetentionPolicy(
        0, 0, 0, 0, 0, count, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
  }

  private static RetentionPolicy within(Duration time) {
    return new RetentionPolicy(
        0, 0, 0, 0, 0, 0, Optional.of(time), Optional.empty(), ZoneOffset.UTC);
  }

  @Test
  @DisplayName("--keep-last N keeps the N snapshots that were committed last")
  void last_severalSnapshots_keepsTheNewest() {
    everyHour("2026-11-28T00:00:00Z", 10);
    assertThat(kept(last(3)))
        .containsExactly("2026-11-28T07:00:00Z", "2026-11-28T08:00:00Z", "2026-11-28T09:00:00Z");
  }

  @Test
  @DisplayName("--keep-last N with fewer snapshots than N keeps them all")
  void last_fewerThanAsked_keepsAll() {
    everyHour("2026-11-28T00:00:00Z", 2);
    assertThat(kept(last(5))).hasSize(2);
  }

  @Test
  @DisplayName(
      "--keep-hourly N keeps the newest snapshot of each of the newest N hours that have one")
  void hourly_gapsBetween_countsHoursThatHaveOne() {
    snapshot("2026-11-27T01:10:00Z");
    snapshot("2026-11-27T01:50:00Z");
    snapshot("2026-11-28T03:00:00Z");
    snapshot("2026-11-28T09:15:00Z");
    snapshot("2026-11-28T09:45:00Z");
    assertThat(kept(hourly(3, ZoneOffset.UTC)))
        .containsExactly("2026-11-27T01:50:00Z", "2026-11-28T03:00:00Z", "2026-11-28T09:45:00Z");
  }

  @Test
  @DisplayName("the hour that comes twice when summer time ends is two hours")
  void hourly_endOfSummerTime_keepsOneOfEach() {
    // 02:30 in Berlin, an hour apart.
    snapshot("2026-10-25T00:30:00Z");
    snapshot("2026-10-25T01:30:00Z");
    assertThat(kept(hourly(2, BERLIN))).hasSize(2);
  }

  @Test
  @DisplayName(
      "--keep-daily N keeps the newest snapshot of each of the newest N days that have one")
  void daily_manyADay_keepsTheNewestOfEach() {
    everyHour("2026-11-25T00:00:00Z", 72);
    assertThat(kept(daily(2, ZoneOffset.UTC)))
        .containsExactly("2026-11-26T23:00:00Z", "2026-11-27T23:00:00Z");
  }

  @Test
  @DisplayName("days are those of --zone, by default of UTC")
  void daily_otherZone_endsTheDayThere() {
    snapshot("2026-11-26T22:30:00Z");
    snapshot("2026-11-26T23:30:00Z"); // the 27th in Berlin
    assertThat(kept(daily(5, ZoneOffset.UTC))).containsExactly("2026-11-26T23:30:00Z");
    assertThat(kept(daily(5, BERLIN))).hasSize(2);
  }

  @Test
  @DisplayName(
      "--keep-weekly N keeps the newest snapshot of each of the newest N weeks, Monday to Sunday")
  void weekly_sundayAndMonday_areTwoWeeks() {
    snapshot("2026-11-16T03:00:00Z"); // Monday
    snapshot("2026-11-22T03:00:00Z"); // Sunday
    snapshot("2026-11-23T03:00:00Z"); // Monday
    assertThat(kept(weekly(2))).containsExactly("2026-11-22T03:00:00Z", "2026-11-23T03:00:00Z");
  }

  @Test
  @DisplayName("a week that two years share is one week")
  void weekly_turnOfTheYear_isOneWeek() {
    snapshot("2025-12-30T03:00:00Z");
    snapshot("2026-01-02T03:00:00Z");
    assertThat(kept(weekly(9))).containsExactly("2026-01-02T03:00:00Z");
  }

  @Test
  @DisplayName(
      "--keep-monthly N keeps the newest snapshot of each of the newest N months that have one")
  void monthly_severalMonths_keepsTheLastOfEach() {
    snapshot("2026-08-31T03:00:00Z");
    snapshot("2026-10-01T03:00:00Z");
    snapshot("2026-10-31T03:00:00Z");
    snapshot("2026-11-01T03:00:00Z");
    assertThat(kept(monthly(2))).containsExactly("2026-10-31T03:00:00Z", "2026-11-01T03:00:00Z");
  }

  @Test
  @DisplayName(
      "--keep-yearly N keeps the newest snapshot of each of the newest N years that have one")
  void yearly_severalYears_keepsTheLastOfEach() {
    snapshot("2023-05-01T03:00:00Z");
    snapshot("2025-05-01T03:00:00Z");
    snapshot("2025-12-31T23:59:59Z");
    snapshot("2026-01-01T00:00:00Z");
    assertThat(kept(yearly(2))).containsExactly("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z");
  }

  @Test
  @DisplayName("--keep-within TIME keeps all that are at most TIME older than the newest one")
  void within_window_hangsOnTheNewestSnapshotAndNotOnNow() {
    // Backups stopped a year ago: what there is must not melt away.
    everyHour("2025-11-25T00:00:00Z", 6);
    assertThat(kept(within(Duration.ofHours(2))))
        .containsExactly("2025-11-25T03:00:00Z", "2025-11-25T04:00:00Z", "2025-11-25T05:00:00Z");
  }

  @Test
  @DisplayName("a snapshot stays if any rule keeps it, and all rules that do are named")
  void decide_severalRules_areJoinedByOr() {
    Candidate old = snapshot("2026-10-31T03:00:00Z");
    Candidate between = snapshot("2026-11-10T03:00:00Z");
    Candidate latest = snapshot("2026-11-28T03:00:00Z");
    RetentionPolicy policy =
        new RetentionPolicy(1, 0, 1, 0, 2, 0, Optional.empty(), Optional.empty(), ZoneOffset.UTC);
    assertThat(why(policy, old)).isEqualTo("month 2026-10");
    assertThat(why(policy, between)).isEqualTo("no rule keeps it");
    assertThat(why(policy, latest)).isEqualTo("newest, last 1 of 1, day 2026-11-28, month 2026-11");
  }

  @Test
  @DisplayName("a pinned snapshot stays, whatever the rules are")
  void decide_pinned_stays() {
    Candidate pinned =
        snapshot("2020-01-01T00:00:00Z", Optional.of("before the migration"), State.GOOD);
    everyHour("2026-11-28T00:00:00Z", 5);
    assertThat(kept(last(1))).containsExactly("2020-01-01T00:00:00Z", "2026-11-28T04:00:00Z");
    assertThat(why(last(1), pinned)).isEqualTo("pinned: before the migration");
  }

  @Test
  @DisplayName("the snapshot committed last stays, even if its clock had jumped back by years")
  void decide_clockThatJumpedBack_keepsTheNewestCommit() {
    snapshot("2026-11-27T03:00:00Z");
    snapshot("2026-11-28T03:00:00Z");
    Candidate latest = snapshot("2019-11-28T04:00:00Z");
    assertThat(kept(daily(1, ZoneOffset.UTC)))
        .containsExactly("2026-11-28T03:00:00Z", "2019-11-28T04:00:00Z");
    assertThat(why(daily(1, ZoneOffset.UTC), latest)).isEqualTo("newest");
    assertThat(kept(last(1))).containsExactly("2019-11-28T04:00:00Z");
  }

  @Test
  @DisplayName(
      "of two snapshots of a day the one committed later stays, also if its clock was behind")
  void decide_clockThatJumpedBackWithinADay_keepsTheLaterCommit() {
    snapshot("2026-11-28T10:00:00Z");
    snapshot("2026-11-28T09:30:00Z");
    assertThat(kept(daily(1, ZoneOffset.UTC))).containsExactly("2026-11-28T09:30:00Z");
  }

  @Test
  @DisplayName("a snapshot with a time to come stays, and counts for no rule until then")
  void decide_futureTime_staysAndPushesNoneOut() {
    everyHour("2026-11-28T00:00:00Z", 4);
    Candidate future = snapshot("2027-03-01T00:00:00Z");
    assertThat(kept(last(2)))
        .containsExactly("2026-11-28T02:00:00Z", "2026-11-28T03:00:00Z", "2027-03-01T00:00:00Z");
    assertThat(kept(within(Duration.ofHours(1)))).hasSize(3);
    assertThat(why(last(2), future)).startsWith("its time has not come yet");
  }

  @Test
  @DisplayName("a collapsed snapshot counts for no rule, so it pushes no good one out")
  void decide_collapsed_pushesNoGoodOneOut() {
    snapshot("2026-11-26T03:00:00Z");
    snapshot("2026-11-27T03:00:00Z");
    Candidate collapsed = snapshot("2026-11-28T03:00:00Z", Optional.empty(), State.COLLAPSED);
    assertThat(kept(last(2))).hasSize(3).contains("2026-11-26T03:00:00Z");
    assertThat(why(last(2), collapsed)).isEqualTo("collapsed, but nothing newer is good");
  }

  @Test
  @DisplayName("a collapsed snapshot goes once a newer good one is there")
  void decide_collapsedThenGood_forgetsTheCollapsed() {
    snapshot("2026-11-26T03:00:00Z");
    snapshot("2026-11-27T03:00:00Z", Optional.empty(), State.COLLAPSED);
    snapshot("2026-11-28T03:00:00Z");
    assertThat(kept(daily(7, ZoneOffset.UTC)))
        .containsExactly("2026-11-26T03:00:00Z", "2026-11-28T03:00:00Z");
  }

  @Test
  @DisplayName(
      "a snapshot whose manifest is damaged counts for no rule, and goes only if it is named")
  void decide_damaged_staysAndPushesNoneOut() {
    snapshot("2026-11-26T03:00:00Z");
    snapshot("2026-11-27T03:00:00Z", Optional.empty(), State.DAMAGED);
    assertThat(kept(last(1))).containsExactly("2026-11-26T03:00:00Z", "2026-11-27T03:00:00Z");
  }

  @Test
  @DisplayName("no rule at all is refused, and so is a negative number")
  void policy_withoutRule_isRefused() {
    assertThatThrownBy(() -> last(0)).isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> daily(-1, ZoneOffset.UTC)).isInstanceOf(InvalidRequest.class);
  }
}
