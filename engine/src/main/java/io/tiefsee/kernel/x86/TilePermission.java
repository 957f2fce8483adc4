package io.tiefsee.kernel.x86;

import io.tiefsee.tensor.NativeCall;
import java.lang.foreign.MemorySegment;
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
    Optional<MemorySegment> syscall = NativeCall.find("syscall");
    return syscall.isPresent()
        && NativeCall.call(syscall.get(), ARCH_PRCTL, REQUEST, TILE_DATA, 0, 0, 0) == 0;
  }
}
