package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.Packer;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Packs one format by machine code, assembled when first used. Thread-safe. */
final class X86Packer implements Packer {
  private static final int SLOT = 5;

  private final PackedFormat format;
  private final Layout layout;

  /** Assembled once or, in a race, twice, which does no harm. */
  private volatile @Nullable Routine routine;

  /** Of every thread that unpacks: a token's embedding makes no garbage. */
  private final ThreadLocal<Unpacked> unpacked;

  private record Unpacked(Block block, MemorySegment bytes, float[] values) {
    static Unpacked of(QuantType type) {
      Block block = new Block(type.blockBytes());
      return new Unpacked(
          block, MemorySegment.ofArray(block.bytes), new float[type.blockElements()]);
    }
  }

  X86Packer(PackedFormat format, Layout layout) {
    this.format = format;
    this.layout = layout;
    this.unpacked = ThreadLocal.withInitial(() -> Unpacked.of(format.type));
  }

  @Override
  public QuantType type() {
    return format.type;
  }

  @Override
  public Layout layout() {
    return layout;
  }

  @Override
  public long packedBytes(int rows, int cols) {
    return format.groupBytes(layout.group(), cols) * Math.ceilDiv(rows, layout.group());
  }

  @Override
  public void pack(Matrix w, MemorySegment packed, int g0, int g1) {
    int group = layout.group();
    int whole = Math.min(g1, w.rows() / group);
    long rowBytes = w.rowBytes();
    long groupBytes = format.groupBytes(group, w.cols());
    long records = w.cols() / format.type.blockElements();
    Routine code = routine();
    long to = packed.asSlice(0, groupBytes * Math.max(g0, g1)).address() + groupBytes * g0;
    if (whole > g0) {
      long from = w.data().asSlice(0, rowBytes * whole * group).address() + rowBytes * g0 * group;
      code.call(from, rowBytes, to, whole - g0, records, 0);
    }
    if (whole < g1) {
      // The last group, with zero rows for those that are missing.
      int first = whole * group;
      int rows = w.rows() - first;
      MemorySegment filled = Scratch.bytes(SLOT, rowBytes * group);
      MemorySegment.copy(w.data(), rowBytes * first, filled, 0, rowBytes * rows);
      filled.asSlice(rowBytes * rows, rowBytes * (group - rows)).fill((byte) 0);
      code.call(filled.address(), rowBytes, to + groupBytes * (whole - g0), 1, records, 0);
    }
  }

  private Routine routine() {
    Routine known = routine;
    if (known == null) {
      known = new Routine(new PackLoop(format, layout.group()).assemble());
      routine = known;
    }
    return known;
  }

  @Override
  public void unpackRow(Matrix w, int row, MemorySegment y) {
    int group = layout.group();
    int step = format.type.blockElements();
    Unpacked mine = unpacked.get();
    Block block = mine.block;
    float[] values = mine.values;
    long record = format.groupBytes(group, w.cols()) * (row / group);
    for (int c = 0; c < w.cols(); c += step, record += (long) format.recordBytes() * group) {
      block.clear();
      format.restore(w.data(), record, group, row % group, block);
      Dequantize.block(format.type, mine.bytes, 0, values, 0);
      MemorySegment.copy(values, 0, y, JAVA_FLOAT, 4L * c, step);
    }
  }
}
