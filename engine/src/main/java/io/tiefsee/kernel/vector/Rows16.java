package io.tiefsee.kernel.vector;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The registers for layout VECTOR_16: {@link #L} rows of the sixteen at a time, an int lane each.
 *
 * <p>Kernels for this layout call the Vector API's own methods only, never a helper with a vector
 * as argument or result: in the midst of a large method the compiler stops inlining all but methods
 * that force it ("NodeCountInliningCutoff"), and a helper that is called allocates its vectors,
 * which costs a hundredfold.
 */
final class Rows16 {
  private static final VectorShape SHAPE =
      VectorShape.forBitSize(Math.min(512, IntVector.SPECIES_PREFERRED.vectorBitSize()));

  static final VectorSpecies<Short> S = VectorSpecies.of(short.class, SHAPE);
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, SHAPE);
  static final VectorSpecies<Float> F = VectorSpecies.of(float.class, SHAPE);

  /** Rows of a register: 4, 8 or 16. */
  static final int L = I.length();

  /** More bits than addresses have. */
  private static final long ADDRESS = (1L << 56) - 1;

  private Rows16() {}

  /** The same address; the compiler learns that it is no negative number, and checks no load. */
  static long plain(long address) {
    return address & ADDRESS;
  }
}
