package io.ringkeep.nodes;

import io.ringkeep.placement.StorageNode;
import io.ringkeep.placement.Strategy;
import io.ringkeep.repository.WatchedStore;
import io.ringkeep.store.ObjectInfo;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Nodes in memory: quick to make, to set back and to damage.
public final class MemoryNodes {
  private final TreeMap<String, MemoryStore> places = new TreeMap<>();
  private final TreeMap<String, StorageNode> nodes = new TreeMap<>();

  /// What lies between the store of nodes and one of them.
  public interface Fault {
    ObjectStore of(String node, ObjectStore store);
  }

  /// Nodes `a`, `b` and so on.
  public MemoryNodes(int count) {
    for (int i = 0; i < count; i++) {
      place(StorageNode.of(String.valueOf((char) ('a' + i))));
    }
  }

  /// Another node, which is of no set yet.
  public ObjectStore place(StorageNode node) {
    nodes.put(node.id(), node);
    places.put(node.id(), new MemoryStore());
    return store(node.id());
  }

  public List<String> ids() {
    return List.copyOf(places.keySet());
  }

  /// A node's store; closing it changes nothing.
  public ObjectStore store(String node) {
    return new WatchedStore(at(node));
  }

  private MemoryStore at(String node) {
    MemoryStore store = places.get(node);
    if (store == null) {
      throw new IllegalArgumentException("no such node: " + node);
    }
    return store;
  }

  public PlacedStore create(String strategy) throws IOException {
    List<NodeSet.Place> all = new ArrayList<>();
    nodes.values().forEach(node -> all.add(new NodeSet.Place(node, store(node.id()))));
    return NodeSet.create(all, Strategy.parse(strategy), Clock.systemUTC());
  }

  public PlacedStore open() throws IOException {
    return open((_, store) -> store);
  }

  public PlacedStore open(Fault fault) throws IOException {
    Map<String, ObjectStore> stores = new LinkedHashMap<>();
    places.keySet().forEach(id -> stores.put(id, fault.of(id, store(id))));
    return NodeSet.open(stores);
  }

  /// Opens without some nodes: nobody says where they are.
  public PlacedStore openWithout(String... away) throws IOException {
    Map<String, ObjectStore> stores = new LinkedHashMap<>();
    places.keySet().forEach(id -> stores.put(id, store(id)));
    for (String id : away) {
      stores.remove(id);
    }
    return NodeSet.open(stores);
  }

  /// What a node holds.
  public Map<String, ByteBuffer> content(String node) throws IOException {
    Map<String, ByteBuffer> content = new TreeMap<>();
    for (ObjectInfo object : at(node).list("")) {
      content.put(object.key(), at(node).read(object.key()));
    }
    return content;
  }

  /// Gives a node other content, such as none or an old one.
  public void setTo(String node, Map<String, ByteBuffer> content) throws IOException {
    MemoryStore fresh = new MemoryStore();
    for (Map.Entry<String, ByteBuffer> object : content.entrySet()) {
      fresh.put(object.getKey(), object.getValue());
    }
    places.put(node, fresh);
  }

  public void wipe(String node) throws IOException {
    setTo(node, Map.of());
  }

  /// Keys of pieces on a node, sorted.
  public List<String> pieces(String node) throws IOException {
    return at(node).list("").stream()
        .map(ObjectInfo::key)
        .filter(key -> PieceName.parse(key).isPresent())
        .toList();
  }

  /// Flips a bit of an object of a node.
  public void flip(String node, String key, int at) throws IOException {
    ByteBuffer bytes = at(node).read(key);
    bytes.put(at % bytes.limit(), (byte) (bytes.get(at % bytes.limit()) ^ 4));
    at(node).put(key, bytes);
  }
}
