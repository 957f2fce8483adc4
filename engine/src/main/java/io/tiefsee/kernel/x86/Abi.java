package io.tiefsee.kernel.x86;

import java.util.Locale;

/** Where a caller leaves arguments and what it expects to find unchanged. */
public enum Abi {
  /** Linux and macOS: six arguments in registers, no vector register survives a call. */
  SYSTEM_V,
  /** Windows: four arguments in registers; rdi, rsi and xmm6 to xmm15 survive a call. */
  WIN64;

  /** The convention of this machine. */
  public static Abi host() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return os.startsWith("windows") ? WIN64 : SYSTEM_V;
  }
}
