package io.ringkeep.check;

import io.ringkeep.model.BackupException;
import io.ringkeep.repository.Repository;
import io.ringkeep.store.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Tests of a repository's place: what a backup will do there, done once with a small object.
public final class RepositoryChecks {
  private RepositoryChecks() {}

  /// Writes, reads and deletes an object, tries to create it twice, and takes a lease.
  public static List<CheckLine> of(Repository repository) {
    List<CheckLine> lines = new ArrayList<>();
    ObjectStore store = repository.store();
    String key = "control/probe/" + UUID.randomUUID();
    ByteBuffer content = ByteBuffer.wrap("ringkeep check".getBytes(StandardCharsets.UTF_8));
    try {
      lines.add(
          store.createIfAbsent(key, content)
              ? CheckLine.ok("store write", store.location())
              : CheckLine.fail(
                  "store write",
                  "a new name is taken: key=" + key,
                  "is something else writing to this place?"));
      lines.add(
          store.createIfAbsent(key, content)
              ? CheckLine.fail(
                  "store create-if-absent",
                  "an existing object was created again",
                  "this place can't tell who came first: use another")
              : CheckLine.ok("store create-if-absent", "only the first of two creates"));
      lines.add(
          store.read(key).equals(content)
              ? CheckLine.ok("store read", "what was written")
              : CheckLine.fail("store read", "other bytes than were written", "use another place"));
      store.delete(key);
      lines.add(
          store.size(key).isEmpty()
              ? CheckLine.ok("store delete", "gone")
              : CheckLine.fail(
                  "store delete", "the object is still there", "check the rights to delete"));
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
