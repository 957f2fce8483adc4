package io.tiefsee.kernel.x86;

/** Assembled code of six 64-bit arguments that returns nothing. */
interface Callable {
  void call(long a, long b, long c, long d, long e, long f);

  /** Makes assembled code callable. */
  interface Maker {
    Callable make(Assembler a);
  }
}
