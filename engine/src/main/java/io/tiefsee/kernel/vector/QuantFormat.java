package io.tiefsee.kernel.vector;

import io.tiefsee.tensor.QuantType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How a format lies in layout VECTOR_16. Sixteen rows go together; a unit is an int of each, so
 * that int lanes are rows in order, and the two shorts of a lane are two columns of its row. A
 * chunk of up to 256 columns is
 *
 * <pre>
 *   heads   f16 scale (low) and f16 minimum (high) of a block of the file format,
 *           or the scales of two blocks where a format has nothing else
 *   scales  four bytes a unit, as the format has them; scale and minimum side by side (Q4_K, Q5_K);
 *           with the head between them (Q3_K)
 *   codes   chain by chain
 * </pre>
 *
 * A chain is 16 or 32 columns, whose products with activations an int16 can sum up when half of
 * them go to the low and half to the high shorts. Line k of a chain is its column k and the one
 * half a chain further on. {@link Field} says where their codes are.
 */
final class QuantFormat {
  /** Rows that lie together. */
  static final int GROUP = 16;

  /** Bytes of a unit. */
  static final int UNIT = 4 * GROUP;

  /** Columns that a panel takes at once, if there are as many. */
  static final int CHUNK = 256;

  /**
   * Bits of a code in each of the two shorts of a lane.
   *
   * @param line of the chain
   * @param from the lowest bit, counted in the code
   * @param width number of bits
   * @param unit of the chain
   * @param at the lowest bit, counted in the short
   */
  record Field(int line, int from, int width, int unit, int at) {}

  private static final Map<QuantType, QuantFormat> ALL = new EnumMap<>(QuantType.class);

  static {
    add(QuantType.Q4_0, 4, 8, false);
    add(QuantType.Q4_1, 4, 0, true);
    add(QuantType.Q5_0, 5, 16, false);
    add(QuantType.Q5_1, 5, 16, true);
    add(QuantType.Q8_0, 8, 128, false);
    add(QuantType.Q2_K, 2, 0, true);
    add(QuantType.Q3_K, 3, 4, false);
    add(QuantType.Q4_K, 4, 0, true);
    add(QuantType.Q5_K, 5, 16, true);
    add(QuantType.Q6_K, 6, 32, false);
    add(QuantType.IQ4_NL, 4, 0, false);
    add(QuantType.IQ4_XS, 4, 0, false);
  }

  private final QuantType type;
  private final int bits;
  private final int center;
  private final boolean hasMin;
  private final List<Field> fields;
  private final int[] shifts;

  private QuantFormat(QuantType type, int bits, int center, boolean hasMin) {
    this.type = type;
    this.bits = bits;
    this.center = center;
    this.hasMin = hasMin;
    this.fields = List.copyOf(fields(bits));
    this.shifts = shifts(bits);
  }

  private static void add(QuantType type, int bits, int center, boolean hasMin) {
    ALL.put(type, new QuantFormat(type, bits, center, hasMin));
  }

  private static List<Field> fields(int bits) {
    List<Field> fields = new ArrayList<>();
    int units = chainColumns(bits) * bits / 32;
    int each = bits == 6 ? 2 : 16 / bits;
    for (int u = 0; u < units; u++) {
      for (int j = 0; j < each; j++) {
        fields.add(new Field(each * u + j, 0, bits, u, bits * j));
      }
      // The odd bit at the top of each short belongs to the last line.
      if (bits == 3 || bits == 5) {
        fields.add(new Field(15, u, 1, u, 15));
      }
    }
    if (bits == 6) {
      fields.add(new Field(6, 0, 4, 0, 12));
      fields.add(new Field(7, 0, 4, 1, 12));
      fields.add(new Field(6, 4, 2, 2, 12));
      fields.add(new Field(7, 4, 2, 2, 14));
    }
    return fields;
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

  /**
   * What is taken from codes before they are multiplied, so that an int16 holds the sums; the code
   * for 0 where there is no minimum.
   */
  int center() {
    return center;
  }

  /** There is a second f16 per block. */
  boolean hasMin() {
    return hasMin;
  }

  /** The code is an index into {@link VectorPacker#IQ4}. */
  boolean isTable() {
    return type == QuantType.IQ4_NL || type == QuantType.IQ4_XS;
  }

  /** Quants have eight bits: an int16 holds the sum of two products only. */
  boolean isWide() {
    return bits == 8 || isTable();
  }

  List<Field> fields() {
    return fields;
  }

  private static int[] shifts(int bits) {
    return switch (bits) {
      case 2 -> new int[] {0, 2, 4, 6, 8, 10, 12, 14};
      case 3 -> new int[] {0, 3, 6, 9, 12, 15};
      case 4 -> new int[] {0, 4, 8, 12};
      case 5 -> new int[] {0, 5, 10, 15};
      case 6 -> new int[] {0, 6, 12, 14};
      default -> new int[] {0, 8};
    };
  }

  /** How many times a short is shifted: its fields are at its low end then, in all units alike. */
  int shiftCount() {
    return shifts.length;
  }

  int shift(int i) {
    return shifts[i];
  }

  private static int chainColumns(int bits) {
    return bits == 2 || bits == 6 ? 16 : 32;
  }

  int chainColumns() {
    return chainColumns(bits);
  }

  /** Lines of a chain. */
  int lines() {
    return chainColumns() / 2;
  }

  /** Units of codes of a chain. */
  int units() {
    return chainColumns() * bits / 32;
  }

  /** Columns that share a scale. */
  int scaleColumns() {
    return bits == 2 || bits == 3 || bits == 6 ? 16 : 32;
  }

  /** The two halves of a chain have a scale each. */
  boolean isSplit() {
    return scaleColumns() < chainColumns();
  }

  /** Two chains, or one, for each 32 activations, which have one scale. */
  int scalesShift() {
    return chainColumns() == 16 ? 1 : 0;
  }

  boolean hasSuperBlocks() {
    return type.blockElements() == CHUNK;
  }

  /**
   * The f16 scale lies in the bytes of the scales, which have six bits only: two more in each of
   * the first two bytes of a unit.
   */
  boolean hasHiddenHead() {
    return type == QuantType.Q3_K;
  }

  /** Units of f16 fields of {@code subs} times 32 columns. */
  int headUnits(int subs) {
    return hasHiddenHead() ? 0 : hasSuperBlocks() ? 1 : hasMin ? subs : (subs + 1) / 2;
  }

  int scaleUnits() {
    return !hasSuperBlocks() ? 0 : type == QuantType.IQ4_XS ? 2 : 4;
  }

  /** Offset of the scales in a chunk. */
  long scalesAt(int subs) {
    return (long) UNIT * headUnits(subs);
  }

  /** Offset of the codes in a chunk. */
  long codesAt(int subs) {
    return scalesAt(subs) + (long) UNIT * scaleUnits();
  }

  /** Bytes of {@code subs} times 32 columns of sixteen rows, at most {@link #CHUNK} columns. */
  long chunkBytes(int subs) {
    return codesAt(subs) + (long) UNIT * bits * subs;
  }

  /** Bytes of sixteen rows. */
  long groupBytes(int cols) {
    int rest = cols % CHUNK / 32;
    return chunkAt(cols) + (rest == 0 ? 0 : chunkBytes(rest));
  }

  /** Offset of the chunk that holds column {@code c} in its group. */
  long chunkAt(int c) {
    return c / CHUNK * chunkBytes(CHUNK / 32);
  }
}
