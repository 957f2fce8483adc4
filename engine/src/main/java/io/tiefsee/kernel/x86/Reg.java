package io.tiefsee.kernel.x86;

/**
 * A general-purpose register.
 *
 * @param index 0 to 15, in the hardware's order (rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 …)
 * @param bits 32 or 64; 32-bit operations clear the upper half
 */
public record Reg(int index, int bits) implements Operand {
  /** The lower half of this register as a 32-bit register. */
  public Reg d() {
    return new Reg(index, 32);
  }
}
