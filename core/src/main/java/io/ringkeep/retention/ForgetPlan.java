package io.ringkeep.retention;

import java.util.List;

/// What a [ForgetRequest] comes to; nothing is changed yet.
///
/// @param request that it answers
/// @param verdicts of all snapshots, in the order of their commits
/// @param freesBytes what `prune` can free of those that go, as far as manifests can be read
/// @param warnings what the operator should know before
public record ForgetPlan(
    ForgetRequest request, List<Verdict> verdicts, long freesBytes, List<String> warnings) {
  public ForgetPlan {
    verdicts = List.copyOf(verdicts);
    warnings = List.copyOf(warnings);
  }

  /// Ids of those that go.
  public List<String> forgotten() {
    return verdicts.stream()
        .filter(verdict -> !verdict.kept())
        .map(verdict -> verdict.snapshot().id())
        .toList();
  }
}
