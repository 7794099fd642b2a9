package io.ringkeep.client.repository;

import java.util.List;

/// What a key was.
///
/// @param versions oldest first; two that follow one another differ
/// @param unknown what cannot be told, in sentences: gaps of the log, changes whose time or effect
///   is not known. Empty if the versions are all there were, as far as the repository reaches
public record KeyPast(List<KeyVersion> versions, List<String> unknown) {
  public KeyPast {
    versions = List.copyOf(versions);
    unknown = List.copyOf(unknown);
  }
}
