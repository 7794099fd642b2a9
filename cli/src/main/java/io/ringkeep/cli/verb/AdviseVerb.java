package io.ringkeep.cli.verb;

import io.ringkeep.advice.Advice;
import io.ringkeep.advice.Advisor;
import io.ringkeep.advice.PlanFile;
import io.ringkeep.advice.Situation;
import io.ringkeep.advice.StoragePlace;
import io.ringkeep.cli.session.Answer;
import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.cli.session.Session;
import io.ringkeep.cli.session.Verb;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.probe.CacheProbe;
import io.ringkeep.probe.PlaceProbes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `ringkeep advise`.
@Command(
    name = "advise",
    header =
        "Recommends how to back a cache up: strategy, cadence, retention, with what each would do.",
    description = {
      "",
      "Ranks whole plans by figures that are given, or that --source and --measure find. Each"
          + " prediction says how far it may be off; docs/strategies.md has the formulas. Wishes"
          + " that contradict are named, and end with exit 2. Options may stand in a file: ringkeep"
          + " advise @FILE."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  ringkeep advise --data 50GB --keys 60000000 --writes 2MiB/s --shards 6 --rpo 5s --rto 1h"
          + " \\",
      "      --nodes 6,200MiB/s,500GB",
      "  ringkeep advise --source redis://10.0.0.1:6379 --measure -c ringkeep.yaml --rpo 1h",
      "  ringkeep advise --data 200MB --keys 400000 --writes 20kB/s --node"
          + " a,100MiB/s,20GB,url=file:///srv/a \\",
      "      --importance low --rpo 1h --write ringkeep.yaml"
    })
final class AdviseVerb implements Verb {
  @Mixin private SituationOptions figures = new SituationOptions();
  @Mixin private WishOptions wanted = new WishOptions();

  @Option(
      names = "--source",
      paramLabel = "URL",
      description = "a live cache, which says its size, keys, writes, shards and distance")
  private @Nullable String source;

  @Mixin private SourceOptions login = new SourceOptions();

  @Option(
      names = "--measure",
      description =
          "look at a sample of keys and at the stream of the source, time our own work on that"
              + " sample, and write, read and delete up to 64 MiB at each place of the repository"
              + " that -r or -c names; some seconds each")
  private boolean measure;

  @Option(names = "--top", paramLabel = "N", description = "how many plans are shown (default: 5)")
  private int top = 5;

  @Option(
      names = "--write",
      paramLabel = "FILE",
      description = "write the best plan as a file of settings; refuses to replace one")
  private @Nullable Path write;

  @Override
  public Answer run(Session session) throws IOException, InterruptedException {
    if (measure && source == null && session.namedPlace().isEmpty()) {
      throw new InvalidRequest(
          "there is nothing to measure", "name the cache with --source, places with -r or -c");
    }
    Optional<CacheProbe> cache = cache(session);
    PlaceProbes places = places(session);
    Situation situation = figures.situation(cache, places.places(), places.roundTrip());
    Advice advice = Advisor.advise(situation, wanted.wishes());
    List<String> lines = new ArrayList<>(AdviceText.lines(advice, cache, top));
    if (write != null) {
      write(write, PlanFile.of(situation, advice.winner(), Optional.ofNullable(source)));
      lines.add("");
      lines.add("written: " + write);
    }
    return Answer.done(AdviceView.of(advice, top), lines);
  }

  private Optional<CacheProbe> cache(Session session) throws IOException, InterruptedException {
    if (source == null) {
      return Optional.empty();
    }
    ServerLogin server = login.login(source);
    return Optional.of(
        CacheProbe.of(
            server.uri(), server.connection(session.secrets()), measure, session.nanoTime()));
  }

  private PlaceProbes places(Session session) throws IOException {
    List<StoragePlace> none = List.of();
    return measure && session.namedPlace().isPresent()
        ? PlaceProbes.of(session.place(), session.environment(), session.nanoTime())
        : new PlaceProbes(none, Duration.ZERO);
  }

  private static void write(Path file, String text) throws IOException {
    if (Files.exists(file)) {
      throw new InvalidRequest(
          "there is such a file: file=" + file, "name another one with --write, or remove it");
    }
    Files.writeString(file, text);
  }
}
