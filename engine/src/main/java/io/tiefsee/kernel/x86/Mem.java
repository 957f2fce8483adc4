package io.tiefsee.kernel.x86;

import java.util.Optional;

/**
 * A memory operand: {@code base + index·scale + disp}, or {@code label + disp} relative to the
 * instruction pointer. Made by {@code Registers.mem}.
 *
 * @param base 64-bit register; not used with a label
 * @param index 64-bit register (rsp: no index, as in the hardware's encoding) or, for gathers, a
 *     vector register
 * @param scale 1, 2, 4 or 8
 * @param disp bytes
 * @param label place in the code or its constants
 * @param broadcast whether one element is read and repeated (EVEX)
 * @param mask number of the opmask register that guards a store; 0 for none
 */
public record Mem(
    Reg base,
    Operand index,
    int scale,
    int disp,
    Optional<Label> label,
    boolean broadcast,
    int mask)
    implements Operand {
  public Mem {
    if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
      throw new IllegalArgumentException("scale must be 1, 2, 4 or 8, not " + scale);
    }
    if (base.bits() != 64 || index instanceof Reg r && r.bits() != 64) {
      throw new IllegalArgumentException("addresses need 64-bit registers");
    }
  }

  /** One element at this address, repeated over the whole vector. */
  public Mem bcst() {
    return new Mem(base, index, scale, disp, label, true, mask);
  }

  /** This address as the target of a masked store. */
  public Mem k(Mask k) {
    return new Mem(base, index, scale, disp, label, broadcast, k.index());
  }

  /** The address {@code bytes} further on. */
  public Mem plus(int bytes) {
    return new Mem(base, index, scale, disp + bytes, label, broadcast, mask);
  }

  boolean indexed() {
    return !(index instanceof Reg r && r.index() == 4);
  }

  int indexNumber() {
    return Encoder.number(index);
  }
}
