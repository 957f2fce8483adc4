package io.tiefsee.tensor;

import java.util.Optional;

/**
 * How the numbers of a matrix or tensor are stored. Names, ids, block sizes and block layouts are
 * ggml's (see ggml-common.h of llama.cpp), so a GGUF tensor's type id maps to one constant; {@link
 * #FP8_E4M3} is the safetensors type of DeepSeek R1's own checkpoints and {@link #Q8_ROW} the
 * format of activations that meet quantised weights.
 */
public enum QuantType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q2_K(10, 256, 84),
  Q3_K(11, 256, 110),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  IQ2_XXS(16, 256, 66),
  IQ2_XS(17, 256, 74),
  IQ3_XXS(18, 256, 98),
  IQ1_S(19, 256, 50),
  IQ4_NL(20, 32, 18),
  IQ3_S(21, 256, 110),
  IQ2_S(22, 256, 82),
  IQ4_XS(23, 256, 136),
  IQ1_M(29, 256, 56),
  BF16(30, 1, 2),
  TQ1_0(34, 256, 54),
  TQ2_0(35, 256, 66),
  MXFP4(39, 32, 17),
  NVFP4(40, 64, 36),
  /** OCP E4M3 without infinities; the scale of each 128 × 128 block lies beside the data. */
  FP8_E4M3(-1, 1, 1),
  /**
   * Activations only. A row of n columns is n int8 quants, then n/32 f32 scales (one per 32
   * columns), then n/16 int16 sums of the quants (one per 16 columns); see {@link Tensor}.
   */
  Q8_ROW(-2, 32, 40);

  /** Rows and columns of the block that shares one scale in {@link #FP8_E4M3}. */
  public static final int FP8_BLOCK = 128;

  private final int ggmlId;
  private final int blockElements;
  private final int blockBytes;

  QuantType(int ggmlId, int blockElements, int blockBytes) {
    this.ggmlId = ggmlId;
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** The type id in a GGUF file; negative for the types that GGUF does not know. */
  public int ggmlId() {
    return ggmlId;
  }

  public int blockElements() {
    return blockElements;
  }

  public int blockBytes() {
    return blockBytes;
  }

  /** F32, F16, BF16 and FP8: these always meet f32 activations. */
  public boolean isFloat() {
    return blockElements == 1;
  }

  /**
   * Bytes of {@code elements} packed numbers.
   *
   * @throws BadInput if they do not fill whole blocks
   */
  public long bytes(long elements) {
    if (elements % blockElements != 0) {
      throw new BadInput(
          "a row of "
              + elements
              + " numbers does not fill whole "
              + this
              + " blocks of "
              + blockElements);
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  public static Optional<QuantType> ofGgml(int id) {
    for (QuantType t : values()) {
      if (t.ggmlId == id && id >= 0) {
        return Optional.of(t);
      }
    }
    return Optional.empty();
  }
}
