package io.tiefsee.model;

import io.tiefsee.format.GgufFile;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.MatmulKernel;
import io.tiefsee.kernel.Packer;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Slab;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Builds a {@link Transformer} from files: finds each tensor under GGUF's or Hugging Face's name,
 * checks its shape against the spec, and brings it into the layout that the best kernel wants.
 * Matrices that stay as they are in the file are used where they are mapped.
 */
public final class ModelLoader {
  /** Hears how many bytes are loaded. */
  @FunctionalInterface
  public interface Progress {
    void report(long done, long total);
  }

  private final Weights files;
  private final ModelSpec spec;
  private final KernelTable kernels;
  private final Parallel parallel;
  private final QuantType activations;
  private final Arena arena;
  private final Slab slab;
  private Progress progress = (done, total) -> {};
  private long loaded;

  /**
   * @param activations what quantised weights will meet
   * @param arena owns the packed weights
   */
  public ModelLoader(
      Weights files,
      ModelSpec spec,
      KernelTable kernels,
      Parallel parallel,
      QuantType activations,
      Arena arena) {
    this.files = files;
    this.spec = spec;
    this.kernels = kernels;
    this.parallel = parallel;
    this.activations = activations;
    this.arena = arena;
    this.slab = new Slab(arena);
  }

  /**
   * What the files say about the model.
   *
   * @throws BadInput if the architecture is unknown or the metadata are broken
   */
  public static ModelSpec describe(Weights files) {
    boolean gguf = files instanceof GgufFile;
    Map<String, Object> values = files.metadata();
    String key = gguf ? "general.architecture" : "model_type";
    if (!(values.get(key) instanceof String type)) {
      throw new BadInput(files.path() + " does not say what it is: " + key + " is missing");
    }
    String architecture = gguf ? type : Architectures.BY_MODEL_TYPE.getOrDefault(type, type);
    Metadata m = new Metadata(architecture, gguf, values);
    Optional<float[]> divisors =
        gguf ? files.find("rope_freqs.weight").map(ModelLoader::floats) : Optional.empty();
    ModelSpec spec = Architectures.describe(m, divisors);
    divisors.ifPresent(d -> {
      if (d.length != spec.rope().dims() / 2) {
        throw new BadInput(
            "rope_freqs.weight has " + d.length + " numbers, wanted " + spec.rope().dims() / 2);
      }
    });
    String embedding = gguf ? "token_embd.weight" : "model.embed_tokens.weight";
    int vocab =
        files
            .find(embedding)
            .orElseThrow(() -> new BadInput(files.path() + " has no tensor " + embedding))
            .rows();
    return new ModelSpec(
        spec.architecture(),
        spec.name(),
        spec.dim(),
        vocab,
        spec.context(),
        spec.normEps(),
        spec.attention(),
        spec.rope(),
        spec.ffn());
  }

  /** Loads all weights; the work is shared by the threads. */
  public Transformer load(Progress hears) {
    progress = hears;
    Matrix embeddingFile = find("token_embd.weight").orElseThrow();
    Matrix embedding = packed(shaped(embeddingFile, spec.vocab(), spec.dim()));
    Matrix output =
        find("output.weight")
            .map(m -> packed(shaped(m, spec.vocab(), spec.dim())))
            .orElse(embedding);
    List<ModelWeights.Layer> layers = new ArrayList<>();
    for (int i = 0; i < spec.layers(); i++) {
      layers.add(layer("blk." + i + ".", spec.ffn().get(i)));
    }
    Tensor norm = vector("output_norm.weight", spec.dim());
    return new Transformer(spec, new ModelWeights(embedding, layers, norm, output));
  }

  /**
   * Where the module of multi-token prediction of a GGUF model lies: in NAME.mtp.gguf beside
   * NAME.gguf, since other programs refuse a model with tensors that they do not know.
   */
  public static Path mtpFile(Path gguf) {
    String name = String.valueOf(gguf.getFileName());
    String base = name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
    return gguf.resolveSibling(base + ".mtp.gguf");
  }

