package io.tiefsee.kernel;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * The cached keys and values of one layer, in pages of {@link #PAGE} tokens:
 *
 * <pre>keys [pages][kvHeads][PAGE][kDim]    values [pages][kvHeads][PAGE][vDim]</pre>
 *
 * in {@code type} (F32, F16 or Q8_0 blocks). A slot is page · PAGE + index within the page. Latent
 * attention (MLA) keeps one row a token: kvHeads is 1, kDim = latent + rope key, and the values are
 * the first vDim = latent numbers of the key row; {@code values} is then the same memory and {@code
 * shared} is true.
 *
 * @param type F32, F16 or Q8_0
 * @param kvHeads heads that the cache holds
 * @param kDim numbers in a key
 * @param vDim numbers in a value
 * @param shared values are the beginnings of the key rows
 * @param keys the key rows
 * @param values the value rows
 */
public record KvLayer(
    QuantType type,
    int kvHeads,
    int kDim,
    int vDim,
    boolean shared,
    MemorySegment keys,
    MemorySegment values) {
  /** Tokens in a page. */
  public static final int PAGE = 64;

  public long keyRowBytes() {
    return type.bytes(kDim);
  }

  /** Distance of two value rows. */
  public long valueRowBytes() {
    return shared ? keyRowBytes() : type.bytes(vDim);
  }

  /** Offset of the key of {@code head} in {@code slot}. */
  public long keyOffset(int slot, int head) {
    return row(slot, head) * keyRowBytes();
  }

  public long valueOffset(int slot, int head) {
    return row(slot, head) * valueRowBytes();
  }

  private long row(int slot, int head) {
    return ((long) (slot / PAGE) * kvHeads + head) * PAGE + slot % PAGE;
  }
}
