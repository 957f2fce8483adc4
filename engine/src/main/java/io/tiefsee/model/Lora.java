package io.tiefsee.model;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.format.PeftAdapter;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.LowRank;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * Low-rank adapters of a model (Hu et al., 2021), by module: W becomes W + scale · B · A. Modules
 * have Hugging Face's names; rows lie in the order of the model's own matrices, which for Llama in
 * GGUF is another one than Hugging Face's.
 *
 * <p>Latent attention takes the rows of {@code kv_b_proj} by head, those of the keys transposed
 * ({@link ModelWeights.Mla}): {@link #attach} gives these as {@link Part}s; transposed ones are
 * copies, which {@link #refresh} brings up to date.
 */
public final class Lora {
  private static final String KV_B = ".self_attn.kv_b_proj";

  /**
   * Which modules get adapters.
   *
   * @param names last parts of their names, like {@code q_proj}
   * @param lastLayers only so many layers, counted from the end; 0: all
   */
  public record Targets(List<String> names, int lastLayers) {}

  /**
   * A factor that a head works with.
   *
   * @param of the factor that is stored
   * @param firstRow of it
   * @param part its rows from there on, or those transposed
   * @param transposed a copy; otherwise a view
   */
  public record Part(Matrix of, int firstRow, Matrix part, boolean transposed) {}

  private final ModelSpec spec;
  private final Arena arena;
  private final Map<String, LowRank> modules = new LinkedHashMap<>();
  private final List<Part> parts = new ArrayList<>();

  private Lora(ModelSpec spec, Arena arena) {
    this.spec = spec;
    this.arena = arena;
  }

  /**
   * Reads what PEFT has stored.
   *
   * @param factor of all changes, beside their own scale
   * @param arena owns the factors
   * @throws BadInput if it is no adapter that can be used, or has numbers that are not finite
   */
  public static Lora read(Path path, float factor, ModelSpec spec, Arena arena) {
    Lora lora = new Lora(spec, arena);
    try (PeftAdapter stored = PeftAdapter.open(path)) {
      stored
          .modules()
          .forEach((module, f) -> {
            Matrix down = lora.floats(f.a());
            Matrix up = lora.floats(f.b());
            if (!finite(down) || !finite(up)) {
              throw new BadInput(
                  "the adapter %s cannot be used: %s has numbers that are not finite"
                      .formatted(path, module));
            }
            if (lora.permuted(module)) {
              lora.checkRows(module, up);
              up = lora.permute(up, false);
            }
            lora.modules.put(module, new LowRank(down, up, factor * f.scale()));
          });
    }
    return lora;
  }

  /**
   * Adapters that change nothing yet: A uniform within ±1/√inputs, as PEFT has it, and B zero.
   *
   * @param alpha the scale is alpha / rank
   * @param arena owns the factors
   * @throws BadInput if a target is none of the model's
   */
  public static Lora create(
      Transformer model, Targets targets, int rank, double alpha, long seed, Arena arena) {
    Lora lora = new Lora(model.spec(), arena);
    Map<String, int[]> shapes = lora.shapes(model.weights());
    for (String target : targets.names) {
      if (shapes.keySet().stream().noneMatch(m -> m.endsWith("." + target))) {
        TreeSet<String> names = new TreeSet<>();
        shapes.keySet().forEach(m -> names.add(m.substring(m.lastIndexOf('.') + 1)));
        throw new BadInput(
            "the model has no projection " + target + "; it has " + String.join(", ", names));
      }
    }
    int first = targets.lastLayers == 0 ? 0 : model.spec().layers() - targets.lastLayers;
    SplittableRandom random = new SplittableRandom(seed);
    shapes.forEach((module, shape) -> {
      String name = module.substring(module.lastIndexOf('.') + 1);
      if (targets.names.contains(name) && layer(module) >= first) {
        Matrix down = lora.matrix(module, rank, shape[1]);
        double bound = 1 / Math.sqrt(shape[1]);
        for (long i = 0; i < down.elements(); i++) {
          float value = (float) random.nextDouble(-bound, bound);
          down.data().setAtIndex(JAVA_FLOAT, i, value);
        }
        Matrix up = lora.matrix(module, shape[0], rank);
        lora.modules.put(module, new LowRank(down, up, (float) (alpha / rank)));
      }
    });
    return lora;
  }

  private static int layer(String module) {
    return Integer.parseInt(module.split("\\.")[2]);
  }

  /** Shapes [outputs, inputs] of the projections within layers, by module. */
  private Map<String, int[]> shapes(ModelWeights weights) {
    Map<String, int[]> shapes = new LinkedHashMap<>();
    NamedWeights.map(
        weights,
        new NamedWeights.Mapper() {
          @Override
          public Matrix matrix(String name, Matrix m) {
            String module = module(name);
            if (module.endsWith("_proj") || module.endsWith("_with_mqa")) {
              shapes.put(
                  module,
                  module.endsWith(KV_B)
                      ? new int[] {mla().heads() * headRows(mla()), mla().kvLora()}
                      : new int[] {m.rows(), m.cols()});
            }
            return m;
          }

          @Override
          public Tensor vector(String name, Tensor v) {
            return v;
          }
        });
    return shapes;
  }

  private AttentionSpec.Mla mla() {
    if (spec.attention() instanceof AttentionSpec.Mla mla) {
      return mla;
    }
    throw new BadInput("the adapter changes kv_b_proj, but the model has no latent attention");
  }

  private static int headRows(AttentionSpec.Mla mla) {
    return mla.nope() + mla.value();
  }

  /** The same adapters in memory of their own. */
  public Lora copy(Arena into) {
    Lora copy = new Lora(spec, into);
    modules.forEach((module, a) ->
        copy.modules.put(
            module, new LowRank(copy.floats(a.down()), copy.floats(a.up()), a.scale())));
    return copy;
  }

  /** Changes by module, in a fixed order. */
  public Map<String, LowRank> modules() {
    return Collections.unmodifiableMap(modules);
  }

  /** What {@link #attach} has given to single heads. */
  public List<Part> parts() {
    return List.copyOf(parts);
  }

  /** Copies the factors into their transposed parts, after they have been changed. */
  public void refresh() {
    for (Part p : parts) {
      if (p.transposed) {
        for (int r = 0; r < p.part.cols(); r++) {
          for (int c = 0; c < p.part.rows(); c++) {
            long from = (long) (p.firstRow + r) * p.of.cols() + c;
            float value = p.of.data().getAtIndex(JAVA_FLOAT, from);
            p.part.data().setAtIndex(JAVA_FLOAT, (long) c * p.part.cols() + r, value);
          }
        }
      }
    }
  }

  /**
   * The weights with these changes, beside those that they have already; the weights themselves
   * stay as they are.
   *
   * @throws BadInput if the model lacks a module or has it in another shape
   */
  public ModelWeights attach(ModelWeights weights) {
    TreeSet<String> left = new TreeSet<>(modules.keySet());
    ModelWeights changed =
        NamedWeights.map(
            weights,
            new NamedWeights.Mapper() {
              @Override
              public Matrix matrix(String name, Matrix m) {
                left.remove(module(name));
                return with(m, change(name));
              }

              @Override
              public Tensor vector(String name, Tensor v) {
                return v;
              }
            });
    LowRank head = modules.get("lm_head");
    if (head != null && weights.output() == weights.embedding()) { // tied: the output alone changes
      left.remove("lm_head");
      changed =
          new ModelWeights(
              changed.embedding(),
              changed.layers(),
              changed.norm(),
              with(weights.output(), Optional.of(head)),
              changed.mtp());
    }
    if (!left.isEmpty()) {
      throw new BadInput("the adapter changes " + left.first() + ", which the model has not");
    }
    refresh();
    return changed;
  }

  private Matrix with(Matrix m, Optional<LowRank> change) {
    return change
        .map(c -> m.withAdapter(m.adapter().map(before -> before.plus(c, arena)).orElse(c)))
        .orElse(m);
  }

  /** Hugging Face's name of the module that a matrix belongs to. */
  static String module(String name) {
    String[] p = name.split("\\.");
    if (p.length == 5 && (p[2].equals("attn_k_b") || p[2].equals("attn_v_b"))) {
      return "model.layers." + p[1] + KV_B;
    }
    String whole = TensorNames.huggingFace(name);
    return whole.substring(0, whole.lastIndexOf('.'));
  }

  /**
   * The change of a matrix.
   *
   * @param name as {@link NamedWeights.Mapper} has it
   */
  Optional<LowRank> change(String name) {
    String module = module(name);
    LowRank whole = modules.get(module);
    String[] p = name.split("\\.");
    if (whole == null || p.length != 5 || !module.endsWith(KV_B)) {
      return Optional.ofNullable(whole);
    }
    AttentionSpec.Mla mla = mla();
    checkRows(module, whole.up());
    int first = Integer.parseInt(p[3]) * headRows(mla);
    return Optional.of(
        p[2].equals("attn_k_b")
            ? new LowRank(
                transposed(whole.up(), first, mla.nope()),
                transposed(whole.down(), 0, whole.rank()),
                whole.scale())
            : new LowRank(
                whole.down(), rows(whole.up(), first + mla.nope(), mla.value()), whole.scale()));
  }

  private void checkRows(String module, Matrix up) {
    int rows =
        switch (spec.attention()) {
          case AttentionSpec.Mla mla -> mla.heads() * headRows(mla);
          case AttentionSpec.Gqa gqa ->
              gqa.headDim() * (module.endsWith("q_proj") ? gqa.heads() : gqa.kvHeads());
        };
    if (up.rows() != rows) {
      throw new BadInput(
          "the adapter of %s has %d outputs, but the model's matrix has %d"
              .formatted(module, up.rows(), rows));
    }
  }

  private Matrix transposed(Matrix of, int firstRow, int rows) {
    for (Part p : parts) { // all heads share the transposed A
      if (p.of == of && p.firstRow == firstRow && p.transposed) {
        return p.part;
      }
    }
    Matrix part = matrix(of.name(), of.cols(), rows);
    parts.add(new Part(of, firstRow, part, true));
    return part;
  }

  private Matrix rows(Matrix of, int firstRow, int rows) {
    Matrix part = of.rows(firstRow, firstRow + rows);
    parts.add(new Part(of, firstRow, part, false));
    return part;
  }

  /**
   * Writes the adapters into a folder that is there, as PEFT has them.
   *
   * @param base the model that they change, as a person names it
   * @throws BadInput if they cannot be written
   */
  public void write(Path folder, String base) {
    Map<String, LowRank> stored = new LinkedHashMap<>();
    modules.forEach((module, a) ->
        stored.put(
            module,
            permuted(module) ? new LowRank(a.down(), permute(a.up(), true), a.scale()) : a));
    PeftAdapter.write(folder, base, stored);
  }

  /** Llama's q and k, whose rows GGUF has as adjacent pairs, Hugging Face as halves. */
  private boolean permuted(String module) {
    return spec.architecture().equals("llama")
        && spec.rope().adjacent()
        && (module.endsWith(".q_proj") || module.endsWith(".k_proj"));
  }

  private Matrix permute(Matrix up, boolean toHalves) {
    int dim = ((AttentionSpec.Gqa) spec.attention()).headDim();
    Matrix to = matrix(up.name(), up.rows(), up.cols());
    for (int r = 0; r < up.rows(); r++) {
      int i = r % dim;
      int halves = r - i + i / 2 + i % 2 * (dim / 2);
      long from = up.rowOffset(toHalves ? r : halves);
      long into = up.rowOffset(toHalves ? halves : r);
      MemorySegment.copy(up.data(), from, to.data(), into, up.rowBytes());
    }
    return to;
  }

  private Matrix floats(Matrix m) {
    Matrix copy = matrix(m.name(), m.rows(), m.cols());
    for (int r = 0; r < m.rows(); r++) {
      Dequantize.row(m, r, copy.data().asSlice(copy.rowOffset(r), copy.rowBytes()));
    }
    return copy;
  }

  private static boolean finite(Matrix floats) {
    for (long i = 0; i < floats.elements(); i++) {
      if (!Float.isFinite(floats.data().getAtIndex(JAVA_FLOAT, i))) {
        return false;
      }
    }
    return true;
  }

  private Matrix matrix(String name, int rows, int cols) {
    MemorySegment data = NativeMemory.allocate(arena, 4L * rows * cols);
    return Matrix.of(name, QuantType.F32, rows, cols, data);
  }
}
