package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.KvLayer.PAGE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.kernel.Scratch;
import io.tiefsee.kernel.SplitAttention;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Attention in machine code. This side walks the pages and takes query rows together: the heads
 * that share a key head, of neighbouring tokens of one sequence; {@link AttentionPage} does the
 * arithmetic of one page with some of these rows. A Q8_0 cache becomes f32 page by page first. With
 * AMX a latent cache of F16 is {@link TileAttention}'s.
 *
 * <p>Invariants: a row adds up {@link #CHUNK} positions at a time, page by page from a fresh state,
 * and the chunks' states in order. That is the same whether one thread does all chunks or several
 * threads do one each. Scratch memory belongs to the calling thread.
 */
final class X86Attention implements SplitAttention {
  /** Query rows that share a page while it is in the cache, unless one token alone has more. */
  private static final int ROWS = 48;

  /** Behind the parameters: how many keys each row of a group sees, then the scores. */
  private static final int SEEN = X86AttentionCode.PARAMETERS;

  private static final int SCORES = SEEN + 64;

  private static final int PARAMETERS = 0;
  private static final int QUERIES = 1;
  private static final int STATES = 2;
  private static final int CHUNK_STATES = 3;
  private static final int KEYS = 4;
  private static final int VALUES = 5;

  private final AttentionKernel scalar;
  private final QuantType cache;
  private final Isa isa;

  private final TileAttention tiles = new TileAttention();

  /**
   * The page routines by their rows, the wide ones first; assembled when first needed, once or, in
   * a race, twice, which does no harm.
   */
  private final AtomicReferenceArray<@Nullable Routine> routines =
      new AtomicReferenceArray<>(2 * AttentionPage.MOST_ROWS);

  /**
   * @param scalar the complete kernel for the same cache, for what fills no registers
   * @param isa {@link Isa#AVX2} or above
   */
  X86Attention(AttentionKernel scalar, Isa isa) {
    this.scalar = scalar;
    this.cache = scalar.cache();
    this.isa = isa;
  }

  @Override
  public QuantType cache() {
    return cache;
  }

  @Override
  public Isa isa() {
    return isa;
  }

  @Override
  public void store(KvLayer kv, Tensor k, Tensor v, int[] slots, int t0, int t1) {
    if (cache == QuantType.F32 || !splits(kv)) {
      scalar.store(kv, k, v, slots, t0, t1);
      return;
    }
    for (int t = t0; t < t1; t++) {
      for (int h = 0; h < kv.kvHeads(); h++) {
        long key = k.address() + k.rowOffset(t) + 4L * h * kv.kDim();
        encode(key, kv.keys().address() + kv.keyOffset(slots[t], h), kv.kDim());
        if (!kv.shared()) {
          long value = v.address() + v.rowOffset(t) + 4L * h * kv.vDim();
          encode(value, kv.values().address() + kv.valueOffset(slots[t], h), kv.vDim());
        }
      }
    }
  }

  private void encode(long from, long to, int n) {
    if (cache == QuantType.F16) {
      Halve.CODE.call(from, to, n / 8, 0, 0, 0);
    } else {
      Quantize.CODE.call(from, to, n / 32, 0, 0, 0);
    }
  }

  @Override
  public void run(Task task, int i0, int i1, int thread) {
    KvLayer kv = task.kv();
    if (!splits(kv)) {
      scalar.run(task, i0, i1, thread);
      return;
    }
    int kvHeads = kv.kvHeads();
    for (int g = 0; g < kvHeads; g++) {
      int end = Math.ceilDiv(i1 - g, kvHeads);
      int t = Math.ceilDiv(Math.max(0, i0 - g), kvHeads);
      while (t < end) {
        boolean tiled = tiled(task, t);
        int together = tiled ? TileAttention.ROWS_TOGETHER : ROWS;
        int most = Math.max(1, together / (task.heads() / kvHeads));
        int next = t + 1;
        while (next < end
            && next < t + most
            && task.sequence()[next] == task.sequence()[t]
            && tiled(task, next) == tiled) {
          next++;
        }
        block(task, g, t, next);
        t = next;
      }
    }
  }

  /** Tokens [t0, t1) of one sequence with the query heads of key head {@code g}. */
  private void block(Task task, int g, int t0, int t1) {
    int rows = (t1 - t0) * (task.heads() / task.kv().kvHeads());
    long bytes = rows * stateStride(task.kv());
    int last = 0;
    for (int t = t0; t < t1; t++) {
      last = Math.max(last, task.positions()[t]);
    }
    MemorySegment p = parameters(task, g, t0, t1);
    splitQueries(task, t0, rows, p);
    long total = Scratch.bytes(STATES, bytes).address();
    chunk(task, g, t0, t1, 0, last, p, total);
    for (int from = CHUNK; from <= last; from += CHUNK) {
      long part = Scratch.bytes(CHUNK_STATES, bytes).address();
      chunk(task, g, t0, t1, from, last, p, part);
      merge(p, total, part, rows);
    }
    finish(task, g, t0, t1, p, total);
  }

  @Override
  public boolean splits(KvLayer kv) {
    return kv.kDim() % 8 == 0 && kv.vDim() % 8 == 0;
  }

  private boolean wide(KvLayer kv) {
    return isa.compareTo(Isa.AVX512) >= 0 && kv.kDim() % 16 == 0 && kv.vDim() % 16 == 0;
  }

  /** Depends on the cache and the token's position alone: its bits must not tell anything else. */
  private boolean tiled(Task task, int token) {
    return isa == Isa.AMX
        && task.positions()[token] >= TileAttention.FIRST
        && TileAttention.takes(task.kv());
  }

  private Routine routine(boolean wide, int rows) {
    int index = (wide ? 0 : AttentionPage.MOST_ROWS) + rows - 1;
    Routine known = routines.get(index);
    if (known == null) {
      QuantType read = cache == QuantType.F16 ? cache : QuantType.F32;
      known = new Routine(AttentionPage.of(read, wide, rows));
      routines.set(index, known);
    }
    return known;
  }

  @Override
  public int stateFloats(Task task) {
    return (int) stateStride(task.kv()) / 4 * (task.heads() / task.kv().kvHeads());
  }

  @Override
  public void part(Task task, int item, int chunk, Tensor states, int row) {
    int t = item / task.kv().kvHeads();
    int g = item % task.kv().kvHeads();
    MemorySegment p = parameters(task, g, t, t + 1);
    splitQueries(task, t, task.heads() / task.kv().kvHeads(), p);
    long state = states.address() + states.rowOffset(row);
    chunk(task, g, t, t + 1, chunk * CHUNK, task.positions()[t], p, state);
  }

  @Override
  public void join(Task task, int item, Tensor states, int first, int step) {
    int t = item / task.kv().kvHeads();
    int g = item % task.kv().kvHeads();
    MemorySegment p = parameters(task, g, t, t + 1);
    long total = states.address() + states.rowOffset(first);
    int share = task.heads() / task.kv().kvHeads();
    for (int c = 1; c * CHUNK <= task.positions()[t]; c++) {
      merge(p, total, states.address() + states.rowOffset(first + c * step), share);
    }
    finish(task, g, t, t + 1, p, total);
  }

  private void splitQueries(Task task, int token, int rows, MemorySegment p) {
    if (tiled(task, token)) {
      long from = p.get(JAVA_LONG, X86AttentionCode.Q);
      tiles.queries(task.kv(), rows, from, p.get(JAVA_LONG, X86AttentionCode.Q_STRIDE));
    }
  }

  /** Positions [from, from + CHUNK), as far as the tokens see them, into fresh states. */
  private void chunk(
      Task task, int g, int t0, int t1, int from, int last, MemorySegment p, long states) {
    KvLayer kv = task.kv();
    int share = task.heads() / kv.kvHeads();
    int rows = (t1 - t0) * share;
    p.set(JAVA_LONG, X86AttentionCode.STATE, states);
    p.set(JAVA_LONG, X86AttentionCode.GROUP, rows);
    call(Clear.CODE, p);
    int[] table = task.pages()[task.sequence()[t0]];
    int end = Math.min(last, from + CHUNK - 1);
    long stride = stateStride(kv);
    if (tiled(task, t0)) {
      tiles.chunk(task, t0, t1, from, end, states, stride);
      return;
    }
    long queries = p.get(JAVA_LONG, X86AttentionCode.Q);
    long queryStride = p.get(JAVA_LONG, X86AttentionCode.Q_STRIDE);
    boolean wide = wide(kv);
    // As few groups as will do, of about equal size.
    int groups = Math.ceilDiv(rows, AttentionPage.mostRows(wide));
    for (int start = from; start <= end; start += PAGE) {
      page(kv, g, table, start, end, p);
      for (int i = 0, row = 0; i < groups; i++) {
        int size = (rows - row) / (groups - i);
        int count = 0;
        for (int r = 0; r < size; r++) {
          int seen = Math.min(PAGE, task.positions()[t0 + (row + r) / share] - start + 1);
          p.set(JAVA_INT, SEEN + 4L * r, seen);
          count = Math.max(count, seen);
        }
        if (count > 0) {
          p.set(JAVA_LONG, X86AttentionCode.Q, queries + queryStride * row);
          p.set(JAVA_LONG, X86AttentionCode.STATE, states + stride * row);
          p.set(JAVA_LONG, X86AttentionCode.COUNT, count);
          call(routine(wide, size), p);
        }
        row += size;
      }
    }
    p.set(JAVA_LONG, X86AttentionCode.Q, queries);
  }

  /** Where the keys and values of a page are, and those of the next to fetch meanwhile. */
  private void page(KvLayer kv, int g, int[] table, int start, int end, MemorySegment p) {
    int slot = table[start / PAGE] * PAGE;
    int next = start + PAGE <= end ? table[start / PAGE + 1] * PAGE : slot;
    long keys = kv.keys().address() + kv.keyOffset(slot, g);
    long values = kv.values().address() + kv.valueOffset(slot, g);
    long nextKeys = kv.keys().address() + kv.keyOffset(next, g);
    if (cache == QuantType.Q8_0) {
      int count = Math.min(PAGE, end - start + 1);
      keys = widen(p, keys, KEYS, kv.kDim(), count);
      values = kv.shared() ? keys : widen(p, values, VALUES, kv.vDim(), count);
      nextKeys = keys;
    }
    p.set(JAVA_LONG, X86AttentionCode.KEYS, keys);
    p.set(JAVA_LONG, X86AttentionCode.VALUES, values);
    p.set(JAVA_LONG, X86AttentionCode.NEXT_VALUES, values);
    p.set(JAVA_LONG, X86AttentionCode.NEXT_KEYS, nextKeys);
  }

  /** Address of {@code count} cache rows as f32. */
  private static long widen(MemorySegment p, long from, int slot, int dim, int count) {
    long to = Scratch.floats(slot, (long) PAGE * dim).address();
    p.set(JAVA_LONG, X86AttentionCode.FROM, from);
    p.set(JAVA_LONG, X86AttentionCode.TO, to);
    p.set(JAVA_LONG, X86AttentionCode.BLOCKS, (long) dim / 32 * count);
    call(Widen.CODE, p);
    return to;
  }

  /** The parameters that stay the same for these tokens. */
  private MemorySegment parameters(Task task, int g, int t0, int t1) {
    KvLayer kv = task.kv();
    int share = task.heads() / kv.kvHeads();
    MemorySegment p = Scratch.bytes(PARAMETERS, SCORES + AttentionPage.SCORE_BYTES);
    long queryBytes = 4L * kv.kDim();
    long queries = task.q().address() + task.q().rowOffset(t0) + queryBytes * share * g;
    if (t1 - t0 > 1) {
      // Rows of several tokens, brought to an equal distance.
      MemorySegment rows = Scratch.bytes(QUERIES, queryBytes * share * (t1 - t0));
      for (int t = t0; t < t1; t++) {
        MemorySegment.copy(
            task.q().data(),
            task.q().rowOffset(t) + queryBytes * share * g,
            rows,
            queryBytes * share * (t - t0),
            queryBytes * share);
      }
      queries = rows.address();
    }
    boolean widened = cache == QuantType.Q8_0;
    p.set(JAVA_LONG, X86AttentionCode.Q, queries);
    p.set(JAVA_LONG, X86AttentionCode.Q_STRIDE, queryBytes);
    p.set(JAVA_LONG, X86AttentionCode.KEY_STRIDE, widened ? queryBytes : kv.keyRowBytes());
    long floatValues = kv.shared() ? queryBytes : 4L * kv.vDim();
    p.set(JAVA_LONG, X86AttentionCode.VALUE_STRIDE, widened ? floatValues : kv.valueRowBytes());
    int lanes = wide(kv) ? 16 : 8;
    p.set(JAVA_LONG, X86AttentionCode.KEY_STEPS, kv.kDim() / lanes);
    p.set(JAVA_LONG, X86AttentionCode.VALUE_STEPS, kv.vDim() / lanes);
    p.set(JAVA_LONG, X86AttentionCode.VALUE_BLOCKS, kv.vDim() / 8);
    p.set(JAVA_LONG, X86AttentionCode.STATE_STRIDE, stateStride(kv));
    p.set(JAVA_LONG, X86AttentionCode.MAX_AT, 4L * kv.vDim());
    p.set(JAVA_LONG, X86AttentionCode.SEEN, p.address() + SEEN);
    p.set(JAVA_LONG, X86AttentionCode.SCORES, p.address() + SCORES);
    p.set(JAVA_FLOAT, X86AttentionCode.SCALE, task.scale());
    return p;
  }

  /** Distance of two rows' states: the values, the maximum, the sum; a whole number of lines. */
  private static long stateStride(KvLayer kv) {
    return 4L * kv.vDim() + 8 + 63 & -64L;
  }

  /** Adds the states of later positions to {@code into}. */
  private static void merge(MemorySegment p, long into, long later, int rows) {
    long queries = p.get(JAVA_LONG, X86AttentionCode.Q);
    p.set(JAVA_LONG, X86AttentionCode.STATE, into);
    p.set(JAVA_LONG, X86AttentionCode.OTHER, later);
    p.set(JAVA_LONG, X86AttentionCode.GROUP, rows);
    call(Merge.CODE, p);
    p.set(JAVA_LONG, X86AttentionCode.Q, queries);
  }

  private static void finish(Task task, int g, int t0, int t1, MemorySegment p, long states) {
    KvLayer kv = task.kv();
    int share = task.heads() / kv.kvHeads();
    for (int t = t0; t < t1; t++) {
      long out = task.out().address() + task.out().rowOffset(t) + 4L * g * share * kv.vDim();
      p.set(JAVA_LONG, X86AttentionCode.STATE, states + (t - t0) * share * stateStride(kv));
      p.set(JAVA_LONG, X86AttentionCode.OUT, out);
      p.set(JAVA_LONG, X86AttentionCode.OUT_STRIDE, 4L * kv.vDim());
      p.set(JAVA_LONG, X86AttentionCode.GROUP, share);
      call(Finish.CODE, p);
    }
  }

  private static void call(Routine code, MemorySegment parameters) {
    code.call(parameters.address(), 0, 0, 0, 0, 0);
  }

  // Routines are assembled when they are first needed.

  private static final class Halve {
    static final Routine CODE = new Routine(X86AttentionCode.halve());
  }

  private static final class Quantize {
    static final Routine CODE = new Routine(X86AttentionCode.quantize());
  }

  private static final class Widen {
    static final Routine CODE = new Routine(X86AttentionCode.widen());
  }

  private static final class Clear {
    static final Routine CODE = new Routine(X86AttentionCode.clear());
  }

  private static final class Merge {
    static final Routine CODE = new Routine(X86AttentionCode.merge());
  }

  private static final class Finish {
    static final Routine CODE = new Routine(X86AttentionCode.finish());
  }
}
