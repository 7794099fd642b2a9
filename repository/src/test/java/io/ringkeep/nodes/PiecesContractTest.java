package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectKeys;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;
import io.ringkeep.store.ObjectUpload;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// Objects in pieces keep what every object of a store does.
class PiecesContractTest extends ObjectStoreContractTest {
  private static final String DIRECTORY = "caches/";
  private static final String SUFFIX = ".data";

  @Override
  protected ObjectStore newStore() throws IOException {
    List<NodeSet.Place> places =
        Stream.of("a", "b", "c", "d", "e", "f")
            .map(id -> new NodeSet.Place(StorageNode.of(id), new MemoryStore()))
            .toList();
    return new AsData(NodeSet.create(places, Strategy.parse("erasure:4+2"), Clock.systemUTC()));
  }

  /// `a` and `a/b` are `a.data` and `a/b.data` here.
  @Override
  protected boolean refusesObjectsWhereDirectoriesAre() {
    return false;
  }

  @Override
  protected boolean replaces() {
    return false;
  }

  /// A piece's name is longer than its object's.
  @Override
  protected int longestName() {
    return 180;
  }

  /// Names every object so that it lies in pieces.
  private static final class AsData extends WatchedStore {
    private final PlacedStore store;

    AsData(PlacedStore store) {
      super(store);
      this.store = store;
    }

    private static String data(String key) {
      ObjectKeys.names(key);
      return DIRECTORY + key + SUFFIX;
    }

    @Override
    public void put(String key, ByteBuffer content) throws IOException {
      super.put(data(key), content);
    }

    @Override
    public ObjectUpload upload(String key) throws IOException {
      return super.upload(data(key));
    }

    @Override
    public OptionalLong size(String key) throws IOException {
      return super.size(data(key));
    }

    @Override
    public ByteBuffer read(String key) throws IOException {
      return super.read(data(key));
    }

    @Override
    public void read(String key, long offset, ByteBuffer into) throws IOException {
      super.read(data(key), offset, into);
    }

    @Override
    public void delete(String key) throws IOException {
      super.delete(data(key));
    }

    /// Lists with each object's own length; that of a listing is what its pieces take.
    @Override
    public List<ObjectInfo> list(String directory) throws IOException {
      ObjectKeys.directory(directory);
      List<ObjectInfo> objects = new ArrayList<>();
      for (ObjectInfo object : store.list(DIRECTORY + directory)) {
        String key = object.key();
        objects.add(
            new ObjectInfo(
                key.substring(DIRECTORY.length(), key.length() - SUFFIX.length()),
                store.size(key).orElseThrow()));
      }
      objects.sort((a, b) -> a.key().compareTo(b.key()));
      return objects;
    }
  }
}
