package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.KvLayer.PAGE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.kernel.SplitAttention;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Latent attention over an F16 cache with AMX: all heads share a key, so a token fills the rows of
 * a tile. This side brings each page into tiles once for all rows and takes the rows by sixteen;
 * {@link TileAttentionPage} does the arithmetic. Whether a token takes this way depends on its
 * position alone, so its bits do not tell what was beside it.
 */
final class TileAttention {
  /** Query rows that share a page while it is in the second-level cache. */
  static final int ROWS_TOGETHER = 128;

  /**
   * The first position whose token takes tiles. Before it, a single token gains nothing by them,
   * and the processor's clock falls once tiles are in use.
   */
  static final int FIRST = 2 * SplitAttention.CHUNK;

  private static final int WORK = 4;
  private static final int QUERIES = 5;
  private static final int SEEN_BYTES = 64;

  /** Maxima, sums and what values keep, of one group of rows. */
  private static final int SIDE_BYTES = 3 * 64;

  private static final int SUMS = 64;

  /** By their rows; assembled when first needed, once or, in a race, twice, which does no harm. */
  private final AtomicReferenceArray<@Nullable Routine> pages =
      new AtomicReferenceArray<>(TileAttentionCode.ROWS + 1);

  private final AtomicReferenceArray<@Nullable Routine> queries =
      new AtomicReferenceArray<>(TileAttentionCode.ROWS + 1);

  /** Whether caches of this shape are for tiles. */
  static boolean takes(KvLayer kv) {
    return kv.shared() && kv.type() == QuantType.F16 && kv.kDim() % 32 == 0 && kv.vDim() % 32 == 0;
  }

  /** Places within the working memory, which belongs to the thread. */
  private record Work(
      MemorySegment all, long side, long zeros, long keys, long values, long scores) {
    static Work of(KvLayer kv, int rows) {
      long side = TileAttentionCode.PARAMETERS + SEEN_BYTES;
      long zeros = side + (long) SIDE_BYTES * groups(rows);
      long keys = zeros + (kv.keyRowBytes() + 63 & -64);
      long tile = 2L * TileAttentionCode.TILE;
      long values = keys + tile * (PAGE / 16) * (kv.kDim() / 32);
      long scores = values + tile * (PAGE / 32) * (kv.vDim() / 16);
      MemorySegment all = Scratch.bytes(WORK, scores + TileAttentionCode.SCORE_BYTES);
      return new Work(all, side, zeros, keys, values, scores);
    }

    /** The parameters that stay the same. */
    void prepare(AttentionKernel.Task task, long stateStride) {
      KvLayer kv = task.kv();
      long at = all.address();
      all.asSlice(zeros, kv.keyRowBytes()).fill((byte) 0);
      all.set(JAVA_LONG, TileAttentionCode.K, at + keys);
      all.set(JAVA_LONG, TileAttentionCode.V, at + values);
      all.set(JAVA_LONG, TileAttentionCode.SCORES, at + scores);
      all.set(JAVA_LONG, TileAttentionCode.STATE_STRIDE, stateStride);
      all.set(JAVA_LONG, TileAttentionCode.SEEN, at + TileAttentionCode.PARAMETERS);
      all.set(JAVA_FLOAT, TileAttentionCode.SCALE, task.scale());
      all.set(JAVA_LONG, TileAttentionCode.STEPS, kv.kDim() / 32);
      all.set(JAVA_LONG, TileAttentionCode.VALUE_STEPS, kv.vDim() / 32);
      all.set(JAVA_LONG, TileAttentionCode.ZEROS, at + zeros);
    }
  }

  private static int groups(int rows) {
    return Math.ceilDiv(rows, TileAttentionCode.ROWS);
  }

  /** Bytes of sixteen rows' queries as tiles. */
  private static long queryBytes(KvLayer kv) {
    return (long) TileAttentionCode.PARTS * TileAttentionCode.TILE * (kv.kDim() / 32);
  }

  /**
   * Splits the queries of these rows, for the calls of {@link #chunk} that follow.
   *
   * @param from address of the first row, f32
   * @param stride bytes from row to row
   */
  void queries(KvLayer kv, int rows, long from, long stride) {
    Work work = Work.of(kv, rows);
    MemorySegment p = work.all();
    long to = Scratch.bytes(QUERIES, queryBytes(kv) * groups(rows)).address();
    p.set(JAVA_LONG, TileAttentionCode.SCORES, p.address() + work.scores());
    p.set(JAVA_LONG, TileAttentionCode.STEPS, kv.kDim() / 32);
    p.set(JAVA_LONG, TileAttentionCode.FROM_STRIDE, stride);
    for (int row = 0; row < rows; row += TileAttentionCode.ROWS) {
      int n = Math.min(TileAttentionCode.ROWS, rows - row);
      p.set(JAVA_LONG, TileAttentionCode.FROM, from + stride * row);
      p.set(JAVA_LONG, TileAttentionCode.QUERIES, to);
      call(queryRoutine(n), p);
      to += queryBytes(kv);
    }
  }

