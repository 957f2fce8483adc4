package io.tiefsee.kernel.x86;

import io.tiefsee.tensor.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A routine of up to six 64-bit arguments, in executable memory for the life of the process. */
final class Routine implements Callable {
  /** Maps code. */
  static final Callable.Maker MAKER =
      new Callable.Maker() {
        @Override
        public Callable make(Assembler a) {
          return new Routine(a);
        }
      };

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
    long unused = NativeCall.call(address, a, b, c, d, e, f);
  }
}
