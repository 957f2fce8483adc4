package io.tiefsee.kernel.x86;

/**
 * A vector register: xmm, ymm or zmm by its width, with the write mask of this use.
 *
 * @param index 0 to 31; from 16 on, and at 512 bits, only EVEX instructions reach it
 * @param bits 128, 256 or 512
 * @param mask number of the opmask register that guards the write; 0 for none
 * @param zeroing whether masked-off elements become zero instead of keeping their value
 */
public record Vec(int index, int bits, int mask, boolean zeroing) implements Operand {
  Vec(int index, int bits) {
    this(index, bits, 0, false);
  }

  /** This register as a destination that keeps the elements whose mask bit is clear. */
  public Vec k(Mask k) {
    return new Vec(index, bits, k.index(), false);
  }

  /** This masked destination with the elements whose mask bit is clear set to zero. */
  public Vec z() {
    return new Vec(index, bits, mask, true);
  }

  /** The lowest 128 bits of this register. */
  public Vec x() {
    return new Vec(index, 128);
  }

  /** The lowest 256 bits of this register. */
  public Vec y() {
    return new Vec(index, 256);
  }
}
