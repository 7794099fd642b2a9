package io.ringkeep.cli.verb;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.ringkeep.advice.Advice;
import io.ringkeep.advice.Forecast;
import io.ringkeep.advice.Margin;
import io.ringkeep.advice.PlanFile;
import io.ringkeep.advice.Proposal;
import io.ringkeep.advice.Situation;
import io.ringkeep.cli.session.Choices;
import io.ringkeep.cli.session.Json;
import io.ringkeep.placement.StorageNode;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What `advise` reports. Margins are percent that a value may be below or above its prediction.
record AdviceView(
    SituationView situation,
    List<PlanView> plans,
    List<String> reasons,
    List<String> flips,
    List<String> commands) {

  /// The figures that the plans rest on.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record SituationView(
      long dataBytes,
      long keys,
      long writtenBytesPerSecond,
      int shards,
      double roundTripSeconds,
      @Nullable Double compression,
      int processors,
      double pace,
      int places) {
    static SituationView of(Situation situation) {
      return new SituationView(
          situation.dataBytes(),
          situation.keys(),
          situation.writtenBytesPerSecond(),
          situation.shards(),
          Json.seconds(situation.roundTrip()),
          orNull(situation.compression()),
          situation.processors(),
          situation.pace(),
          situation.places().size());
    }
  }

  /// One plan and what it would do.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PlanView(
      String strategy,
      String reach,
      List<NodeView> nodes,
      String cadence,
      double everySeconds,
      String retention,
      double firstBackupSeconds,
      double nextBackupSeconds,
      double nearRestoreSeconds,
      @Nullable Double farRestoreSeconds,
      double rpoSeconds,
      double storedBytes,
      double logBytes,
      int losses,
      int lossesAfterCommit,
      double forksPerDay,
      double readBytesPerDay,
      @Nullable Double linkShare,
      @Nullable Double repairSeconds,
      Margin timeMargin,
      Margin storedMargin,
      List<String> warnings) {
    static PlanView of(Situation situation, Proposal proposal) {
      Forecast forecast = proposal.forecast();
      return new PlanView(
          proposal.plan().strategyText(),
          Choices.word(proposal.plan().reach()),
          proposal.plan().nodes().stream().map(NodeView::of).toList(),
          Choices.word(proposal.plan().cadence().kind()),
          Json.seconds(proposal.plan().cadence().every()),
          proposal.plan().retention().options(),
          Json.seconds(forecast.firstBackup()),
          Json.seconds(forecast.nextBackup()),
          Json.seconds(forecast.nearRestore()),
          forecast.farRestore().map(Json::seconds).orElse(null),
          Json.seconds(forecast.rpo()),
          forecast.storedBytes(),
          forecast.logBytes() * proposal.plan().strategy().storedFactor(),
          forecast.losses(),
          forecast.lossesAfterCommit(),
          forecast.forksPerDay(),
          forecast.readBytesPerDay(),
          orNull(forecast.linkShare()),
          forecast.repair().map(Json::seconds).orElse(null),
          Forecast.timeMargin(),
          Forecast.storedMargin(situation, proposal.plan()),
          proposal.warnings());
    }
  }

  /// A storage node with the weight it is to have.
  record NodeView(String id, double weight, String zone, String tier) {
    static NodeView of(StorageNode node) {
      return new NodeView(node.id(), node.weight(), node.zone(), Choices.word(node.tier()));
    }
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  static AdviceView of(Advice advice, int top) {
    return new AdviceView(
        SituationView.of(advice.situation()),
        advice.ranked().stream()
            .limit(Math.max(1, top))
            .map(proposal -> PlanView.of(advice.situation(), proposal))
            .toList(),
        advice.reasons(),
        advice.flips(),
        PlanFile.commands(advice.winner()));
  }
}
