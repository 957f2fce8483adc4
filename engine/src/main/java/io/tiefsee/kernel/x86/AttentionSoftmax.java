package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.AttentionPage.KEEP;
import static io.tiefsee.kernel.x86.AttentionPage.SCORE_STRIDE;
import static io.tiefsee.kernel.x86.Registers.*;
import static io.tiefsee.kernel.x86.X86AttentionCode.*;

import io.tiefsee.kernel.KvLayer;

/**
 * The middle of {@link AttentionPage}: scores become weights, row by row; the maximum and the sum
 * of a row go into its state, and what is kept of its earlier values behind the scores.
 */
final class AttentionSoftmax {
  private static final int GREATER = 6;

  private final Assembler a;
  private final boolean wide;

  /**
   * @param wide at 512 bits
   */
  AttentionSoftmax(Assembler a, boolean wide) {
    this.a = a;
    this.wide = wide;
  }

  private Vec v(int index) {
    return wide ? zmm(index) : ymm(index);
  }

  /** Emits the loop over the rows. */
  void emit(int rows) {
    int bytes = wide ? 64 : 32;
    int n = SCORE_STRIDE / bytes;
    a.mov(rdi, mem(rbp, SCORES));
    a.lea(rdx, mem(rdi, KEEP));
    a.mov(rsi, mem(rbp, STATE));
    a.add(rsi, mem(rbp, MAX_AT));
    a.mov(r8, mem(rbp, SEEN));
    a.mov(r9, rows);
    a.vbroadcastss(v(14), mem(rbp, SCALE));
    int[] index = new int[KvLayer.PAGE];
    for (int i = 0; i < index.length; i++) {
      index[i] = i;
    }
    Label indices = a.ints(index);
    Label row = a.here();
    a.vpbroadcastd(v(15), mem(r8));
    a.vbroadcastss(v(12), X86Exp.constant(a, Float.NEGATIVE_INFINITY));
    for (int i = 0; i < n; i++) {
      a.vmulps(v(i), v(14), mem(rdi, bytes * i));
      hideUnseen(v(i), mem(indices, bytes * i));
    }
    for (int i = 0; i < n / 2; i++) {
      a.vmaxps(v(8 + i), v(i), v(i + n / 2));
    }
    for (int step = n / 4; step > 0; step /= 2) {
      for (int i = 0; i < step; i++) {
        a.vmaxps(v(8 + i), v(8 + i), v(8 + i + step));
      }
    }
    if (wide) {
      a.vextractf64x4(ymm9, zmm8, 1);
      a.vmaxps(ymm8, ymm8, ymm9);
    }
    a.vextractf128(xmm9, ymm8, 1);
    a.vmaxps(xmm8, xmm8, xmm9);
    a.vpermilps(xmm9, xmm8, 0x4e);
    a.vmaxps(xmm8, xmm8, xmm9);
    a.vpermilps(xmm9, xmm8, 0xb1);
    a.vmaxps(xmm8, xmm8, xmm9);
    a.vmovss(xmm13, mem(rsi));
    a.vmaxps(xmm8, xmm8, xmm13);
    a.vmovss(mem(rsi), xmm8);
    // A row that has seen nothing yet: −∞ minus a finite number, not minus −∞.
    a.vmaxps(xmm8, xmm8, X86Exp.constant(a, -1e30f));
    a.vsubps(xmm13, xmm13, xmm8);
    a.vbroadcastss(v(12), xmm8);
    X86Exp.emit(a, ymm13, ymm8, ymm9, ymm10, ymm11);
    for (int i = 0; i < n; i++) {
      a.vsubps(v(i), v(i), v(12));
      X86Exp.emit(a, v(i), v(8), v(9), v(10), v(11));
      a.vmovups(mem(rdi, bytes * i), v(i));
    }
    for (int step = 1; step < n; step *= 2) {
      for (int i = 0; i < n; i += 2 * step) {
        a.vaddps(v(i), v(i), v(i + step));
      }
    }
    if (wide) {
      a.vextractf64x4(ymm1, zmm0, 1);
      a.vaddps(ymm0, ymm0, ymm1);
    }
    a.vextractf128(xmm1, ymm0, 1);
    a.vaddps(xmm0, xmm0, xmm1);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vmovss(mem(rdx), xmm13);
    a.vmovss(xmm1, mem(rsi, 4));
    a.vfmadd213ss(xmm1, xmm13, xmm0);
    a.vmovss(mem(rsi, 4), xmm1);
    a.add(rdi, SCORE_STRIDE);
    a.add(rdx, 4);
    a.add(rsi, mem(rbp, STATE_STRIDE));
    a.add(r8, 4);
    a.dec(r9);
    a.jne(row);
  }

  /** −∞, which is in register 12, where the keys' indices reach what register 15 says. */
  private void hideUnseen(Vec scores, Mem indices) {
    if (wide) {
      a.vpcmpd(k1, zmm15, indices, GREATER);
      a.vblendmps(scores.k(k1), zmm12, scores);
    } else {
      a.vpcmpgtd(ymm13, ymm15, indices);
      a.vblendvps(scores, ymm12, scores, ymm13);
    }
  }
}