  /** True if the files hold the model's module of multi-token prediction. */
  public static boolean hasMtp(Weights files, ModelSpec spec) {
    String name = "blk." + spec.layers() + ".nextn.eh_proj.weight";
    return files.find(files instanceof GgufFile ? name : TensorNames.huggingFace(name)).isPresent();
  }

  /**
   * Loads the module of multi-token prediction, which may lie in files of its own. Copies of the
   * embedding and the output, which it shares with the model, are passed over.
   */
  public ModelWeights.Mtp mtp() {
    String prefix = "blk." + spec.layers() + ".";
    return new ModelWeights.Mtp(
        vector(prefix + "nextn.enorm.weight", spec.dim()),
        vector(prefix + "nextn.hnorm.weight", spec.dim()),
        matrix(prefix + "nextn.eh_proj.weight", spec.dim(), 2 * spec.dim()),
        layer(prefix, spec.feedForward(spec.layers())),
        vector(prefix + "nextn.shared_head_norm.weight", spec.dim()));
  }

  private ModelWeights.Layer layer(String prefix, FfnSpec ffn) {
    ModelWeights.Attention attention =
        switch (spec.attention()) {
          case AttentionSpec.Gqa gqa -> gqa(prefix, gqa);
          case AttentionSpec.Mla mla -> mla(prefix, mla);
        };
    ModelWeights.Ffn fed =
        switch (ffn) {
          case FfnSpec.Dense d -> dense(prefix, "", d.hidden());
          case FfnSpec.Moe moe -> moe(prefix, moe);
        };
    return new ModelWeights.Layer(
        vector(prefix + "attn_norm.weight", spec.dim()),
        attention,
        vector(prefix + "ffn_norm.weight", spec.dim()),
        fed);
  }

  private ModelWeights.Gqa gqa(String prefix, AttentionSpec.Gqa gqa) {
    int q = gqa.heads() * gqa.headDim();
    int kv = gqa.kvHeads() * gqa.headDim();
    boolean bias = find(prefix + "attn_q.bias").isPresent();
    return new ModelWeights.Gqa(
        new Matrix[] {
          matrix(prefix + "attn_q.weight", q, spec.dim()),
          matrix(prefix + "attn_k.weight", kv, spec.dim()),
          matrix(prefix + "attn_v.weight", kv, spec.dim())
        },
        bias
            ? new Tensor[] {
              vector(prefix + "attn_q.bias", q),
              vector(prefix + "attn_k.bias", kv),
              vector(prefix + "attn_v.bias", kv)
            }
            : new Tensor[0],
        optionalVector(prefix + "attn_q_norm.weight", gqa.headDim()),
        optionalVector(prefix + "attn_k_norm.weight", gqa.headDim()),
        matrix(prefix + "attn_output.weight", spec.dim(), q));
  }

  private ModelWeights.Mla mla(String prefix, AttentionSpec.Mla mla) {
    int q = mla.heads() * (mla.nope() + mla.rope());
    boolean low = mla.qLora() > 0;
    Matrix first =
        low
            ? matrix(prefix + "attn_q_a.weight", mla.qLora(), spec.dim())
            : matrix(prefix + "attn_q.weight", q, spec.dim());
    Matrix kv = matrix(prefix + "attn_kv_a_mqa.weight", mla.keyDim(), spec.dim());
    Matrix[] keyUp = new Matrix[mla.heads()];
    Matrix[] valueUp = new Matrix[mla.heads()];
    Optional<Matrix> joined = find(prefix + "attn_kv_b.weight");
    if (joined.isPresent()) {
      splitKvB(joined.get(), mla, keyUp, valueUp);
    } else {
      Matrix k = need(prefix + "attn_k_b.weight");
      Matrix v = need(prefix + "attn_v_b.weight");
      shaped(k, mla.heads() * mla.kvLora(), mla.nope());
      shaped(v, mla.heads() * mla.value(), mla.kvLora());
      for (int h = 0; h < mla.heads(); h++) {
        keyUp[h] = packed(k.rows(h * mla.kvLora(), (h + 1) * mla.kvLora()));
        valueUp[h] = packed(v.rows(h * mla.value(), (h + 1) * mla.value()));
      }
    }
    return new ModelWeights.Mla(
        new Matrix[] {first, kv},
        low ? Optional.of(vector(prefix + "attn_q_a_norm.weight", mla.qLora())) : Optional.empty(),
        low ? Optional.of(matrix(prefix + "attn_q_b.weight", q, mla.qLora())) : Optional.empty(),
        vector(prefix + "attn_kv_a_norm.weight", mla.kvLora()),
        keyUp,
        valueUp,
        matrix(prefix + "attn_output.weight", spec.dim(), mla.heads() * mla.value()));
  }

