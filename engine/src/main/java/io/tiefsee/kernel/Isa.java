package io.tiefsee.kernel;

/** Instruction sets that kernels are written for, each faster than the one before. */
public enum Isa {
  SCALAR,
  VECTOR,
  AVX2,
  AVX512
}
