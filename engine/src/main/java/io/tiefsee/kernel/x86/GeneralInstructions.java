package io.tiefsee.kernel.x86;

/**
 * Instructions on general-purpose registers, jumps and labels. Names, operand order and meaning are
 * those of Intel's manual (SDM volume 2). Widths follow the register; a store's width too.
 */
abstract sealed class GeneralInstructions extends Encoder permits MoveInstructions {
  /** Conditions of jumps and conditional moves, in the order of their codes. */
  public enum Condition {
    O,
    NO,
    B,
    AE,
    E,
    NE,
    BE,
    A,
    S,
    NS,
    P,
    NP,
    L,
    GE,
    LE,
    G
  }

  // ---- Moves ----

  public final void mov(Operand d, Operand s) {
    binary(0x88, d, s);
  }

  public final void mov(Reg d, long value) {
    if ((int) value == value && d.bits() == 64) {
      legacy(0xC7, 64, 0, d, 4);
      int32((int) value);
      return;
    }
    int rex = (d.bits() == 64 ? 0x48 : 0x40) | d.index() >> 3;
    if (rex != 0x40) {
      out.write(rex);
    }
    out.write(0xB8 | d.index() & 7);
    int32((int) value);
    if (d.bits() == 64) {
      int32((int) (value >> 32));
    }
  }

  public final void lea(Reg d, Mem s) {
    legacy(0x8D, d.bits(), d.index(), s, 0);
  }

  /** {@code movzx} from a byte. */
  public final void movzxb(Reg d, Operand s) {
    legacy(M0F | 0xB6, d.bits(), d.index(), s, 0, lowByte(s));
  }

  /** {@code movzx} from 16 bits. */
  public final void movzxw(Reg d, Operand s) {
    legacy(M0F | 0xB7, d.bits(), d.index(), s, 0);
  }

  /** {@code movsx} from a byte. */
  public final void movsxb(Reg d, Operand s) {
    legacy(M0F | 0xBE, d.bits(), d.index(), s, 0, lowByte(s));
  }

  /** {@code movsx} from 16 bits. */
  public final void movsxw(Reg d, Operand s) {
    legacy(M0F | 0xBF, d.bits(), d.index(), s, 0);
  }

  /** {@code movsxd} from 32 bits. */
  public final void movsxd(Reg d, Operand s) {
    legacy(0x63, d.bits(), d.index(), s, 0);
  }

  /** Move if the condition holds. */
  public final void cmov(Condition c, Reg d, Operand s) {
    legacy(M0F | 0x40 | c.ordinal(), d.bits(), d.index(), s, 0);
  }

  public final void push(Reg r) {
    legacyShort(0x50, r);
  }

  public final void pop(Reg r) {
    legacyShort(0x58, r);
  }

  // ---- Arithmetic ----

  public final void add(Operand d, Operand s) {
    binary(0x00, d, s);
  }

  public final void add(Reg d, int value) {
    immediate(0, d, value);
  }

  public final void or(Operand d, Operand s) {
    binary(0x08, d, s);
  }

  public final void or(Reg d, int value) {
    immediate(1, d, value);
  }

  public final void and(Operand d, Operand s) {
    binary(0x20, d, s);
  }

  public final void and(Reg d, int value) {
    immediate(4, d, value);
  }

  public final void sub(Operand d, Operand s) {
    binary(0x28, d, s);
  }

  public final void sub(Reg d, int value) {
    immediate(5, d, value);
  }

  public final void xor(Operand d, Operand s) {
    binary(0x30, d, s);
  }

  public final void xor(Reg d, int value) {
    immediate(6, d, value);
  }

  public final void cmp(Operand d, Operand s) {
    binary(0x38, d, s);
  }

  public final void cmp(Reg d, int value) {
    immediate(7, d, value);
  }

  public final void test(Operand d, Reg s) {
    legacy(0x85, s.bits(), s.index(), d, 0);
  }

  public final void test(Reg d, int value) {
    if (d.index() == 0) {
      accumulator(0xA9, d, value);
    } else {
      legacy(0xF7, d.bits(), 0, d, 4);
      int32(value);
    }
  }

  public final void imul(Reg d, Operand s) {
    legacy(M0F | 0xAF, d.bits(), d.index(), s, 0);
  }

  public final void imul(Reg d, Operand s, int value) {
    boolean small = (byte) value == value;
    legacy(small ? 0x6B : 0x69, d.bits(), d.index(), s, small ? 1 : 4);
    if (small) {
      out.write(value);
    } else {
      int32(value);
    }
  }

  public final void inc(Reg r) {
    legacy(0xFF, r.bits(), 0, r, 0);
  }

  public final void dec(Reg r) {
    legacy(0xFF, r.bits(), 1, r, 0);
  }

  public final void not(Reg r) {
    legacy(0xF7, r.bits(), 2, r, 0);
  }

  public final void neg(Reg r) {
    legacy(0xF7, r.bits(), 3, r, 0);
  }

  public final void shl(Reg r, int bits) {
    shift(4, r, bits);
  }

  public final void shr(Reg r, int bits) {
    shift(5, r, bits);
  }

  public final void sar(Reg r, int bits) {
    shift(7, r, bits);
  }

  public final void popcnt(Reg d, Operand s) {
    legacy(PF3 | M0F | 0xB8, d.bits(), d.index(), s, 0);
  }

