package io.tiefsee.train;

import io.tiefsee.format.GgufFile;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.model.Lora;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.NamedWeights;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Slab;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model that learns: either all of its weights, which are then f32, in layout ROWS and its own,
 * so that they can be changed in place; or adapters of weights that stand still, in whatever type.
 * Beside each number that learns lies its gradient.
 */
public final class TrainableModel implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Transformer transformer;
  private final Parameters parameters;

  /** The weights that stand still, and the adapters. */
  private final Optional<Adapted> adapted;

  private record Adapted(Transformer base, Lora lora, Runnable release) {}

  /** Makes or reads adapters of a model, in an arena of the model's. */
  @FunctionalInterface
  public interface Adapters {
    Lora of(Transformer base, Arena arena);
  }

  private TrainableModel(Transformer model) {
    ModelWeights weights = NamedWeights.map(model.weights(), new Copy(arena, new Slab(arena)));
    transformer = new Transformer(model.spec(), weights);
    parameters = new Parameters(transformer.weights(), arena);
    adapted = Optional.empty();
  }

  /**
   * @param release gives back the base when this model is closed
   */
  private TrainableModel(Transformer base, Adapters adapters, Runnable release) {
    Lora lora = adapters.of(base, arena);
    transformer = new Transformer(base.spec(), lora.attach(base.weights()));
    parameters = new Parameters(lora, arena);
    adapted = Optional.of(new Adapted(base, lora, release));
  }

  /**
   * Loads a GGUF file or a Hugging Face folder; quantised weights become f32. The module of
   * multi-token prediction is loaded where there is one, in the files or in {@link
   * ModelLoader#mtpFile} beside them.
   *
   * @throws io.tiefsee.tensor.BadInput if it is no usable model
   */
  public static TrainableModel load(Path path) {
    try (Weights files = Weights.open(path);
        Parallel parallel = new Parallel(1);
        Arena loading = Arena.ofShared()) {
      ModelSpec spec = ModelLoader.describe(files);
      ModelLoader loader = loader(files, spec, parallel, loading);
      Transformer model = loader.load((done, total) -> {});
      Path beside = ModelLoader.mtpFile(path);
      if (ModelLoader.hasMtp(files, spec)) {
        return new TrainableModel(model.withMtp(loader.mtp()));
      }
      if (files instanceof GgufFile && Files.exists(beside)) {
        try (Weights more = Weights.open(beside)) {
          return new TrainableModel(model.withMtp(loader(more, spec, parallel, loading).mtp()));
        }
      }
      return new TrainableModel(model);
    }
  }

  private static ModelLoader loader(
      Weights files, ModelSpec spec, Parallel parallel, Arena loading) {
    return new ModelLoader(files, spec, Scalar.table(), parallel, QuantType.F32, loading);
  }

  /**
   * Loads a model whose weights stand still and get adapters.
   *
   * @param unpacked the weights become f32, which takes four bytes for each and is faster;
   *     otherwise they stay in the types of the file
   * @param isa the best instruction set that may be used
   * @throws io.tiefsee.tensor.BadInput if it is no usable model or the adapters do not fit it
   */
  public static TrainableModel adapt(Path path, boolean unpacked, Isa isa, Adapters adapters) {
    Weights files = Weights.open(path);
    Arena owner = Arena.ofShared();
    Runnable release =
        () -> {
          owner.close();
          files.close();
        };
    try (Parallel parallel = new Parallel(Parallel.defaultThreads())) {
      ModelSpec spec = ModelLoader.describe(files);
      ModelLoader loader =
          unpacked
              ? loader(files, spec, parallel, owner)
              : new ModelLoader(files, spec, Kernels.forIsa(isa), parallel, QuantType.F32, owner);
      Transformer base = loader.load((done, total) -> {});
      if (unpacked) {
        Copy copy = new Copy(owner, new Slab(owner));
        base = new Transformer(spec, NamedWeights.map(base.weights(), copy));
      }
      return new TrainableModel(base, adapters, release);
    } catch (RuntimeException | Error e) {
      release.run();
      throw e;
    }
  }

  /**
   * A model to train from nothing; one seed gives the same weights everywhere.
   *
   * @param tied the output is the embedding
   * @param deviation of the normal distribution of the matrices; 0.02 suits small models,
   *     DeepSeek-V3 has 0.006
   */
  public static TrainableModel random(ModelSpec spec, boolean tied, double deviation, long seed) {
    try (Arena making = Arena.ofShared()) {
      ModelWeights weights = RandomWeights.of(spec, tied, deviation, seed, making);
      return new TrainableModel(new Transformer(spec, weights));
    }
  }

  /**
   * A second model with the same numbers, which goes its own way. One with adapters shares the
   * weights that stand still, and is closed before this one.
   */
  public TrainableModel copy() {
    return adapted
        .map(a -> new TrainableModel(a.base, (base, into) -> a.lora.copy(into), () -> {}))
        .orElseGet(() -> new TrainableModel(transformer));
  }

  public Transformer transformer() {
    return transformer;
  }

  public ModelSpec spec() {
    return transformer.spec();
  }

  public Parameters parameters() {
    return parameters;
  }

  /** The adapters, if only these learn. */
  public Optional<Lora> lora() {
    return adapted.map(Adapted::lora);
  }

  /** Has to be called after the parameters have changed, before the model computes again. */
  public void refresh() {
    adapted.ifPresent(a -> a.lora.refresh());
  }

  /**
   * The routers' correction biases by name, which belong to the weights but are not learnt; none
   * where the weights stand still.
   */
  public Map<String, Tensor> corrections() {
    Map<String, Tensor> found = new LinkedHashMap<>();
    if (adapted.isPresent()) {
      return found;
    }
    NamedWeights.map(
        transformer.weights(),
        new NamedWeights.Mapper() {
          @Override
          public Matrix matrix(String name, Matrix m) {
            return m;
          }

          @Override
          public Tensor vector(String name, Tensor v) {
            return v;
          }

          @Override
          public Tensor correction(String name, Tensor v) {
            found.put(name, v);
            return v;
          }
        });
    return found;
  }

  @Override
  public void close() {
    arena.close();
    adapted.ifPresent(a -> a.release.run());
  }

  /** Copies into an arena, as f32. */
  private record Copy(Arena arena, Slab slab) implements NamedWeights.Mapper {
    @Override
    public Matrix matrix(String name, Matrix m) {
      MemorySegment data = slab.take(4 * m.elements());
      long row = 4L * m.cols();
      for (int r = 0; r < m.rows(); r++) {
        Dequantize.row(m, r, data.asSlice(row * r, row));
      }
      return Matrix.of(name, QuantType.F32, m.rows(), m.cols(), data);
    }

    @Override
    public Tensor vector(String name, Tensor v) {
      return Tensor.copyOf(arena, 1, v.cols(), v.toArray());
    }
  }
}
