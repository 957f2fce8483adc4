package io.tiefsee.model;

import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Scratch tensors by bump allocation. A forward pass asks for the same shapes in the same order
 * every time, so the tensor objects themselves are kept by their place in that order and a steady
 * state allocates nothing. Not thread-safe.
 */
public final class TensorPool {
  private static final long CHUNK = 32L << 20;
  private static final int VARIANTS = 4;

  /** A place in the order of requests, with the shapes last asked for there. */
  private static final class Place {
    final Tensor[] tensors = new Tensor[VARIANTS];
    final Tensor[][] splits = new Tensor[VARIANTS][];
    final Tensor[] reshaped = new Tensor[VARIANTS];
    int oldest;
  }

  private final Arena arena;
  private final List<MemorySegment> chunks = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();
  private int next;
  private int chunk;
  private long top;

  /**
   * @param arena owns the memory
   */
  public TensorPool(Arena arena) {
    this.arena = arena;
  }

  /** Where the pool stands; {@link #release} goes back there. */
  public record Mark(int next, int chunk, long top) {}

  private Mark marked = new Mark(0, 0, 0);

  public Mark mark() {
    if (marked.next != next || marked.chunk != chunk || marked.top != top) {
      marked = new Mark(next, chunk, top);
    }
    return marked;
  }

  /** Gives back what was taken since {@code mark}. */
  public void release(Mark mark) {
    next = mark.next;
    chunk = mark.chunk;
    top = mark.top;
  }

  /** A tensor with undefined contents. */
  public Tensor take(QuantType type, int rows, int cols) {
    long bytes = (Math.max(1, Tensor.rowBytes(type, cols) * rows) + 63) & -64L;
    MemorySegment memory = reserve(bytes);
    long address = memory.address() + top;
    top += bytes;
    if (next == places.size()) {
      places.add(new Place());
    }
    Place place = places.get(next++);
    for (Tensor t : place.tensors) {
      if (t != null
          && t.address() == address
          && t.rows() == rows
          && t.cols() == cols
          && t.type() == type) {
        return t;
      }
    }
    Tensor made = Tensor.of(type, rows, cols, memory.asSlice(address - memory.address(), bytes));
    place.tensors[place.oldest] = made;
    place.splits[place.oldest] = null;
    place.reshaped[place.oldest] = null;
    place.oldest = (place.oldest + 1) % VARIANTS;
    return made;
  }

  /** {@code tensor}, taken from here, as {@code parts} tensors of equally many rows. */
  Tensor[] split(Tensor tensor, int parts) {
    for (int p = next - 1; p >= 0; p--) {
      Place place = places.get(p);
      for (int i = 0; i < VARIANTS; i++) {
        if (place.tensors[i] == tensor) {
          if (place.splits[i] == null || place.splits[i].length != parts) {
            place.splits[i] = views(tensor, parts);
          }
          return place.splits[i];
        }
      }
    }
    return views(tensor, parts);
  }

  /** {@code tensor}, taken from here, as [rows, cols]. */
  Tensor reshape(Tensor tensor, int rows, int cols) {
    if (tensor.rows() == rows) {
      return tensor;
    }
    for (int p = next - 1; p >= 0; p--) {
      Place place = places.get(p);
      for (int i = 0; i < VARIANTS; i++) {
        if (place.tensors[i] == tensor) {
          if (place.reshaped[i] == null || place.reshaped[i].rows() != rows) {
            place.reshaped[i] = tensor.reshape(rows, cols);
          }
          return place.reshaped[i];
        }
      }
    }
    return tensor.reshape(rows, cols);
  }

  private static Tensor[] views(Tensor tensor, int parts) {
    int rows = tensor.rows() / parts;
    Tensor[] views = new Tensor[parts];
    for (int i = 0; i < parts; i++) {
      views[i] = tensor.rows(i * rows, (i + 1) * rows);
    }
    return views;
  }

  private MemorySegment reserve(long bytes) {
    while (chunk < chunks.size()) {
      MemorySegment memory = chunks.get(chunk);
      if (top + bytes <= memory.byteSize()) {
        return memory;
      }
      chunk++;
      top = 0;
    }
    chunks.add(NativeMemory.allocateLarge(arena, Math.max(CHUNK, bytes)));
    top = 0;
    return chunks.get(chunk);
  }
}
