package io.tiefsee.model;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.kernel.AttentionKernel;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.kernel.RowOps;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Computes the operations at once, on scratch memory that a steady state reuses without garbage.
 *
 * <p>One thread calls; the work inside is shared by {@link Parallel}. Quantised weights meet
 * activations in {@code activations} (int8 blocks, or f32 in the reference mode), float weights
 * always meet f32. Results in place: {@link #add}, {@link #addBias} and the rotations overwrite
 * their first operand.
 */
public final class EagerOps implements Ops, AutoCloseable {
  /** Elements below which a row operation is not worth waking the other threads. */
  static final int SMALL = 1 << 14;

  private final ModelSpec spec;
  private final KernelTable kernels;
  private final RowOps rowOps;
  private final Parallel parallel;
  private final QuantType activations;
  private final Arena arena = Arena.ofShared();
  private final TensorPool pool = new TensorPool(arena);
  private final TensorPool.Mark start = pool.mark();
  private final Products products = new Products();
  private final AdapterProducts adapters;
  private final HeadProducts headProducts;
  private final Experts experts;
  private final Router[] routers;
  private final float[][] routerBias;
  private final AttentionKernel.Task[] tasks;
  private final double[] frequencies;

  private Batch batch = new Batch();
  private KvCache cache;
  private Runnable layerListener = () -> {};
  private Tensor cos;
  private Tensor sin;
  private int[] rowIndex = new int[0];
  private int[] blockPositions = new int[0];
  private int[] blockSequences = new int[0];
  private TensorPool.Mark layerMark = start;
  private final Attending attending;
  private final Tensor[][] results = {new Tensor[1], new Tensor[2], new Tensor[3]};

  /**
   * @param activations {@link QuantType#Q8_ROW}, or {@link QuantType#F32} as the reference
   */
  public EagerOps(
      ModelSpec spec,
      KernelTable kernels,
      Parallel parallel,
      QuantType activations,
      KvCache cache) {
    this.spec = spec;
    this.kernels = kernels;
    this.rowOps = kernels.ops();
    this.parallel = parallel;
    this.activations = activations;
    this.cache = cache;
    this.adapters = new AdapterProducts(kernels, parallel, pool);
    this.experts = new Experts(kernels, parallel, pool, activations);
    this.routers = new Router[spec.blocks()];
    this.routerBias = new float[spec.blocks()][];
    this.tasks = new AttentionKernel.Task[spec.blocks()];
    this.frequencies = spec.rope().frequencies();
    this.cos = pool.take(QuantType.F32, 1, 1);
    this.sin = cos;
    this.headProducts = new HeadProducts(kernels, cos);
    this.attending = new Attending(parallel, pool, kernels.attention(cache.type()));
  }

  @Override
  public void begin(Batch newBatch, KvCache newCache) {
    batch = newBatch;
    cache = newCache;
    pool.release(start);
    int n = batch.size();
    int half = frequencies.length;
    cos = pool.take(QuantType.F32, n, half);
    sin = pool.take(QuantType.F32, n, half);
    spec.rope().rotations(batch.positions(), frequencies, cos, sin);
    if (rowIndex.length < n) {
      rowIndex = new int[Math.max(n, 2 * rowIndex.length)];
      Arrays.setAll(rowIndex, i -> i);
    }
  }

  @Override
  public Tensor embed(Matrix table) {
    Tensor x = embed(table, batch.tokens());
    layerMark = pool.mark();
    return x;
  }

  @Override
  public Tensor embed(Matrix table, int[] tokens) {
    Tensor x = pool.take(QuantType.F32, batch.size(), table.cols());
    for (int t = 0; t < batch.size(); t++) {
      readRow(table, tokens[t], x, t);
    }
    return x;
  }

  @Override
  public Tensor join(Tensor x, Tensor y) {
    Tensor joined = pool.take(QuantType.F32, x.rows(), x.cols() + y.cols());
    for (int t = 0; t < x.rows(); t++) {
      HeadProducts.copy(x, t, 0, joined, t, 0, x.cols());
      HeadProducts.copy(y, t, 0, joined, t, x.cols(), y.cols());
    }
    return joined;
  }

  private void readRow(Matrix table, int row, Tensor x, int t) {
    var into = x.rows() == 1 ? x.data() : x.data().asSlice(x.rowOffset(t), x.rowBytes());
    kernels.readRow(table, row, into);
  }

  @Override
  public Tensor norm(Tensor x, Tensor weight, float eps) {
    Tensor y = pool.take(QuantType.F32, x.rows(), x.cols());
    if (small(x)) {
      rowOps.rmsNorm(x, weight, eps, y, 0, x.rows());
    } else {
      parallel.run(x.rows(), 1, (from, to, id) -> rowOps.rmsNorm(x, weight, eps, y, from, to));
    }
    return y;
  }

  @Override
  public Tensor headNorm(Tensor x, Tensor weight, float eps) {
    int heads = x.cols() / weight.cols();
    Tensor vectors = pool.reshape(x, x.rows() * heads, weight.cols());
    if (small(x)) {
      rowOps.rmsNorm(vectors, weight, eps, vectors, 0, vectors.rows());
    } else {
      parallel.run(
          vectors.rows(),
          1,
          (from, to, id) -> rowOps.rmsNorm(vectors, weight, eps, vectors, from, to));
    }
    return x;
  }

  @Override
  public Tensor matmul(Matrix w, Tensor x) {
    QuantType in = activations(w);
    Tensor source = in == QuantType.F32 ? x : quantize(x);
    Tensor y = pool.take(QuantType.F32, x.rows(), w.rows());
    products.add(kernels.matmul(w, in), w, source, y);
    products.run(parallel);
    adapters.add(w, x, y);
    return y;
  }

  @Override
  public Tensor[] matmul(Matrix[] w, Tensor x) {
    Tensor[] y = results[w.length - 1];
    boolean quantized = false;
    for (Matrix m : w) {
      quantized |= activations(m) != QuantType.F32;
    }
    Tensor q = quantized ? quantize(x) : x;
    for (int i = 0; i < w.length; i++) {
      QuantType in = activations(w[i]);
      y[i] = pool.take(QuantType.F32, x.rows(), w[i].rows());
      products.add(kernels.matmul(w[i], in), w[i], in == QuantType.F32 ? x : q, y[i]);
    }
    products.run(parallel);
    for (int i = 0; i < w.length; i++) {
      adapters.add(w[i], x, y[i]);
    }
    return y;
  }

  private QuantType activations(Matrix w) {
    return w.type().isFloat() ? QuantType.F32 : activations;
  }

  private Tensor quantize(Tensor x) {
    Tensor q = pool.take(QuantType.Q8_ROW, x.rows(), x.cols());
    if (small(x)) {
      rowOps.quantize(x, q, 0, x.rows());
    } else {
      parallel.run(x.rows(), 1, (from, to, id) -> rowOps.quantize(x, q, from, to));
    }
    return q;
  }

  @Override
  public Tensor addBias(Tensor x, Tensor bias) {
    rowOps.addBias(bias, x, 0, x.rows());
    return x;
  }

  @Override
  public Tensor add(Tensor x, Tensor y) {
    if (small(x)) {
      rowOps.add(y, x, 0, x.rows());
    } else {
      parallel.run(x.rows(), 1, (from, to, id) -> rowOps.add(y, x, from, to));
    }
    return x;
  }

  @Override
  public Tensor attention(int layer, AttentionSpec.Gqa gqa, Tensor q, Tensor k, Tensor v) {
    int half = spec.rope().dims() / 2;
    rotate(q, 0, gqa.heads(), gqa.headDim(), half);
    rotate(k, 0, gqa.kvHeads(), gqa.headDim(), half);
    Tensor out = pool.take(QuantType.F32, q.rows(), gqa.heads() * gqa.headDim());
    KvLayer kv = cache.layer(layer);
    AttentionKernel kernel = kernels.attention(kv.type());
    kernel.store(kv, k, v, batch.slots(), 0, batch.size());
    attend(
        layer, kernel, q, out, gqa.heads(), gqa.scale(), kv, batch.positions(), batch.sequences());
    return out;
  }

  @Override
  public Tensor latentAttention(
      int layer,
      AttentionSpec.Mla mla,
      Tensor q,
      Tensor kv,
      Tensor kvNorm,
      float eps,
      Matrix[] keyUp,
      Matrix[] valueUp) {
    int tokens = q.rows();
    int half = mla.rope() / 2;
    int headQ = mla.nope() + mla.rope();
    Tensor latent = pool.take(QuantType.F32, tokens, mla.kvLora());
    Tensor keys = pool.take(QuantType.F32, tokens, mla.keyDim());
    for (int t = 0; t < tokens; t++) {
      HeadProducts.copy(kv, t, 0, latent, t, 0, mla.kvLora());
    }
    rowOps.rmsNorm(latent, kvNorm, eps, latent, 0, tokens);
    for (int t = 0; t < tokens; t++) {
      HeadProducts.copy(latent, t, 0, keys, t, 0, mla.kvLora());
      HeadProducts.copy(kv, t, mla.kvLora(), keys, t, mla.kvLora(), mla.rope());
    }
    rotate(keys, mla.kvLora(), 1, mla.keyDim(), half);
    rotate(q, mla.nope(), mla.heads(), headQ, half);
    KvLayer cached = cache.layer(layer);
    AttentionKernel kernel = kernels.attention(cached.type());
    kernel.store(cached, keys, keys, batch.slots(), 0, tokens);

    Tensor latentQ = pool.take(QuantType.F32, tokens, mla.heads() * mla.keyDim());
    headProducts.run(parallel, pool, activations, keyUp, q, headQ, latentQ, mla.keyDim());
    for (int t = 0; t < tokens; t++) {
      for (int h = 0; h < mla.heads(); h++) {
        int to = h * mla.keyDim() + mla.kvLora();
        HeadProducts.copy(q, t, h * headQ + mla.nope(), latentQ, t, to, mla.rope());
      }
    }
    Tensor attended = pool.take(QuantType.F32, tokens, mla.heads() * mla.kvLora());
    attendInBlocks(layer, kernel, mla, latentQ, attended, cached);
    Tensor out = pool.take(QuantType.F32, tokens, mla.heads() * mla.value());
    headProducts.run(
        parallel, pool, activations, valueUp, attended, mla.kvLora(), out, mla.value());
    return out;
  }

  /**
   * All heads share one key head, which would be one item of work a token. Where tokens and chunks
   * of their contexts are too few for the threads, each block of heads is treated as a token of its
   * own.
   */
  private void attendInBlocks(
      int layer, AttentionKernel kernel, AttentionSpec.Mla mla, Tensor q, Tensor out, KvLayer kv) {
    int tokens = q.rows();
    int parts = tokens * Attending.chunks(kernel, kv, batch.positions(), tokens);
    int blocks = 1;
    while (blocks * parts < 2 * parallel.threads() && mla.heads() % (2 * blocks) == 0) {
      blocks *= 2;
    }
    int n = tokens * blocks;
    if (blockPositions.length < n) {
      blockPositions = new int[n];
      blockSequences = new int[n];
    }
    for (int i = 0; i < n; i++) {
      blockPositions[i] = batch.positions()[i / blocks];
      blockSequences[i] = batch.sequences()[i / blocks];
    }
    attend(
        layer,
        kernel,
        pool.reshape(q, n, q.cols() / blocks),
        pool.reshape(out, n, out.cols() / blocks),
        mla.heads() / blocks,
        mla.scale(),
        kv,
        blockPositions,
        blockSequences);
  }

  private void attend(
      int layer,
      AttentionKernel kernel,
      Tensor q,
      Tensor out,
      int heads,
      float scale,
      KvLayer kv,
      int[] positions,
      int[] sequences) {
    AttentionKernel.Task task = tasks[layer];
    if (task == null
        || task.q() != q
        || task.out() != out
        || task.kv() != kv
        || task.positions() != positions
        || task.sequence() != sequences
        || task.pages() != batch.pages()) {
      task =
          new AttentionKernel.Task(q, out, heads, scale, kv, positions, sequences, batch.pages());
      tasks[layer] = task;
    }
    attending.run(kernel, task);
  }

  private void rotate(Tensor x, int offset, int heads, int stride, int half) {
    boolean adjacent = spec.rope().adjacent();
    if (small(x)) {
      rowOps.rope(x, offset, heads, stride, half, cos, sin, rowIndex, adjacent, 0, x.rows());
    } else {
      parallel.run(
          x.rows(),
          1,
          (from, to, id) ->
              rowOps.rope(x, offset, heads, stride, half, cos, sin, rowIndex, adjacent, from, to));
    }
  }

  @Override
  public Tensor swiglu(Tensor gate, Tensor up) {
    if (small(gate)) {
      rowOps.swiglu(gate, up, gate, 0, gate.rows());
    } else {
      parallel.run(gate.rows(), 1, (from, to, id) -> rowOps.swiglu(gate, up, gate, from, to));
    }
    return gate;
  }

  @Override
  public Tensor moe(int layer, FfnSpec.Moe moe, ModelWeights.Moe w, Tensor x) {
    if (routers[layer] == null) {
      routers[layer] = new Router(moe);
      routerBias[layer] = new float[w.bias().isPresent() ? moe.experts() : 0];
    }
    if (routerBias[layer].length > 0) { // read anew: training moves it between passes
      var bias = w.bias().orElseThrow().data();
      MemorySegment.copy(bias, JAVA_FLOAT, 0, routerBias[layer], 0, moe.experts());
    }
    Router router = routers[layer];
    router.choose(matmul(w.router(), x), routerBias[layer]);
    Tensor y = pool.take(QuantType.F32, x.rows(), x.cols());
    experts.run(moe, w, router, x, y);
    return y;
  }

  @Override
  public Tensor logitRows(Tensor x) {
    return batch.logitCount() == x.rows() ? x : rows(x, batch.logitRows(), batch.logitCount());
  }

  @Override
  public Tensor rows(Tensor x, int[] rows, int count) {
    Tensor y = pool.take(QuantType.F32, count, x.cols());
    for (int i = 0; i < count; i++) {
      HeadProducts.copy(x, rows[i], 0, y, i, 0, x.cols());
    }
    return y;
  }

  @Override
  public void layerDone(Tensor x) {
    pool.release(layerMark);
    layerListener.run();
  }

  /** Calls {@code listener} after each layer, for progress bars. */
  public void onLayer(Runnable listener) {
    layerListener = listener;
  }

  private static boolean small(Tensor x) {
    return (long) x.rows() * x.cols() <= SMALL;
  }

  @Override
  public void close() {
    arena.close();
  }
}
