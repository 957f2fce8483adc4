package io.tiefsee.kernel.x86;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Leave of the operating system to use tiles. Their 8 KB a thread are kept only for processes that
 * ask: under Linux by {@code arch_prctl(ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA)} (from 5.16 on;
 * Documentation/arch/x86/xstate.rst), which holds for all threads. Other systems are not asked.
 */
final class TilePermission {
  private static final long ARCH_PRCTL = 158;
  private static final long REQUEST = 0x1023;
  private static final long TILE_DATA = 18;

  private TilePermission() {}

  /** Asks; asking twice does no harm. */
  static boolean granted() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return false;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> syscall = linker.defaultLookup().find("syscall");
    if (syscall.isEmpty()) {
      return false;
    }
    MethodHandle function = linker.downcallHandle(syscall.get(), CodePage.SIX_LONGS);
    try {
      return (long) function.invokeExact(ARCH_PRCTL, REQUEST, TILE_DATA, 0L, 0L, 0L) == 0;
    } catch (RuntimeException | Error t) {
      throw t;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
