import io.ringkeep.client.KeyBackups;

/// The textbook's example in Java, with `io.ringkeep:client`.
final class Example {
  private Example() {}

  /// @param args `backup` or `restore`, then host:port
  public static void main(String[] args) {
    try (KeyBackups backups = KeyBackups.connect(args[1])) {
      if (args[0].equals("backup")) {
        backups.backup("key", "backup_key");
      } else {
        backups.restore("backup_key", "key");
      }
    }
  }
}
