package io.ringkeep.repository.manifest;

import io.ringkeep.repository.object.StoredObject;
import java.util.List;

/// A run that a snapshot needs, and the objects it lies in.
///
/// @param id name of the run, unique in its repository
/// @param records number of records
/// @param tombstones number of keys that it declares gone
/// @param bytes length of all records' own RDB bytes
/// @param storedBytes length of all objects in the store
/// @param firstPosition of its entries, 16 hex digits
/// @param lastPosition of its entries, 16 hex digits
/// @param objects data objects, in the order of their blocks
/// @param index index object
public record RunDescriptor(
    String id,
    long records,
    long tombstones,
    long bytes,
    long storedBytes,
    String firstPosition,
    String lastPosition,
    List<StoredObject> objects,
    StoredObject index) {
  public RunDescriptor {
    objects = List.copyOf(objects);
  }
}
