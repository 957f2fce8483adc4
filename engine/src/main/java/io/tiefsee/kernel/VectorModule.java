package io.tiefsee.kernel;

/**
 * The module {@code jdk.incubator.vector}, loaded when kernels first want it.
 *
 * <p>As a module of the boot layer, {@code --add-modules}, it would cost every start: the JVM then
 * reads all modules anew, and neither links the classes of its cache ahead of time nor uses the
 * profiles in it. So it is loaded as the JVM itself loads the modules of agents; where the flags of
 * {@code jvm.options} are missing it has to be in the boot layer.
 */
public final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  private static final class Holder {
    static final boolean LOADED = isInBootLayer() || load();
  }

  /** Loads it once; false if this JVM was started so that it cannot be had. */
  public static boolean isLoaded() {
    return Holder.LOADED;
  }

  private static boolean isInBootLayer() {
    return ModuleLayer.boot().findModule(NAME).isPresent();
  }

  private static boolean load() {
    try {
      Object ignored =
          Class.forName("jdk.internal.module.Modules")
              .getMethod("loadModule", String.class)
              .invoke(null, NAME);
      return true;
    } catch (ReflectiveOperationException e) {
      // The package is not exported to us, or the Java runtime lacks the module.
      return false;
    }
  }
}