  /**
   * Positions [from, end] for tokens [t0, t1) of one sequence.
   *
   * @param states address of the rows' states, cleared
   * @param stride bytes from state to state; maximum and sum are behind the values
   */
  void chunk(
      AttentionKernel.Task task, int t0, int t1, int from, int end, long states, long stride) {
    KvLayer kv = task.kv();
    int rows = (t1 - t0) * task.heads();
    Work work = Work.of(kv, rows);
    work.prepare(task, stride);
    MemorySegment p = work.all();
    for (int g = 0; g < groups(rows); g++) {
      MemorySegment side = p.asSlice(work.side() + (long) g * SIDE_BYTES, SIDE_BYTES);
      for (int r = 0; r < TileAttentionCode.ROWS; r++) {
        side.set(JAVA_FLOAT, 4L * r, Float.NEGATIVE_INFINITY);
        side.set(JAVA_FLOAT, SUMS + 4L * r, 0);
      }
    }
    int[] table = task.pages()[task.sequence()[t0]];
    for (int start = from; start <= end; start += PAGE) {
      long keys = kv.keys().address() + kv.keyOffset(table[start / PAGE] * PAGE, 0);
      p.set(JAVA_LONG, TileAttentionCode.FROM, keys);
      p.set(JAVA_LONG, TileAttentionCode.FROM_STRIDE, kv.keyRowBytes());
      p.set(JAVA_LONG, TileAttentionCode.COUNT, Math.min(PAGE, end - start + 1));
      call(Keys.CODE, p);
      page(task, t0, rows, start, states, work);
    }
    MemorySegment all = MemorySegment.ofAddress(states).reinterpret(stride * rows);
    for (int row = 0; row < rows; row++) {
      long side = side(work, row) + 4L * (row % TileAttentionCode.ROWS);
      long state = stride * row + 4L * kv.vDim();
      all.set(JAVA_FLOAT, state, p.get(JAVA_FLOAT, side));
      all.set(JAVA_FLOAT, state + 4, p.get(JAVA_FLOAT, side + SUMS));
    }
  }

  private static long side(Work work, int row) {
    return work.side() + (long) row / TileAttentionCode.ROWS * SIDE_BYTES;
  }

  /** All rows meet the page whose keys have just been brought into tiles. */
  private void page(
      AttentionKernel.Task task, int t0, int rows, int start, long states, Work work) {
    MemorySegment p = work.all();
    long stride = p.get(JAVA_LONG, TileAttentionCode.STATE_STRIDE);
    long split = Scratch.bytes(QUERIES, queryBytes(task.kv()) * groups(rows)).address();
    for (int row = 0; row < rows; row += TileAttentionCode.ROWS) {
      int n = Math.min(TileAttentionCode.ROWS, rows - row);
      int most = 0;
      for (int r = 0; r < n; r++) {
        int position = task.positions()[t0 + (row + r) / task.heads()];
        int seen = Math.min(PAGE, position - start + 1);
        p.set(JAVA_INT, TileAttentionCode.PARAMETERS + 4L * r, seen);
        most = Math.max(most, seen);
      }
      if (most > 0) {
        p.set(JAVA_LONG, TileAttentionCode.QUERIES, split);
        p.set(JAVA_LONG, TileAttentionCode.STATE, states + stride * row);
        p.set(JAVA_LONG, TileAttentionCode.SIDE, p.address() + side(work, row));
        call(pageRoutine(n), p);
      }
      split += queryBytes(task.kv());
    }
  }

  private Routine pageRoutine(int rows) {
    Routine known = pages.get(rows);
    if (known == null) {
      known = new Routine(TileAttentionPage.of(rows));
      pages.set(rows, known);
    }
    return known;
  }

  private Routine queryRoutine(int rows) {
    Routine known = queries.get(rows);
    if (known == null) {
      known = new Routine(TileAttentionCode.queries(rows));
      queries.set(rows, known);
    }
    return known;
  }

  private static void call(Routine code, MemorySegment parameters) {
    code.call(parameters.address(), 0, 0, 0, 0, 0);
  }

  private static final class Keys {
    static final Routine CODE = new Routine(TileAttentionCode.keys());
  }
}