  public final void tzcnt(Reg d, Operand s) {
    legacy(PF3 | M0F | 0xBC, d.bits(), d.index(), s, 0);
  }

  public final void shlx(Reg d, Operand s, Reg bits) {
    rvm(P66 | M38 | VEX | (d.bits() == 64 ? W1 : 0) | 0xF7, d, bits, s);
  }

  public final void shrx(Reg d, Operand s, Reg bits) {
    rvm(PF2 | M38 | VEX | (d.bits() == 64 ? W1 : 0) | 0xF7, d, bits, s);
  }

  public final void sarx(Reg d, Operand s, Reg bits) {
    rvm(PF3 | M38 | VEX | (d.bits() == 64 ? W1 : 0) | 0xF7, d, bits, s);
  }

  public final void bzhi(Reg d, Operand s, Reg from) {
    rvm(M38 | VEX | (d.bits() == 64 ? W1 : 0) | 0xF5, d, from, s);
  }

  // ---- Caches and the processor ----

  public final void prefetchnta(Mem m) {
    legacy(M0F | 0x18, 32, 0, m, 0);
  }

  public final void prefetcht0(Mem m) {
    legacy(M0F | 0x18, 32, 1, m, 0);
  }

  public final void prefetcht1(Mem m) {
    legacy(M0F | 0x18, 32, 2, m, 0);
  }

  public final void prefetcht2(Mem m) {
    legacy(M0F | 0x18, 32, 3, m, 0);
  }

  public final void prefetchw(Mem m) {
    legacy(M0F | 0x0D, 32, 1, m, 0);
  }

  public final void cpuid() {
    out.write(0x0F);
    out.write(0xA2);
  }

  public final void xgetbv() {
    out.write(0x0F);
    out.write(0x01);
    out.write(0xD0);
  }

  public final void sfence() {
    out.write(0x0F);
    out.write(0xAE);
    out.write(0xF8);
  }

  public final void vzeroupper() {
    out.write(0xC5);
    out.write(0xF8);
    out.write(0x77);
  }

  public final void ret() {
    out.write(0xC3);
  }

  // ---- Labels and jumps ----

  /** A label, to be bound later. */
  public final Label label() {
    return new Label();
  }

  /** Sets the label to this place. */
  public final void bind(Label label) {
    label.bind(out.size(), layout.gaps());
  }

  /** A label at this place: the head of a loop. */
  public final Label here() {
    Label label = label();
    bind(label);
    return label;
  }

  /** Pads with nops up to a multiple of {@code boundary}, a power of two up to 64. */
  public final void align(int boundary) {
    layout.pad(out.size(), boundary);
  }

  public final void jmp(Label target) {
    layout.jump(out.size(), Layout.ALWAYS, target);
  }

  /** Jump if the condition holds. */
  public final void jcc(Condition c, Label target) {
    layout.jump(out.size(), c.ordinal(), target);
  }

  public final void je(Label target) {
    jcc(Condition.E, target);
  }

  public final void jne(Label target) {
    jcc(Condition.NE, target);
  }

  public final void jl(Label target) {
    jcc(Condition.L, target);
  }

  public final void jle(Label target) {
    jcc(Condition.LE, target);
  }

  public final void jg(Label target) {
    jcc(Condition.G, target);
  }

  public final void jge(Label target) {
    jcc(Condition.GE, target);
  }

  public final void jb(Label target) {
    jcc(Condition.B, target);
  }

  public final void jbe(Label target) {
    jcc(Condition.BE, target);
  }

  public final void ja(Label target) {
    jcc(Condition.A, target);
  }

  public final void jae(Label target) {
    jcc(Condition.AE, target);
  }

  public final void js(Label target) {
    jcc(Condition.S, target);
  }

  public final void jns(Label target) {
    jcc(Condition.NS, target);
  }

  // ---- Encodings ----

  /** Byte registers from spl on are reached with a REX prefix only. */
  private static boolean lowByte(Operand s) {
    return s instanceof Reg r && r.index() >= 4;
  }

  /** An opcode family: +1 is "r/m, r", +3 is "r, r/m". */
  private void binary(int opcode, Operand d, Operand s) {
    if (s instanceof Reg r && !(d instanceof Reg to && to.bits() != r.bits())) {
      legacy(opcode | 1, r.bits(), r.index(), d, 0);
    } else if (d instanceof Reg r && s instanceof Mem) {
      legacy(opcode | 3, r.bits(), r.index(), s, 0);
    } else {
      throw new IllegalArgumentException("operands do not match: " + d + ", " + s);
    }
  }

  private void immediate(int extension, Reg d, int value) {
    if ((byte) value == value) {
      legacy(0x83, d.bits(), extension, d, 1);
      out.write(value);
    } else if (d.index() == 0) {
      accumulator(extension << 3 | 5, d, value);
    } else {
      legacy(0x81, d.bits(), extension, d, 4);
      int32(value);
    }
  }

  private void accumulator(int opcode, Reg d, int value) {
    if (d.bits() == 64) {
      out.write(0x48);
    }
    out.write(opcode);
    int32(value);
  }

  private void shift(int extension, Reg r, int bits) {
    if (bits == 1) {
      legacy(0xD1, r.bits(), extension, r, 0);
    } else {
      legacy(0xC1, r.bits(), extension, r, 1);
      out.write(bits);
    }
  }
}
