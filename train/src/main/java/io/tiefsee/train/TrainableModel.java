package io.tiefsee.train;

import io.tiefsee.format.GgufFile;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Scalar;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model whose weights are f32, in layout ROWS and its own, so that they can be changed in place,
 * with a gradient beside each.
 */
public final class TrainableModel implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Transformer transformer;
  private final Parameters parameters;

  private TrainableModel(Transformer model) {
    ModelWeights weights = NamedWeights.map(model.weights(), new Copy(arena));
    transformer = new Transformer(model.spec(), weights);
    parameters = new Parameters(transformer.weights(), arena);
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

  /** A second model with the same weights, which goes its own way. */
  public TrainableModel copy() {
    return new TrainableModel(transformer);
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

  /** The routers' correction biases by name, which belong to the weights but are not learnt. */
  public Map<String, Tensor> corrections() {
    Map<String, Tensor> found = new LinkedHashMap<>();
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
  }

  /** Copies into an arena, as f32. */
  private record Copy(Arena arena) implements NamedWeights.Mapper {
    @Override
    public Matrix matrix(String name, Matrix m) {
      MemorySegment data = NativeMemory.allocate(arena, 4 * m.elements());
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