  /**
   * Splits kv_b, [heads · (nope + value), kvLora], by head. Its key part is needed transposed; that
   * breaks up quantised blocks, so it is dequantised and, outside the reference mode, rounded to
   * Q8_0, which is finer than any block format it can have come from.
   */
  private void splitKvB(Matrix joined, AttentionSpec.Mla mla, Matrix[] keyUp, Matrix[] valueUp) {
    int headRows = mla.nope() + mla.value();
    shaped(joined, mla.heads() * headRows, mla.kvLora());
    boolean round =
        activations != QuantType.F32
            && joined.type() != QuantType.F32
            && mla.nope() % QuantType.Q8_0.blockElements() == 0;
    parallel.run(
        mla.heads(),
        1,
        (from, to, thread) -> {
          for (int h = from; h < to; h++) {
            keyUp[h] = transposedKey(joined, h * headRows, mla, round);
          }
        });
    for (int h = 0; h < mla.heads(); h++) {
      keyUp[h] = packed(keyUp[h]);
      int v = h * headRows + mla.nope();
      valueUp[h] = packed(anyRows(joined, v, v + mla.value()));
    }
  }

  private Matrix transposedKey(Matrix joined, int firstRow, AttentionSpec.Mla mla, boolean round) {
    int nope = mla.nope();
    int lora = mla.kvLora();
    float[] transposed = new float[lora * nope];
    float[] row = new float[lora];
    for (int n = 0; n < nope; n++) {
      Dequantize.row(joined, firstRow + n, MemorySegment.ofArray(row));
      for (int l = 0; l < lora; l++) {
        transposed[l * nope + n] = row[l];
      }
    }
    QuantType type = round ? QuantType.Q8_0 : QuantType.F32;
    MemorySegment data = NativeMemory.allocate(arena, type.bytes(transposed.length));
    Quantize.blocks(type, transposed, 0, transposed.length, data, 0);
    return Matrix.of(joined.name(), type, lora, nope, data);
  }

  /** Rows of a matrix that need not start at a block of FP8 scales. */
  private Matrix anyRows(Matrix m, int from, int to) {
    if (m.type() != QuantType.FP8_E4M3 || from % QuantType.FP8_BLOCK == 0) {
      return m.rows(from, to);
    }
    MemorySegment data = NativeMemory.allocate(arena, 4L * (to - from) * m.cols());
    for (int r = from; r < to; r++) {
      Dequantize.row(m, r, data.asSlice(4L * (r - from) * m.cols(), 4L * m.cols()));
    }
    return Matrix.of(m.name(), QuantType.F32, to - from, m.cols(), data);
  }

  private ModelWeights.Dense dense(String prefix, String suffix, int hidden) {
    return new ModelWeights.Dense(
        new Matrix[] {
          matrix(prefix + "ffn_gate" + suffix + ".weight", hidden, spec.dim()),
          matrix(prefix + "ffn_up" + suffix + ".weight", hidden, spec.dim())
        },
        matrix(prefix + "ffn_down" + suffix + ".weight", spec.dim(), hidden));
  }

