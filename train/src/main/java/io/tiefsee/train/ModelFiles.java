package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.format.GgufWriter;
import io.tiefsee.format.SafetensorsWriter;
import io.tiefsee.format.TensorData;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.NamedWeights;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.model.TensorNames;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/**
 * Writes models, as GGUF or (f32) as a Hugging Face folder, in the tensors that other programs
 * know: the experts of a layer are one tensor in GGUF; the parts of MLA's kv_b by head are joined
 * again (rows of a head: its keys, then its values); the rows of Llama's q and k lie as GGUF
 * (adjacent pairs) or Hugging Face (halves) wants them. The module of multi-token prediction goes
 * beside a GGUF file ({@link ModelLoader#mtpFile}); in a folder it is the layer after the last,
 * with the copies of the embedding and the output that DeepSeek's checkpoints have.
 */
public final class ModelFiles {
  /** One tensor of a file: equal parts, one after the other. */
  private record Stored(List<Matrix> parts, boolean vector) {}

  private final ModelSpec spec;
  private final boolean gguf;
  private final Arena arena;
  private final Map<String, Stored> tensors = new LinkedHashMap<>();
  private final Map<String, List<Matrix>> parts = new LinkedHashMap<>();

  private ModelFiles(Transformer model, boolean gguf, Arena arena) {
    this.spec = model.spec();
    this.gguf = gguf;
    this.arena = arena;
    collect(model.weights());
  }

  /**
   * Writes a GGUF file of f32 and, for a model with multi-token prediction, the file beside it; one
   * that a model without has left there is deleted.
   *
   * @param more further metadata, of the tokenizer for instance; goes before that of the spec
   * @throws BadInput if the file cannot be written
   */
  public static void writeGguf(Path file, Transformer model, Map<String, Object> more) {
    writeGguf(file, model, more, QuantType.F32);
  }

