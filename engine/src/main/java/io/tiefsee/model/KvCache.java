package io.tiefsee.model;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of all blocks, stored by slot. Who owns which page is not known here. The memory
 * is taken from the system as it is written.
 */
public final class KvCache {
  private final List<KvLayer> layers;
  private final int pages;

  /**
   * A cache of {@code pages} pages of {@link KvLayer#PAGE} tokens, freed with {@code arena}.
   *
   * @param type F32, F16 or Q8_0
   */
  public KvCache(ModelSpec spec, QuantType type, int pages, Arena arena) {
    AttentionSpec a = spec.attention();
    if (a.keyDim() % type.blockElements() != 0 || a.valueDim() % type.blockElements() != 0) {
      throw new BadInput(
          "a cache of "
              + type
              + " needs heads of a multiple of "
              + type.blockElements()
              + " numbers; this model has "
              + a.keyDim()
              + " and "
              + a.valueDim()
              + ": use f16 or f32");
    }
    boolean shared = a instanceof AttentionSpec.Mla;
    long rows = (long) pages * KvLayer.PAGE * a.kvHeads();
    List<KvLayer> list = new ArrayList<>();
    for (int i = 0; i < spec.blocks(); i++) {
      MemorySegment keys = NativeMemory.allocate(arena, rows * type.bytes(a.keyDim()));
      MemorySegment values =
          shared ? keys : NativeMemory.allocate(arena, rows * type.bytes(a.valueDim()));
      list.add(new KvLayer(type, a.kvHeads(), a.keyDim(), a.valueDim(), shared, keys, values));
    }
    this.layers = List.copyOf(list);
    this.pages = pages;
  }

  public KvLayer layer(int i) {
    return layers.get(i);
  }

  public int pages() {
    return pages;
  }

  public QuantType type() {
    return layers.getFirst().type();
  }
}
