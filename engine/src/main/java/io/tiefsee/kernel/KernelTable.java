package io.tiefsee.kernel;

import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which kernel does what on this machine. Tables are laid over one another, the fast ones above the
 * scalar one, which is complete:
 *
 * <pre>Scalar.table().overlay(VectorApi.table()).overlay(X86.table(cpu))</pre>
 *
 * @param matmuls every product kernel, by what it takes; later ones are preferred
 * @param packers who brings a type into a layout
 * @param rowOps norm, activation function, rope, quantisation
 * @param attentions attention by type of the cache
 */
public record KernelTable(
    Map<Key, MatmulKernel> matmuls,
    Map<Packing, Packer> packers,
    Optional<RowOps> rowOps,
    Map<QuantType, AttentionKernel> attentions) {

  /** What a product kernel takes. */
  public record Key(QuantType weights, QuantType activations, Layout layout) {
    private static final int TYPES = QuantType.values().length;
    private static final int LAYOUTS = Layout.values().length;

    /** Keys by their numbers: a look-up in every product of every token makes no garbage. */
    private static final Key[] KNOWN = new Key[TYPES * TYPES * LAYOUTS];

    static Key of(QuantType weights, QuantType activations, Layout layout) {
      int n = number(weights, activations, layout);
      // Two threads may make the same key, which does no harm.
      Key key = KNOWN[n];
      if (key == null) {
        key = new Key(weights, activations, layout);
        KNOWN[n] = key;
      }
      return key;
    }

    private static int number(QuantType weights, QuantType activations, Layout layout) {
      return (weights.ordinal() * TYPES + activations.ordinal()) * LAYOUTS + layout.ordinal();
    }

    // Written out: those of a record are put together when they are first called, at every start.
    @Override
    public boolean equals(Object other) {
      return other instanceof Key(QuantType w, QuantType a, Layout l)
          && w == weights
          && a == activations
          && l == layout;
    }

    @Override
    public int hashCode() {
      return number(weights, activations, layout);
    }
  }

  /** What a packer makes. */
  public record Packing(QuantType type, Layout layout) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Packing(QuantType t, Layout l) && t == type && l == layout;
    }

    @Override
    public int hashCode() {
      return type.ordinal() * Key.LAYOUTS + layout.ordinal();
    }
  }

  public KernelTable {
    matmuls = new LinkedHashMap<>(matmuls);
    packers = new LinkedHashMap<>(packers);
    attentions = attentions.isEmpty() ? Map.of() : new EnumMap<>(attentions);
  }

  /** A table of the given parts. */
  public static KernelTable of(
      Iterable<? extends MatmulKernel> matmuls,
      Iterable<? extends Packer> packers,
      Optional<RowOps> rowOps,
      Iterable<? extends AttentionKernel> attentions) {
    Map<Key, MatmulKernel> m = new LinkedHashMap<>();
    for (MatmulKernel k : matmuls) {
      m.put(new Key(k.weights(), k.activations(), k.layout()), k);
    }
    Map<Packing, Packer> p = new LinkedHashMap<>();
    for (Packer k : packers) {
      p.put(new Packing(k.type(), k.layout()), k);
    }
    Map<QuantType, AttentionKernel> a = new EnumMap<>(QuantType.class);
    for (AttentionKernel k : attentions) {
      a.put(k.cache(), k);
    }
    return new KernelTable(m, p, rowOps, a);
  }

  /** This table with {@code upper}'s kernels before its own. */
  public KernelTable overlay(KernelTable upper) {
    Map<Key, MatmulKernel> m = new LinkedHashMap<>(matmuls);
    // Removed first, so that an overlaid kernel moves to the end, the preferred place.
    upper.matmuls.keySet().forEach(m::remove);
    m.putAll(upper.matmuls);
    Map<Packing, Packer> p = new LinkedHashMap<>(packers);
    p.putAll(upper.packers);
    Map<QuantType, AttentionKernel> a = new EnumMap<>(QuantType.class);
    a.putAll(attentions);
    a.putAll(upper.attentions);
    return new KernelTable(m, p, upper.rowOps.or(() -> rowOps), a);
  }

  /** The preferred usable kernel for weights of a type, in whatever layout it wants. */
  public Optional<MatmulKernel> best(QuantType weights, QuantType activations) {
    MatmulKernel found = null;
    for (MatmulKernel k : matmuls.values()) {
      if (k.weights() == weights && k.activations() == activations && k.usable()) {
        found = k;
      }
    }
    return Optional.ofNullable(found);
  }

  /** The kernel for a matrix as it lies in memory. */
  public MatmulKernel matmul(Matrix w, QuantType activations) {
    MatmulKernel k = matmuls.get(Key.of(w.type(), activations, w.layout()));
    if (k == null) {
      throw new IllegalStateException(
          "no kernel for " + w.type() + " in layout " + w.layout() + " with " + activations);
    }
    return k;
  }

  public Packer packer(QuantType type, Layout layout) {
    Packer p = packers.get(new Packing(type, layout));
    if (p == null) {
      throw new IllegalStateException("no packer of " + type + " into " + layout);
    }
    return p;
  }

  /**
   * Dequantises one row of a matrix in whatever layout.
   *
   * @param y [cols], f32
   */
  public void readRow(Matrix w, int row, MemorySegment y) {
    if (w.layout() == Layout.ROWS) {
      Dequantize.row(w, row, y);
    } else {
      packer(w.type(), w.layout()).unpackRow(w, row, y);
    }
  }

  public AttentionKernel attention(QuantType cache) {
    AttentionKernel k = attentions.get(cache);
    if (k == null) {
      throw new IllegalStateException("no attention kernel for a cache of " + cache);
    }
    return k;
  }

  public RowOps ops() {
    return rowOps.orElseThrow();
  }
}
