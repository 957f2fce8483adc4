package io.tiefsee.train;

import java.lang.foreign.MemorySegment;

/**
 * One trainable tensor: its values are the model's own memory and change in place.
 *
 * @param name GGUF's name; parts of one stored tensor carry their index, as in {@code
 *     blk.3.ffn_gate_exps.7.weight} and, by head, {@code blk.3.attn_k_b.1.weight}
 * @param rows outputs; 1 for a vector
 * @param cols inputs
 * @param vector a norm's weight or a bias, which weight decay leaves alone
 * @param values f32 [rows, cols]
 * @param gradient f32 [rows, cols], added to by every backward pass
 */
public record Parameter(
    String name, int rows, int cols, boolean vector, MemorySegment values, MemorySegment gradient) {
  /** Numbers in it. */
  public int size() {
    return Math.multiplyExact(rows, cols);
  }
}