  private ModelWeights.Moe moe(String prefix, FfnSpec.Moe moe) {
    IntFunction<Matrix> gate =
        experts(prefix + "ffn_gate_exps", moe.experts(), moe.hidden(), spec.dim());
    IntFunction<Matrix> up =
        experts(prefix + "ffn_up_exps", moe.experts(), moe.hidden(), spec.dim());
    IntFunction<Matrix> down =
        experts(prefix + "ffn_down_exps", moe.experts(), spec.dim(), moe.hidden());
    Matrix[][] gateUp = new Matrix[moe.experts()][];
    Matrix[] downs = new Matrix[moe.experts()];
    for (int e = 0; e < moe.experts(); e++) {
      gateUp[e] = new Matrix[] {gate.apply(e), up.apply(e)};
      downs[e] = down.apply(e);
    }
    return new ModelWeights.Moe(
        matrix(prefix + "ffn_gate_inp.weight", moe.experts(), spec.dim()),
        optionalVector(prefix + "exp_probs_b.bias", moe.experts()),
        gateUp,
        downs,
        moe.sharedHidden() > 0
            ? Optional.of(dense(prefix, "_shexp", moe.sharedHidden()))
            : Optional.empty());
  }

  /** The experts of a layer: one tensor for all in GGUF, one each in Hugging Face's folders. */
  private IntFunction<Matrix> experts(String name, int experts, int rows, int cols) {
    if (files instanceof GgufFile) {
      Matrix all = shaped(need(name + ".weight"), experts * rows, cols);
      return e -> packed(all.rows(e * rows, (e + 1) * rows));
    }
    return e -> matrix(name + "." + e + ".weight", rows, cols);
  }

  private Optional<Matrix> find(String name) {
    return files.find(files instanceof GgufFile ? name : TensorNames.huggingFace(name));
  }

  private Matrix need(String name) {
    return find(name)
        .orElseThrow(() ->
            new BadInput(
                files.path()
                    + " lacks the tensor "
                    + (files instanceof GgufFile ? name : TensorNames.huggingFace(name))));
  }

  private static Matrix shaped(Matrix m, int rows, int cols) {
    if (m.rows() != rows || m.cols() != cols) {
      throw new BadInput(
          "tensor "
              + m.name()
              + " is ["
              + m.rows()
              + ", "
              + m.cols()
              + "], but the metadata want ["
              + rows
              + ", "
              + cols
              + "]");
    }
    return m;
  }

  private Matrix matrix(String name, int rows, int cols) {
    return packed(shaped(need(name), rows, cols));
  }

  private Tensor vector(String name, int n) {
    Matrix m = need(name);
    if (m.elements() != n) {
      throw new BadInput(
          "tensor " + m.name() + " has " + m.elements() + " numbers, but the metadata want " + n);
    }
    return Tensor.copyOf(arena, 1, n, floats(m));
  }

  private Optional<Tensor> optionalVector(String name, int n) {
    return find(name).map(m -> vector(name, n));
  }

  private static float[] floats(Matrix m) {
    float[] values = new float[Math.toIntExact(m.elements())];
    for (int r = 0; r < m.rows(); r++) {
      float[] row = new float[m.cols()];
      Dequantize.row(m, r, MemorySegment.ofArray(row));
      System.arraycopy(row, 0, values, r * m.cols(), m.cols());
    }
    return values;
  }

  /** Brings a matrix of the file into the layout that its kernel wants. */
  private Matrix packed(Matrix m) {
    QuantType meets = m.type().isFloat() ? QuantType.F32 : activations;
    MatmulKernel kernel =
        kernels
            .best(m.type(), meets)
            .orElseThrow(() -> new BadInput("tensor " + m.name() + ": no kernel for " + m.type()));
    loaded += m.bytes();
    progress.report(loaded, files.bytes());
    Layout layout = kernel.layout();
    if (layout == Layout.ROWS) {
      return m;
    }
    Packer packer = kernels.packer(m.type(), layout);
    long bytes = packer.packedBytes(m.rows(), m.cols());
    MemorySegment into = slab.take(bytes);
    int groups = Math.ceilDiv(m.rows(), layout.group());
    parallel.run(groups, 1, (from, to, thread) -> packer.pack(m, into, from, to));
    NativeMemory.forget(m.data());
    return new Matrix(m.name(), m.type(), layout, m.rows(), m.cols(), into, m.scales());
  }
}
