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

  /** Bytes of a page over all blocks. */
  public long pageBytes() {
    long bytes = 0;
    for (KvLayer layer : layers) {
      bytes += keyBytes(layer) + valueBytes(layer);
    }
    return bytes;
  }

  /** Bytes of the keys of one page of a layer. */
  private static long keyBytes(KvLayer layer) {
    return layer.keyRowBytes() * layer.kvHeads() * KvLayer.PAGE;
  }

  /** Bytes of the values of one page of a layer, where they have memory of their own. */
  private static long valueBytes(KvLayer layer) {
    return layer.shared() ? 0 : layer.valueRowBytes() * layer.kvHeads() * KvLayer.PAGE;
  }

  /** Copies all rows of a page to another page. */
  public void copyPage(int from, int to) {
    for (KvLayer layer : layers) {
      long n = keyBytes(layer);
      MemorySegment.copy(layer.keys(), from * n, layer.keys(), to * n, n);
      long m = valueBytes(layer);
      MemorySegment.copy(layer.values(), from * m, layer.values(), to * m, m);
    }
  }

  /**
   * Copies a page out, block by block, keys before values.
   *
   * @param to {@link #pageBytes()} bytes or more
   */
  public void readPage(int page, MemorySegment to) {
    long at = 0;
    for (KvLayer layer : layers) {
      long n = keyBytes(layer);
      MemorySegment.copy(layer.keys(), page * n, to, at, n);
      long m = valueBytes(layer);
      MemorySegment.copy(layer.values(), page * m, to, at + n, m);
      at += n + m;
    }
  }

  /** Copies in what {@link #readPage} gave. */
  public void writePage(int page, MemorySegment from) {
    long at = 0;
    for (KvLayer layer : layers) {
      long n = keyBytes(layer);
      MemorySegment.copy(from, at, layer.keys(), page * n, n);
      long m = valueBytes(layer);
      MemorySegment.copy(from, at + n, layer.values(), page * m, m);
      at += n + m;
    }
  }

  public int pages() {
    return pages;
  }

  public QuantType type() {
    return layers.getFirst().type();
  }
}
