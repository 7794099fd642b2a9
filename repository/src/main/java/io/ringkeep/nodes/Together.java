package io.ringkeep.nodes;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;

/// Asks several nodes the same at once.
final class Together {
  private Together() {}

  /// What each answers, in order. The question throws nothing that is to be expected.
  static <N, T> List<T> run(List<N> nodes, ExecutorService executor, Function<N, T> question) {
    List<CompletableFuture<T>> answers = new ArrayList<>();
    for (N node : nodes) {
      answers.add(CompletableFuture.supplyAsync(() -> question.apply(node), executor));
    }
    List<T> results = new ArrayList<>();
    for (CompletableFuture<T> answer : answers) {
      try {
        results.add(answer.join());
      } catch (CompletionException | CancellationException e) {
        throw new IllegalStateException("a node could not be asked", e.getCause());
      }
    }
    return results;
  }
}
