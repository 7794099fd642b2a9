package io.ringkeep.erasure;

/// The module `jdk.incubator.vector`, which a JVM has and does not load by itself.
final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  /// Loads the module if it is not loaded and may be; tells whether it is there.
  static boolean load() {
    /*
     * With `--add-modules jdk.incubator.vector` it is there from the start. But then each start of any command takes longer
     * and prints a warning, so `ringkeep.jar` asks for the export of a package of the JDK instead (`Add-Exports` in its
     * manifest), in which tools of the JVM load modules late (JDK 25: `Modules.loadModule`, used for agents). A JVM that
     * has it no more, or was started otherwise, gives an exception here, and then there is no vector kernel.
     */
    if (ModuleLayer.boot().findModule(NAME).isPresent()) {
      return true;
    }
    try {
      Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class)
          .invoke(null, NAME);
      return true;
    } catch (ReflectiveOperationException | LinkageError | RuntimeException _) {
      return false;
    }
  }
}
