package io.ringkeep.check;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.StoreProbe;
import io.ringkeep.store.StoreTraits;
import io.ringkeep.store.StoreTraits.Trait;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Tests of a repository's place: what a backup will do there, done once with a small object.
public final class RepositoryChecks {
  private RepositoryChecks() {}

  /// Tries out what the store promises, with an object of its own, and takes a lease.
  public static List<CheckLine> of(Repository repository) {
    List<CheckLine> lines = new ArrayList<>();
    ObjectStore store = repository.store();
    try {
      StoreTraits traits = StoreProbe.of(store, Repository.PROBE);
      lines.add(CheckLine.ok("store write", store.location()));
      for (Trait trait : Trait.values()) {
        lines.add(line(trait, traits.honours(trait)));
      }
    } catch (IOException e) {
      lines.add(
          CheckLine.fail(
              "store",
              String.valueOf(e.getMessage()),
              "check space and rights at " + store.location()));
    }
    lines.add(lease(repository));
    return lines;
  }

  private static CheckLine line(Trait trait, boolean honoured) {
    String subject = "store " + trait.subject();
    String finding = trait.finding(honoured);
    return honoured
        ? CheckLine.ok(subject, finding)
        : CheckLine.fail(subject, finding, trait.hint());
  }

  private static CheckLine lease(Repository repository) {
    try {
      repository.leases().acquireRead("check").close();
      return CheckLine.ok("lease", "taken and given back");
    } catch (IOException | BackupException e) {
      return CheckLine.fail(
          "lease", String.valueOf(e.getMessage()), "check the rights to write control/");
    }
  }
}