  /**
   * Writes a GGUF file with quantised matrices. Norms, biases and routers stay f32, because they
   * are small and much hangs on them; a matrix whose rows do not fill whole blocks becomes f16.
   *
   * @param type of the matrices; see {@link Quantize#supports}
   * @throws BadInput if the file cannot be written
   */
  public static void writeGguf(
      Path file, Transformer model, Map<String, Object> more, QuantType type) {
    try (Arena arena = Arena.ofShared()) {
      Map<String, Object> metadata = new LinkedHashMap<>(SpecMetadata.gguf(model.spec()));
      metadata.putAll(more);
      GgufWriter main = new GgufWriter().metadata(metadata);
      Map<String, Object> beside = new LinkedHashMap<>(SpecMetadata.mtpGguf(model.spec()));
      beside.computeIfPresent("general.name", (key, name) -> metadata.get(key));
      GgufWriter mtp = new GgufWriter().metadata(beside);
      String block = "blk." + model.spec().layers() + ".";
      new ModelFiles(model, true, arena)
          .tensors.forEach((name, t) -> {
            QuantType as = type(name, t, type);
            (name.startsWith(block) ? mtp : main).tensor(info(name, t, as), data(t, as));
          });
      Path mtpFile = ModelLoader.mtpFile(file);
      if (model.spec().mtp()) {
        mtp.write(mtpFile);
      } else {
        Files.deleteIfExists(mtpFile);
      }
      main.write(file);
    } catch (IOException e) {
      throw new BadInput(file + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  private static QuantType type(String name, Stored t, QuantType wanted) {
    if (t.vector || name.contains("ffn_gate_inp")) {
      return QuantType.F32;
    }
    int cols = t.parts.getFirst().cols();
    return cols % wanted.blockElements() == 0 ? wanted : QuantType.F16;
  }

  /**
   * Writes config.json and model.safetensors into a folder, which is made if it is not there.
   *
   * @throws BadInput if they cannot be written
   */
  public static void writeHuggingFace(Path folder, Transformer model) {
    boolean tied = model.weights().output() == model.weights().embedding();
    try (Arena arena = Arena.ofShared()) {
      Map<String, Object> metadata = SpecMetadata.config(model.spec(), tied);
      SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
      new ModelFiles(model, false, arena)
          .tensors.forEach((name, t) ->
              writer.tensor(
                  info(TensorNames.huggingFace(name), t, QuantType.F32), data(t, QuantType.F32)));
      Files.createDirectories(folder);
      writer.write(folder.resolve("model.safetensors"));
      String config =
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(metadata);
      Files.writeString(folder.resolve("config.json"), config + "\n");
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  private void collect(ModelWeights weights) {
    NamedWeights.map(
        weights,
        new NamedWeights.Mapper() {
          @Override
          public Matrix matrix(String name, Matrix m) {
            add(name, m);
            return m;
          }

          @Override
          public Tensor vector(String name, Tensor v) {
            Matrix row = Matrix.of(name, QuantType.F32, 1, v.cols(), v.data());
            tensors.put(name, new Stored(List.of(row), true));
            return v;
          }
        });
    if (spec.attention() instanceof AttentionSpec.Mla mla) {
      for (int i = 0; i < spec.blocks(); i++) {
        String prefix = "blk." + i + ".";
        Matrix joined = join(parts.get(prefix + "attn_k_b"), parts.get(prefix + "attn_v_b"), mla);
        tensors.put(prefix + "attn_kv_b.weight", new Stored(List.of(joined), false));
      }
    }
    if (spec.mtp() && !gguf) {
      String shared = "blk." + spec.layers() + ".nextn.";
      add(shared + "embed_tokens.weight", weights.embedding());
      add(shared + "shared_head_head.weight", weights.output());
    }
    if (gguf && spec.rope().scaling() instanceof RopeSpec.Llama3) {
      tensors.put("rope_freqs.weight", new Stored(List.of(divisors(spec.rope())), true));
    } else if (spec.rope().scaling() instanceof RopeSpec.Divisors d) {
      tensors.put("rope_freqs.weight", new Stored(List.of(row(d.divisors())), true));
    }
  }

  private void add(String name, Matrix m) {
    String[] p = name.split("\\.");
    boolean part = p.length == 5 && !p[2].equals("nextn");
    if (part && (gguf || !p[2].endsWith("_exps"))) {
      String whole = p[0] + "." + p[1] + "." + p[2];
      List<Matrix> list = parts.computeIfAbsent(whole, w -> new ArrayList<>());
      list.add(m);
      if (p[2].endsWith("_exps")) {
        tensors.put(whole + ".weight", new Stored(list, false));
      }
    } else {
      tensors.put(name, new Stored(List.of(arranged(name, m)), false));
    }
  }

  /** Llama's q and k rows in the order of the file's kind; all else as it is. */
  private Matrix arranged(String name, Matrix m) {
    if (!spec.architecture().equals("llama")
        || spec.rope().adjacent() == gguf
        || !name.matches("blk\\.\\d+\\.attn_[qk]\\.weight")
        || !(spec.attention() instanceof AttentionSpec.Gqa gqa)) {
      return m;
    }
    int dim = gqa.headDim();
    int half = dim / 2;
    MemorySegment data = arena.allocate(m.rowBytes() * m.rows(), 64);
    for (int r = 0; r < m.rows(); r++) {
      int i = r % dim;
      int halves = r - i + i / 2 + i % 2 * half; // where row r of adjacent pairs is among halves
      MemorySegment.copy(
          m.data(),
          m.rowOffset(gguf ? halves : r),
          data,
          m.rowOffset(gguf ? r : halves),
          m.rowBytes());
    }
    return Matrix.of(m.name(), QuantType.F32, m.rows(), m.cols(), data);
  }

  private Matrix join(List<Matrix> keyUp, List<Matrix> valueUp, AttentionSpec.Mla mla) {
    int lora = mla.kvLora();
    int headRows = mla.nope() + mla.value();
    int rows = mla.heads() * headRows;
    MemorySegment data = arena.allocate(4L * rows * lora, 64);
    for (int h = 0; h < mla.heads(); h++) {
      MemorySegment key = keyUp.get(h).data();
      for (int n = 0; n < mla.nope(); n++) {
        for (int l = 0; l < lora; l++) {
          float value = key.getAtIndex(JAVA_FLOAT, (long) l * mla.nope() + n);
          data.setAtIndex(JAVA_FLOAT, ((long) h * headRows + n) * lora + l, value);
        }
      }
      MemorySegment.copy(
          valueUp.get(h).data(),
          0,
          data,
          4L * lora * (h * headRows + mla.nope()),
          4L * lora * mla.value());
    }
    return Matrix.of("attn_kv_b", QuantType.F32, rows, lora, data);
  }

  /** Llama 3's scaling as a factor of each frequency. */
  private Matrix divisors(RopeSpec rope) {
    double[] scaled = rope.frequencies();
    double[] plain =
        new RopeSpec(rope.dims(), rope.theta(), rope.adjacent(), new RopeSpec.None()).frequencies();
    float[] factors = new float[scaled.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (float) (plain[i] / scaled[i]);
    }
    return row(factors);
  }

  private Matrix row(float[] values) {
    Tensor t = Tensor.copyOf(arena, 1, values.length, values);
    return Matrix.of("rope_freqs.weight", QuantType.F32, 1, values.length, t.data());
  }

  private static TensorInfo info(String name, Stored t, QuantType type) {
    Matrix m = t.parts.getFirst();
    List<Long> shape = new ArrayList<>();
    if (t.parts.size() > 1) {
      shape.add((long) t.parts.size());
    }
    if (!t.vector) {
      shape.add((long) m.rows());
    }
    shape.add((long) m.cols());
    return TensorInfo.of(name, type, shape);
  }

  private static TensorData data(Stored t, QuantType type) {
    return sink -> {
      for (Matrix m : t.parts) {
        if (type == QuantType.F32) {
          TensorData.of(m).writeTo(sink);
        } else {
          quantised(m, type, sink);
        }
      }
    };
  }

  /** Row by row, so that a large matrix never lies in memory twice. */
  private static void quantised(Matrix m, QuantType type, TensorData.Sink sink) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(type.bytes(m.cols()))];
    MemorySegment row = MemorySegment.ofArray(bytes);
    for (int r = 0; r < m.rows(); r++) {
      float[] values = m.data().asSlice(m.rowOffset(r), m.rowBytes()).toArray(JAVA_FLOAT);
      Quantize.blocks(type, values, 0, values.length, row, 0);
      sink.write(row);
    }
  }
}
