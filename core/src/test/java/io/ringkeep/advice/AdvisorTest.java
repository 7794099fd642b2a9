package io.ringkeep.advice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.placement.StorageNode.Tier;
import io.ringkeep.placement.Strategy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AdvisorTest {
  private static final Wishes NONE =
      new Wishes(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty());

  private static StoragePlace place(String id, Tier tier, String zone) {
    return new StoragePlace(id, "file:///srv/" + id, zone, tier, 100 << 20, 10L << 40);
  }

  private static Situation situation(List<StoragePlace> places) {
    return situation(places, 10L << 30);
  }

  private static Situation situation(List<StoragePlace> places, long dataBytes) {
    return new Situation(
        dataBytes,
        10_000_000,
        1 << 20,
        3,
        Duration.ofMillis(1),
        OptionalDouble.of(0.5),
        2,
        1,
        OptionalLong.empty(),
        places);
  }

  private static Situation situation(int places) {
    return situation(places, 10L << 30);
  }

  private static Situation situation(int places, long dataBytes) {
    return situation(
        IntStream.range(0, places).mapToObj(i -> place("n" + i, Tier.LOCAL, "z" + i)).toList(),
        dataBytes);
  }

  private static Wishes strategy(String strategy) {
    return new Wishes(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalLong.empty(),
        Optional.of(Strategy.parse(strategy)),
        Optional.empty());
  }

  private static Wishes cadence(Cadence.Kind kind, Duration rpo) {
    return new Wishes(
        Optional.empty(),
        Optional.of(rpo),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.of(kind));
  }

  @Test
  void advise_secondsOfRpo_archives() {
    Advice advice = Advisor.advise(situation(4), NONE.withRpo(Duration.ofSeconds(5)));

    assertThat(advice.winner().plan().cadence().kind()).isEqualTo(Cadence.Kind.ARCHIVE);
    assertThat(advice.winner().forecast().rpo()).isLessThan(Duration.ofSeconds(5));
    assertThat(advice.reasons())
        .anyMatch(reason -> reason.startsWith("no full cadence keeps rpo=5s"));
  }

  @Test
  void advise_aDayOfRpo_archivesNothingAndReadsProductionAsRarelyAsItMay() {
    Advice advice = Advisor.advise(situation(4), NONE.withRpo(Duration.ofHours(25)));

    assertThat(advice.winner().plan().cadence())
        .isEqualTo(new Cadence(Cadence.Kind.INCREMENTAL, Duration.ofDays(1)));
  }

  @Test
  void advise_everyPlan_keepsEveryWish() {
    Wishes wishes = NONE.withRpo(Duration.ofHours(2)).withRto(Duration.ofHours(1)).withLosses(2);
    Advice advice = Advisor.advise(situation(6), wishes);

    assertThat(advice.ranked())
        .hasSizeGreaterThan(3)
        .allSatisfy(proposal -> {
          assertThat(proposal.forecast().rpo()).isLessThanOrEqualTo(Duration.ofHours(2));
          assertThat(proposal.forecast().nearRestore()).isLessThanOrEqualTo(Duration.ofHours(1));
          assertThat(proposal.forecast().losses()).isGreaterThanOrEqualTo(2);
        });
  }

  @Test
  void advise_localAndRemotePlaces_survivesTheLossOfAllLocalOnes() {
    List<StoragePlace> places =
        Stream.concat(
                IntStream.range(0, 3).mapToObj(i -> place("l" + i, Tier.LOCAL, "home")),
                IntStream.range(0, 3).mapToObj(i -> place("r" + i, Tier.REMOTE, "away")))
            .toList();
    Forecast forecast = Advisor.advise(situation(places), NONE).winner().forecast();

    assertThat(forecast.farRestore()).isPresent();
    assertThat(forecast.farRestore().get()).isGreaterThanOrEqualTo(forecast.nearRestore());
  }

  @Test
  void advise_threeCopiesOnTwoPlaces_namesBoth() {
    assertThatThrownBy(() -> Advisor.advise(situation(2), strategy("copy:3")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("strategy=copy:3 nodes=2");
  }

  @Test
  void advise_secondsOfRpoByFullBackups_namesBoth() {
    Wishes wishes = cadence(Cadence.Kind.FULL, Duration.ofSeconds(5));

    assertThatThrownBy(() -> Advisor.advise(situation(4), wishes))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("no plan keeps both: cadence=full rpo=5s: the best has ");
  }

  @Test
  void advise_rtoBelowWhatBandwidthAllows_namesBoth() {
    assertThatThrownBy(() -> Advisor.advise(situation(4), NONE.withRto(Duration.ofSeconds(10))))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("no plan keeps both: rto=10s data=10.0GiB: the best has ");
  }

  @Test
  void advise_moreLossesThanPlaces_namesBoth() {
    assertThatThrownBy(() -> Advisor.advise(situation(2), NONE.withLosses(2)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageStartingWith("no plan keeps both: losses=2 nodes=2");
  }

  @Test
  void advise_flips_areTrue() {
    Situation situation = situation(4);
    Wishes wishes = NONE.withRpo(Duration.ofHours(25));
    List<String> flips = Advisor.advise(situation, wishes).flips();

    assertThat(flips).isNotEmpty();
    String losses =
        flips.stream().filter(flip -> flip.startsWith("to survive")).findFirst().orElseThrow();
    assertThat(losses).startsWith("to survive the loss of 2 of 4 places: ");
    Plan plan = Advisor.advise(situation, wishes.withLosses(2)).winner().plan();
    assertThat(losses).endsWith(plan.choice());
  }

  @Test
  void changed_overTime_growsToAllOfIt() {
    Situation situation = situation(1);

    assertThat(Forecast.changed(situation, 1)).isCloseTo(1 << 20, within(1_000.0));
    assertThat(Forecast.changed(situation, 1e9)).isEqualTo(10.0 * (1L << 30));
  }

  @Test
  void retention_gaps_reachAsFarBackAsTheRules() {
    Duration day = Duration.ofDays(1);

    assertThat(Retention.FEW.gaps(day)).hasSize(2);
    assertThat(Retention.WEEK.gaps(Duration.ofHours(6))).hasSize(6).containsOnly(day);
    assertThat(Retention.MONTHS.span(Duration.ofHours(6)))
        .isBetween(day.multipliedBy(330), day.multipliedBy(360));
  }

  @Test
  void stored_byIncrementals_hasRoomForWhatForgottenOnesLeave() {
    Situation situation = situation(4);
    Proposal winner = Advisor.advise(situation, NONE.withRpo(Duration.ofHours(25))).winner();
    double changes =
        winner.plan().retention().gaps(winner.plan().cadence().every()).stream()
            .mapToDouble(gap -> Forecast.changed(situation, Forecast.seconds(gap)))
            .sum();

    assertThat(winner.plan().cadence().kind()).isEqualTo(Cadence.Kind.INCREMENTAL);
    assertThat(winner.forecast().objectBytes())
        .isCloseTo((situation.dataBytes() + changes) * 2 * 0.5, within(1.0));
  }

  @Test
  void restore_overASlowLink_sendsTheDataAndReadsItBack() {
    Situation plain = situation(4);
    Situation slow =
        new Situation(
            plain.dataBytes(),
            plain.keys(),
            plain.writtenBytesPerSecond(),
            plain.shards(),
            plain.roundTrip(),
            plain.compression(),
            plain.processors(),
            plain.pace(),
            OptionalLong.of(5 << 20),
            plain.places());

    assertThat(Advisor.advise(slow, NONE).winner().forecast().nearRestore())
        .isGreaterThanOrEqualTo(Duration.ofSeconds(2 * 10L * 1024 / 5));
  }

  @Test
  void replay_ofSmallCommands_takesAsLongAsLoadingTheirKeys() {
    Situation situation = situation(1);

    // As many bytes as the data has, in ten million commands.
    assertThat(Measured.replaySeconds(situation, (double) situation.dataBytes()))
        .isCloseTo(10 * 3.6 + 10 * 1024 * 0.0082, within(0.01));
  }

  @Test
  void advise_lossesThatNobodyAskedFor_areNamedAsWhatIsUsual() {
    assertThatThrownBy(() -> Advisor.advise(situation(2), strategy("shard:2")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("importance=normal as nothing was said (losses=1)");
  }

  @Test
  void commands_thatTakeLongerThanTheyWait_haveATimeout() {
    Situation fits = situation(4);
    Situation large = situation(4, 3L << 40);

    assertThat(PlanFile.commands(Advisor.advise(fits, NONE).winner()))
        .noneMatch(command -> command.contains("--timeout"));
    Proposal winner = Advisor.advise(large, NONE.withLosses(0)).winner();
    assertThat(winner.forecast().firstBackup()).isGreaterThan(Duration.ofHours(6));
    assertThat(PlanFile.commands(winner))
        .anyMatch(command -> waits(command, "backup", winner.forecast().firstBackup()))
        .anyMatch(command -> waits(command, "restore", winner.forecast().nearRestore()));
  }

  private static boolean waits(String command, String verb, Duration predicted) {
    Matcher timeout =
        Pattern.compile(".*: ringkeep " + verb + " .*--timeout ([0-9]+)([hd])").matcher(command);
    if (!timeout.matches()) {
      return false;
    }
    long hours = Long.parseLong(timeout.group(1)) * (timeout.group(2).equals("d") ? 24 : 1);
    return hours * 3_600 >= 1.25 * Forecast.seconds(predicted);
  }

  @Test
  void file_ofNodesInOnePlace_isRefused() {
    List<StoragePlace> places =
        Stream.of("a", "b", "c")
            .map(
                id -> new StoragePlace(id, "file:///srv/same", id, Tier.LOCAL, 100 << 20, 1L << 40))
            .toList();
    Situation situation = situation(places);
    Proposal winner = Advisor.advise(situation, NONE).winner();

    assertThat(winner.plan().nodes()).hasSize(3);
    assertThatThrownBy(() -> PlanFile.of(situation, winner, Optional.empty()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("two nodes are one place: nodes=a,b url=file:///srv/same");
  }
}
