package io.ringkeep.store.memory;

import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.ObjectStoreContractTest;

class MemoryStoreTest extends ObjectStoreContractTest {
  @Override
  protected ObjectStore newStore() {
    return new MemoryStore();
  }
}
