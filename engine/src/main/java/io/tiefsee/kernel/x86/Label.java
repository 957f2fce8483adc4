package io.tiefsee.kernel.x86;

/** A place in the code being assembled; made by {@link Assembler#label} and set by {@code bind}. */
public final class Label {
  private static final int UNBOUND = -1;

  /** Offset in the bytes written so far, not counting jumps and padding. */
  private int position = UNBOUND;

  /** How many jumps and paddings come before. */
  private int gaps;

  Label() {}

  void bind(int position, int gaps) {
    if (this.position != UNBOUND) {
      throw new IllegalStateException("label bound twice");
    }
    this.position = position;
    this.gaps = gaps;
  }

  int position() {
    if (position == UNBOUND) {
      throw new IllegalStateException("label used but never bound");
    }
    return position;
  }

  int gaps() {
    return gaps;
  }
}
