import io.ringkeep.client.KeyBackups;

/// The textbook's example in Java, with `io.ringkeep:client`.
final class Example {
  private Example() {}

  public static void main(String[] args) {
    try (KeyBackups backups = KeyBackups.connect(args[0])) { // host:port
      backups.backup("key", "backup_key");
      // … the application overwrites or deletes the key …
      backups.restore("backup_key", "key");
    }
  }
}
