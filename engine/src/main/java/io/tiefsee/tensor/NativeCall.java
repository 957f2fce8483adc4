package io.tiefsee.tensor;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Calls of native functions that take up to six integers or addresses. All go through one method
 * handle, which takes the function's address: to link a shape of call takes the JVM milliseconds,
 * more than to assemble a kernel. Unused arguments are 0; the calling conventions ignore those
 * beyond what the function takes. The garbage collector may run meanwhile, so addresses are of
 * native memory.
 */
public final class NativeCall {
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private NativeCall() {}

  /** A function of the C library, where it has one of this name. */
  public static Optional<MemorySegment> find(String name) {
    return Linker.nativeLinker().defaultLookup().find(name);
  }

  /**
   * Calls a function.
   *
   * @return the 64-bit register of integer results: of an {@code int} only the lower half counts,
   *     of {@code void} nothing
   */
  public static long call(MemorySegment function, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) CALL.invokeExact(function, a, b, c, d, e, f);
    } catch (RuntimeException | Error t) {
      throw t;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
