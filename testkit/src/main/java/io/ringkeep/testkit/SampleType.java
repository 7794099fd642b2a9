package io.ringkeep.testkit;

/// Writes values of one type.
interface SampleType {
  /// How many of a dataset's random keys are of this type, relative to the other types.
  int weight();

  /// Writes one key for each border at which servers change how they store the type.
  void writeBorders(int database);

  /// Writes one key with a value drawn by chance.
  void write(DatasetKey key);
}
