package io.ringkeep.place;

import io.ringkeep.config.ConfigFile;
import io.ringkeep.config.ConfigFile.NodeEntry;
import io.ringkeep.config.Setting;
import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.NotFound;
import io.ringkeep.nodes.NodeChange;
import io.ringkeep.nodes.NodeSet;
import io.ringkeep.nodes.PlacedStore;
import io.ringkeep.placement.Strategy;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.url.StoreUrl;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/// Where a repository is.
public sealed interface RepositoryPlace {
  /// Opens what is there.
  ///
  /// @param environment where secrets are looked for, as [System#getenv()]
  /// @throws BackupException with the next step, if it can't be opened
  ObjectStore open(Map<String, String> environment) throws IOException;

  /// Opens it for a new repository.
  ///
  /// @throws InvalidRequest if there is one
  ObjectStore create(Map<String, String> environment, Clock clock) throws IOException;

  /// Opens what is there; where nothing is, makes ready for a repository.
  default ObjectStore openOrCreate(Map<String, String> environment, Clock clock)
      throws IOException {
    try {
      return open(environment);
    } catch (NotFound e) {
      return create(environment, clock);
    }
  }

  /// The place that a file of settings names, if it names one.
  static Optional<RepositoryPlace> of(ConfigFile file) {
    return file.nodes().isEmpty()
        ? file.value(Setting.REPOSITORY).map(url -> new Single(StoreUrl.parse(url.text())))
        : Optional.of(new Many(file.nodes(), file.strategy()));
  }

  /// The place that `text` means: a folder or URL, or what a file of settings names that ends in
  /// `.yaml` or `.yml`.
  ///
  /// @param environment for variables in the file
  /// @throws InvalidRequest if it means none
  static RepositoryPlace parse(String text, Map<String, String> environment) {
    if (!text.matches("(?!.*://).*[.]ya?ml")) {
      return new Single(StoreUrl.parse(text));
    }
    return of(ConfigFile.read(Path.of(text), environment))
        .orElseThrow(() ->
            new InvalidRequest(
                "no repository is named in the file of settings: file=" + text,
                "write url or nodes below repository:"));
  }

  /// The storage nodes.
  ///
  /// @throws InvalidRequest if it is one place
  Many many();

  /// Where it is, for people.
  @Override
  String toString();

  /// A folder, a bucket, a folder on an SSH server.
  record Single(StoreUrl url) implements RepositoryPlace {
    @Override
    public ObjectStore open(Map<String, String> environment) throws IOException {
      ObjectStore store = url.open(environment);
      try {
        if (store.size(PlacedStore.NODE_FILE).isPresent()) {
          throw new InvalidRequest(
              "this place is one of several storage nodes of a repository: location=" + url,
              "name all of them in a file of settings, and give it with -c");
        }
        return store;
      } catch (IOException | RuntimeException e) {
        store.close();
        throw e;
      }
    }

    @Override
    public ObjectStore create(Map<String, String> environment, Clock clock) throws IOException {
      return open(environment);
    }

    @Override
    public Many many() {
      throw new InvalidRequest(
          "a repository in one place has no storage nodes: location=" + url,
          "name the nodes in a file of settings, and give it with -c alone: -r and RINGKEEP_REPOSITORY win over it");
    }

    @Override
    public String toString() {
      return url.toString();
    }
  }

  /// Storage nodes.
  ///
  /// @param nodes as a file of settings names them
  /// @param strategy for a new repository
  record Many(List<NodeEntry> nodes, Optional<Strategy> strategy) implements RepositoryPlace {
    public Many {
      nodes = List.copyOf(nodes);
    }

    @Override
    public PlacedStore open(Map<String, String> environment) throws IOException {
      List<StoreUrl> urls = nodes.stream().map(entry -> StoreUrl.parse(entry.url())).toList();
      Map<String, ObjectStore> stores = new LinkedHashMap<>();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<ObjectStore>> opening =
            urls.stream().map(url -> executor.submit(() -> store(url, environment))).toList();
        for (int i = 0; i < nodes.size(); i++) {
          stores.put(nodes.get(i).node().id(), opened(opening.get(i)));
        }
      }
      return NodeSet.open(stores);
    }

    private static ObjectStore opened(Future<ObjectStore> opening) throws InterruptedIOException {
      try {
        return opening.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a node could not be opened", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while nodes were opened");
      }
    }

    /// A node's store; one that can't be opened, because its server is not there, is not the one
    /// that is known or lets nobody in, says so whenever it is asked.
    private static ObjectStore store(StoreUrl url, Map<String, String> environment) {
      try {
        return url.open(environment);
      } catch (IOException | BackupException e) {
        return new UnreachableStore(url.toString(), e);
      }
    }

    @Override
    public PlacedStore create(Map<String, String> environment, Clock clock) throws IOException {
      Strategy chosen =
          strategy.orElseThrow(() ->
              new InvalidRequest(
                  "a new repository on many nodes needs a strategy",
                  "write strategy: copy:%d below repository: in the file of settings"
                      .formatted(Math.min(3, nodes.size()))));
      List<NodeSet.Place> places = new ArrayList<>();
      try {
        for (NodeEntry entry : nodes) {
          places.add(
              new NodeSet.Place(entry.node(), StoreUrl.parse(entry.url()).open(environment)));
        }
        return NodeSet.create(places, chosen, clock);
      } catch (IOException | RuntimeException e) {
        for (NodeSet.Place place : places) {
          place.store().close();
        }
        throw e;
      }
    }

    @Override
    public Many many() {
      return this;
    }

    /// Has one of the nodes join.
    ///
    /// @throws NotFound if the file names no such node
    /// @throws IOException if its place can't be reached
    public void add(NodeChange change, String id, Map<String, String> environment)
        throws IOException {
      NodeEntry entry =
          nodes.stream()
              .filter(one -> one.node().id().equals(id))
              .findFirst()
              .orElseThrow(() ->
                  new NotFound(
                      "no such node in the file of settings: node=" + id,
                      "write it there, with its url"));
      change.add(entry.node(), StoreUrl.parse(entry.url()).open(environment));
    }

    @Override
    public String toString() {
      return "%d nodes: %s"
          .formatted(
              nodes.size(),
              nodes.stream()
                  .map(entry -> entry.node().id() + "=" + StoreUrl.parse(entry.url()))
                  .collect(Collectors.joining(" ")));
    }
  }
}
