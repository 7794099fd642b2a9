package io.ringkeep.check;

import io.ringkeep.model.BackupException;
import io.ringkeep.nodes.NodeInfo;
import io.ringkeep.nodes.PlacedStore;
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
    if (store instanceof PlacedStore placed) {
      placed.probe().forEach(node -> lines.add(line(node)));
      placed
          .readOnlyBecause()
          .ifPresent(why ->
              lines.add(CheckLine.fail("nodes", why, "'nodes list' shows how each of them is")));
    }
    lines.add(lease(repository));
    return lines;
  }

  private static CheckLine line(NodeInfo info) {
    String subject = "node " + info.node().id();
    String where = info.location() + (info.why().isEmpty() ? "" : ": " + info.why());
    return switch (info.condition()) {
      case OK -> CheckLine.ok(subject, where);
      case STALE ->
          CheckLine.warn(
              subject, where + " (missed a change)", "'nodes repair' brings it up to date");
      case AWAY -> CheckLine.fail(subject, where + " (away)", "is it up, and may we log in?");
      case WIPED ->
          CheckLine.fail(
              subject,
              where + " (empty)",
              "mount it; if it is to be filled again: 'nodes repair --adopt "
                  + info.node().id()
                  + "'");
      case FOREIGN -> CheckLine.fail(subject, where, "correct its url in the file");
      case UNFIT ->
          CheckLine.fail(
              subject, where + " (unfit)", "commits can't rely on it: use another place");
      case READ_ONLY ->
          CheckLine.fail(
              subject,
              where + " (read-only)",
              "give this user the right to write, or the place room");
      case FULL -> CheckLine.fail(subject, where + " (full)", "make room, or lower its weight");
    };
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
