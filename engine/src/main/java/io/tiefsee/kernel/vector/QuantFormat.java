package io.tiefsee.kernel.vector;

import io.tiefsee.tensor.QuantType;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

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
 */
final class QuantFormat {
  /** Bytes of sixteen short lanes. */
  static final int UNIT = 32;

  /** Columns that a panel takes at once, if there are as many. */
  static final int CHUNK = 256;

  private static final Map<QuantType, QuantFormat> ALL = new EnumMap<>(QuantType.class);

  static {
    add(QuantType.Q4_0, 4, 8, false);
    add(QuantType.Q4_1, 4, 8, true);
    add(QuantType.Q5_0, 5, 16, false);
    add(QuantType.Q5_1, 5, 16, true);
    add(QuantType.Q8_0, 8, 0, false);
    add(QuantType.Q2_K, 2, 0, true);
    add(QuantType.Q3_K, 3, 4, false);
    add(QuantType.Q4_K, 4, 8, true);
    add(QuantType.Q5_K, 5, 16, true);
    add(QuantType.Q6_K, 6, 32, false);
    add(QuantType.IQ4_NL, 4, 0, false);
    add(QuantType.IQ4_XS, 4, 0, false);
  }

  private final QuantType type;
  private final int bits;
  private final int center;
  private final boolean hasMin;

  /** Of each 32 columns of a chunk: where their block begins, their scales and their codes. */
  private final int[] heads = new int[CHUNK / 32];

  private final int[] units = new int[CHUNK / 32];
  private final int[] codes = new int[CHUNK / 32];

  private QuantFormat(QuantType type, int bits, int center, boolean hasMin) {
    this.type = type;
    this.bits = bits;
    this.center = center;
    this.hasMin = hasMin;
    int perBlock = type.blockElements() / 32;
    for (int sub = 0; sub < codes.length; sub++) {
      int within = sub % perBlock;
      int head = Math.toIntExact(blockBytes()) * (sub / perBlock);
      int own = head + Math.toIntExact(subOffset(within));
      heads[sub] = head;
      codes[sub] = scalesAt(within) ? own + UNIT : own;
      // IQ4_XS has a unit of scales for two times 32 columns.
      units[sub] = within > 0 && !scalesAt(within) ? units[sub - 1] : own;
    }
  }

  private static void add(QuantType type, int bits, int center, boolean hasMin) {
    ALL.put(type, new QuantFormat(type, bits, center, hasMin));
  }

  /** All formats that can be interleaved. */
  static Collection<QuantFormat> all() {
    return Collections.unmodifiableCollection(ALL.values());
  }

  QuantType type() {
    return type;
  }

  /** Bits of a code: 2, 3, 4, 5, 6 or 8. */
  int bits() {
    return bits;
  }

  /** What is taken from a code before it is multiplied, so that sums of int16 reach far. */
  int center() {
    return center;
  }

  /** There is a second f16 per block. */
  boolean hasMin() {
    return hasMin;
  }

  /** Offset of the block of 32 columns {@code sub} of a chunk of up to 256. */
  int head(int sub) {
    return heads[sub];
  }

  /** Offset of their scales. */
  int scales(int sub) {
    return units[sub];
  }

  /** Offset of their codes. */
  int codes(int sub) {
    return codes[sub];
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
  private int headBytes() {
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

  private int codeBytes() {
    return bits * 2 * UNIT;
  }

  /** Bytes of sixteen rows of one block. */
  long blockBytes() {
    return subOffset(type.blockElements() / 32);
  }
}
