package io.tiefsee.kernel.vector;

import io.tiefsee.tensor.QuantType;

/**
 * How a format lies in layout VECTOR_16. Sixteen rows go together; a short lane belongs to a row,
 * lane 2i to row i and lane 2i + 1 to row 8 + i, so that the low halves of int lanes are rows 0–7
 * and the high halves rows 8–15. In units of 32 bytes (sixteen shorts), a block of the file format
 * becomes
 *
 * <pre>
 *   d (f16) | min (f16)?
 *   then per 32 columns:  scales? | 8 × four nibbles | 4 × eight 2-bit | 2 × sixteen 1-bit
 *                         or 16 × two bytes
 * </pre>
 *
 * as far as the format has them; scales are two bytes a lane: those of two times 16 columns, or
 * scale and minimum of 32 columns (Q4_K, Q5_K), or those of two times 32 columns (IQ4_XS, whose
 * scales come with every second 32 columns).
 *
 * @param type the format
 * @param bits of a code: 2, 3, 4, 5, 6 or 8
 * @param center what is taken from a code before it is multiplied, so that sums of int16 reach far
 * @param hasMin there is a second f16 per block
 */
record QuantFormat(QuantType type, int bits, int center, boolean hasMin) {
  /** Bytes of sixteen short lanes. */
  static final int UNIT = 32;

  /** Columns that a panel takes at once, if there are as many. */
  static final int CHUNK = 256;

  static QuantFormat of(QuantType type) {
    return switch (type) {
      case Q4_0 -> new QuantFormat(type, 4, 8, false);
      case Q4_1 -> new QuantFormat(type, 4, 8, true);
      case Q5_0 -> new QuantFormat(type, 5, 16, false);
      case Q5_1 -> new QuantFormat(type, 5, 16, true);
      case Q8_0 -> new QuantFormat(type, 8, 0, false);
      case Q2_K -> new QuantFormat(type, 2, 0, true);
      case Q3_K -> new QuantFormat(type, 3, 4, false);
      case Q4_K -> new QuantFormat(type, 4, 8, true);
      case Q5_K -> new QuantFormat(type, 5, 16, true);
      case Q6_K -> new QuantFormat(type, 6, 32, false);
      case IQ4_NL, IQ4_XS -> new QuantFormat(type, 4, 0, false);
      default -> throw new IllegalArgumentException(type + " is not interleaved");
    };
  }

  /** How many products of a quant with an activation of at most ±127 an int16 can hold. */
  int columnsPerSum() {
    return switch (bits) {
      case 2, 3, 5 -> 16;
      case 6 -> 8;
      default -> 32;
    };
  }

  /** Quants of more than six bits are 16 · high + low, each of −8 … 8, in two planes. */
  int planes() {
    return bits == 8 || isTable() ? 2 : 1;
  }

  /** int16 sums per 32 columns. */
  int chains() {
    return 32 / columnsPerSum() * planes();
  }

  /** The code is an index into {@link VectorPacker#IQ4}. */
  boolean isTable() {
    return type == QuantType.IQ4_NL || type == QuantType.IQ4_XS;
  }

  /** Columns that share a scale. */
  int scaleColumns() {
    return bits == 2 || bits == 3 || bits == 6 ? 16 : 32;
  }

  /** Bytes of the f16 fields at the start of a block. */
  int headBytes() {
    return hasMin ? 2 * UNIT : UNIT;
  }

  /** Offset of the 32 columns {@code sub} within a block. */
  long subOffset(int sub) {
    return headBytes() + (long) sub * codeBytes() + (long) scaleUnits(sub) * UNIT;
  }

  /**
   * Scale units before the codes of 32 columns {@code sub}, those of {@code sub} itself excluded.
   */
  private int scaleUnits(int sub) {
    return type.blockElements() == 32 ? 0 : type == QuantType.IQ4_XS ? (sub + 1) / 2 : sub;
  }

  /** Whether a unit of scales precedes the codes of these 32 columns. */
  boolean scalesAt(int sub) {
    return scaleUnits(sub + 1) > scaleUnits(sub);
  }

  /** Offset of the codes of 32 columns, counted from the first of many blocks. */
  long codesOffset(int sub) {
    int perBlock = type.blockElements() / 32;
    int within = sub % perBlock;
    long at = blockBytes() * (sub / perBlock) + subOffset(within);
    return scalesAt(within) ? at + UNIT : at;
  }

  int codeBytes() {
    return bits * 2 * UNIT;
  }

  /** Bytes of sixteen rows of one block. */
  long blockBytes() {
    return subOffset(type.blockElements() / 32);
  }
}
