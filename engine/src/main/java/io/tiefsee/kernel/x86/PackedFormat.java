package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;

/**
 * One format of weights, rows interleaved: how a group of 8 or 16 rows lies in memory, how machine
 * code brings it there, and how machine code makes 8-bit integers and float factors of it.
 *
 * <p>A group is a sequence of records, a record is as many columns as a block of the file (32 or
 * 256). First in a record come the factors, then the quants of its blocks of 32 columns. Every part
 * holds the same thing of each row side by side: {@code rows} halves, bytes or 32-bit lanes. Where
 * something lies is therefore said in bytes per row, to be multiplied by the rows of the group. A
 * vector of quants has four neighbouring columns of each row in a lane; step k of a block is its
 * columns 4k to 4k+3.
 *
 * <p>Nibbles of 32 columns are four vectors; vector j has columns 4j … in the low nibbles and 16+4j
 * … in the high ones (that is how the simple formats store a block).
 */
abstract class PackedFormat {
  /** In a product: quants of the block. */
  static final Reg QUANTS = r10;

  /** In a product: scales of the block, {@code rows} bytes further with each block. */
  static final Reg SUB = r14;

  /** In a product: the record. */
  static final Reg RECORD = r15;

  final QuantType type;

  /** Bytes per row of a record that come before the quants. */
  final int header;

  /** Where the scales of blocks start, in bytes per row; behind d and min if there are none. */
  final int sub;

  /** Bytes per row and block of 32 columns. */
  final int quants;

  /** Blocks of 32 columns in a record. */
  final int blocks;

  PackedFormat(QuantType type, int sub, int header, int quants) {
    this.type = type;
    this.sub = sub;
    this.header = header;
    this.quants = quants;
    this.blocks = type.blockElements() / 32;
  }

  /** Bytes per row of a record. */
  final int recordBytes() {
    return header + blocks * quants;
  }

  /** Bytes of a group of {@code rows} rows. */
  final long groupBytes(int rows, int cols) {
    return (long) recordBytes() * rows * (cols / type.blockElements());
  }

  /** How many products of a pair of columns fit an int16: 8, 4, 2 or 1. */
  abstract int sumsInShort();

  /** Whether {@link #weights} makes signed numbers where there is no VNNI. */
  boolean signed() {
    return false;
  }

  /** Whether y also takes a factor of each row times the sum of the block's activations. */
  Minimum minimum() {
    return Minimum.NONE;
  }

  /** What {@link #weights} are too large by, unless scales are fine. */
  int offset(boolean vnni) {
    return 0;
  }

  /** What multiplies the sum of a block's activations. */
  enum Minimum {
    NONE,
    ADDED,
    SUBTRACTED
  }

  /** Whether each 16 columns have a scale of their own. */
  boolean fine() {
    return false;
  }

  /** What stays in registers: {@link Simd#table}. */
  void constants(Simd s) {}

  /**
   * Step 0 to 7: puts the weights of four columns into {@code to}.
   *
   * @return which four columns, k
   */
  abstract int weights(Simd s, int step, Vec to);

  /** The factor of each row into {@link Simd#factor}, the minimum into {@link Simd#minimum}. */
  abstract void factors(Simd s);

  /**
   * Formats of {@link #fine} scales: the scale of columns 16·half … as int16, twice in every lane,
   * into {@code to}.
   */
  void scales16(Simd s, int half, Vec to) {
    throw new IllegalStateException(type + " has no fine scales");
  }

  /**
   * Formats of fine scales with minima: the minima of both halves as int16 pairs into {@code to}.
   */
  void minima16(Simd s, Vec to) {
    throw new IllegalStateException(type + " has no fine minima");
  }

  /** Formats of fine scales without minima: quants are too large by two to the power of this. */
  int offsetBits() {
    throw new IllegalStateException(type + " has no offset");
  }

  /** Packs one block of eight rows. */
  abstract void pack(PackLoop p);

  /**
   * Undoes the packing of one block of one row.
   *
   * @param record offset of the record in {@code packed}
   * @param rows rows of a group
   * @param row row within the group
   * @param block receives the block as it was in the file; zero before
   */
  abstract void restore(MemorySegment packed, long record, int rows, int row, Block block);

  /** Step of the nibbles that start at {@code offset} bytes per row of the block's quants. */
  static int nibbles(Simd s, int offset, int step, Vec to) {
    if ((step & 1) == 0) {
      s.load(s.keep, mem(QUANTS, (offset + 2 * step) * s.rows));
      s.and(to, s.keep, s.nibble);
      return step / 2;
    }
    s.a.vpsrlw(to, s.keep, 4);
    s.and(to, to, s.nibble);
    return 4 + step / 2;
  }
}
