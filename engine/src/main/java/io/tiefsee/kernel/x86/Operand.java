package io.tiefsee.kernel.x86;

/** What an instruction works on: a register or a place in memory. */
public sealed interface Operand permits Reg, Vec, Mask, Tile, Mem {}
