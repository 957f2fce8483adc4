package io.tiefsee.kernel.x86;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A routine of up to six 64-bit arguments, in executable memory for the life of the process. All of
 * them are called through one method handle, which takes the address: linking a shape of call costs
 * more than assembling a kernel.
 */
final class Routine implements Callable {
  /** Maps code. */
  static final Callable.Maker MAKER =
      new Callable.Maker() {
        @Override
        public Callable make(Assembler a) {
          return new Routine(a);
        }
      };

  private static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(CodePage.SIX_LONGS);

  private final MemorySegment address;

  /**
   * Maps a routine.
   *
   * @throws IllegalStateException if there is no executable memory; {@link CpuId#detect} tells
   *     before
   */
  Routine(Assembler a) {
    CodeMapping mapping = CodePage.map(Arena.global(), a.assemble());
    if (mapping instanceof Refused refused) {
      throw new IllegalStateException(refused.reason());
    }
    address = ((CodePage) mapping).code(0);
  }

  @Override
  public void call(long a, long b, long c, long d, long e, long f) {
    try {
      long unused = (long) CALL.invokeExact(address, a, b, c, d, e, f);
    } catch (RuntimeException | Error t) {
      throw t;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
