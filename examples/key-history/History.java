import io.ringkeep.client.RestoreOptions;
import io.ringkeep.client.repository.KeyPast;
import io.ringkeep.client.repository.KeyVersion;
import io.ringkeep.client.repository.RepositoryAccess;
import io.ringkeep.client.repository.RepositoryKeys;
import java.time.Clock;

/// What a key was, and its first version back beside the live one, with
/// `io.ringkeep:client-repository`.
final class History {
  private History() {}

  /// @param args the repository, the live cache's URL, the key; RINGKEEP_PASSPHRASE is set
  public static void main(String[] args) {
    RepositoryAccess access =
        RepositoryAccess.of(args[0], args[1]).passphrase(System.getenv("RINGKEEP_PASSPHRASE"));
    try (RepositoryKeys keys = RepositoryKeys.open(access, Clock.systemUTC())) {
      KeyPast past = keys.history(args[2]);
      for (KeyVersion version : past.versions()) {
        System.out.println(version.since() + "  " + version.state());
      }
      past.unknown().forEach(System.out::println);
      keys.restore(
          args[2],
          past.versions().get(0).since(),
          args[2] + ":first",
          RestoreOptions.DEFAULT.ifAbsent().persist());
    }
  }
}
