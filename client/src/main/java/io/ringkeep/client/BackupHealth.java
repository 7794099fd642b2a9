package io.ringkeep.client;

import java.util.List;

/// How a backup stands.
///
/// @param backup what it is
/// @param parts each copy or piece
public record BackupHealth(KeyBackup backup, List<Part> parts) {
  /// A copy or a piece.
  ///
  /// @param name its key
  /// @param server the primary that its name belongs to now; empty: none
  /// @param fault what is wrong with it; empty: nothing
  public record Part(String name, String server, String fault) {
    /// True if it was read and is what was written.
    public boolean whole() {
      return fault.isEmpty();
    }
  }

  /// True if every part is whole and has a primary of its own.
  public boolean healthy() {
    return parts.stream().allMatch(Part::whole) && distinctServers() == parts.size();
  }

  /// Number of primaries that whole parts lie on.
  public long distinctServers() {
    return parts.stream().filter(Part::whole).map(Part::server).distinct().count();
  }
}
