package io.ringkeep.client.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.file.FileStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A repository that is opened by an application.
class RepositoryKeysTest {
  private final AtomicInteger closed = new AtomicInteger();

  /// A folder that counts how often it is closed.
  private ObjectStore watched(Path folder) throws Exception {
    FileStore store = new FileStore(folder);
    return (ObjectStore)
        Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                closed.incrementAndGet();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void open_wrongPassphrase_closesTheStore(@TempDir Path folder) throws Exception {
    try (Kept kept = new Kept(folder, "redis://127.0.0.1:1")) {
      ObjectStore store = watched(kept.repositoryFolder());
      RepositoryAccess access = kept.access();

      assertThatThrownBy(() -> RepositoryKeys.open(access.passphrase("wrong"), store, Kept.CLOCK))
          .isInstanceOf(AccessDenied.class);
      assertThat(closed).hasValue(1);

      RepositoryKeys keys =
          RepositoryKeys.open(access, watched(kept.repositoryFolder()), Kept.CLOCK);
      assertThat(closed).hasValue(1);
      keys.close();
      assertThat(closed).hasValue(2);
    }
  }
}
