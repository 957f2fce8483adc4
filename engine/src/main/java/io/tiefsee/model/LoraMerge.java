package io.tiefsee.model;

import io.tiefsee.format.GgufFile;
import io.tiefsee.format.GgufWriter;
import io.tiefsee.format.HuggingFaceFolder;
import io.tiefsee.format.SafetensorsWriter;
import io.tiefsee.format.TensorData;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.scalar.Dequantize;
import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.LowRank;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes a model with its adapters worked into the weights: a GGUF file from a GGUF file, a Hugging
 * Face folder from such a folder. Tensors that no adapter changes are copied as they are; one that
 * is changed goes through f32, row by row.
 */
public final class LoraMerge {
  private final Weights files;
  private final ModelSpec spec;
  private final Lora lora;
  private final Optional<QuantType> wanted;
  private final boolean gguf;

  private LoraMerge(Weights files, ModelSpec spec, Lora lora, Optional<QuantType> wanted) {
    this.files = files;
    this.spec = spec;
    this.lora = lora;
    this.wanted = wanted;
    this.gguf = files instanceof GgufFile;
  }

  /**
   * Merges.
   *
   * @param base a GGUF file or a Hugging Face folder
   * @param adapter as PEFT stores it
   * @param factor of its changes
   * @param out the file or folder to write; a folder must not be there yet
   * @param type of the changed tensors; empty: that of the file, but no coarser than Q8_0, which a
   *     small change would not survive
   * @throws BadInput if something cannot be read, does not fit, or cannot be written
   */
  public static void write(
      Path base, Path adapter, float factor, Path out, Optional<QuantType> type) {
    try (Weights files = Weights.open(base);
        Arena arena = Arena.ofShared()) {
      ModelSpec spec = ModelLoader.describe(files);
      LoraMerge merge = new LoraMerge(files, spec, Lora.read(adapter, factor, spec, arena), type);
      merge.checkModules();
      switch (files) {
        case GgufFile f -> merge.writeGguf(f, out);
        case HuggingFaceFolder f -> merge.writeFolder(f, out);
      }
    }
  }

  /** True for types that changed tensors can be written in. */
  public static boolean canWrite(QuantType type) {
    return Quantize.supports(type);
  }

  /** Every change must have found its tensor; asked of the files' names alone. */
  private void checkModules() {
    List<String> left = new ArrayList<>(lora.modules().keySet());
    for (TensorInfo info : files.tensors()) {
      for (Part part : parts(info)) {
        part.change.ifPresent(c -> {
          left.remove(part.module);
          if (c.down().cols() != info.cols() || c.up().rows() != part.rows) {
            throw new BadInput(
                "the adapter of %s is for [%d, %d], but the model's matrix is [%d, %d]"
                    .formatted(
                        part.module, c.up().rows(), c.down().cols(), part.rows, info.cols()));
          }
        });
      }
    }
    if (!left.isEmpty()) {
      throw new BadInput(
          "the adapter changes "
              + left.getFirst()
              + ", but "
              + files.path()
              + " has no such tensor"
              + (left.getFirst().equals("lm_head") ? " (its output is the embedding)" : ""));
    }
  }

  /** Rows of a tensor that one module's change is for. */
  private record Part(String module, int rows, Optional<LowRank> change) {}

  /** A tensor by modules: experts and heads that lie in one are parts of it. */
  private List<Part> parts(TensorInfo info) {
    String name = info.name();
    if (!name.endsWith(".weight") || info.shape().size() < 2) {
      return List.of();
    }
    if (!gguf) {
      String module = name.substring(0, name.length() - ".weight".length());
      return List.of(
          new Part(module, info.rows(), Optional.ofNullable(lora.modules().get(module))));
    }
    String[] p = name.split("\\.");
    int count;
    if (p.length == 4 && p[2].endsWith("_exps")) {
      count = Math.toIntExact(info.shape().getFirst());
    } else if (p.length == 4 && (p[2].equals("attn_k_b") || p[2].equals("attn_v_b"))) {
      count = spec.attention() instanceof AttentionSpec.Mla mla ? mla.heads() : 1;
    } else {
      return List.of(new Part(Lora.module(name), info.rows(), lora.change(name)));
    }
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String part = p[0] + "." + p[1] + "." + p[2] + "." + i + ".weight";
      parts.add(new Part(Lora.module(part), info.rows() / count, lora.change(part)));
    }
    return parts;
  }

  private void writeGguf(GgufFile file, Path out) {
    GgufWriter writer = new GgufWriter().metadata(file.metadata());
    for (TensorInfo info : file.tensors()) {
      Matrix m = file.find(info.name()).orElseThrow();
      List<Part> parts = parts(info);
      if (parts.stream().noneMatch(p -> p.change.isPresent())) {
        writer.tensor(info, TensorData.of(m));
      } else {
        QuantType type = type(info);
        writer.tensor(TensorInfo.of(info.name(), type, info.shape()), merged(m, parts, type));
      }
    }
    writer.write(out);
  }

  private void writeFolder(HuggingFaceFolder folder, Path out) {
    if (Files.exists(out)) {
      throw new BadInput(out + " is already there: name a folder that is not");
    }
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    for (TensorInfo info : folder.tensors()) {
      Matrix m = folder.find(info.name()).orElseThrow();
      List<Part> parts = parts(info);
      if (parts.stream().noneMatch(p -> p.change.isPresent())) {
        writer.tensor(info, TensorData.of(m));
      } else if (info.type() == QuantType.FP8_E4M3) {
        throw new BadInput(info.name() + " is FP8: merge into a model of bf16 or f32");
      } else {
        QuantType type = type(info);
        writer.tensor(TensorInfo.of(info.name(), type, info.shape()), merged(m, parts, type));
      }
    }
    try {
      Files.createDirectories(out);
      writer.write(out.resolve("model.safetensors"));
      try (Stream<Path> beside = Files.list(folder.path())) {
        for (Path p : beside.filter(LoraMerge::isCompanion).toList()) {
          Files.copy(p, out.resolve(p.getFileName()));
        }
      }
    } catch (IOException e) {
      throw new BadInput(out + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  /** Configuration, tokenizer and the like. */
  private static boolean isCompanion(Path p) {
    String name = p.getFileName().toString();
    return Files.isRegularFile(p) && !name.contains(".safetensors");
  }

  private QuantType type(TensorInfo info) {
    QuantType type = wanted.orElse(info.type().isFloat() ? info.type() : QuantType.Q8_0);
    return info.cols() % type.blockElements() == 0 ? type : QuantType.F16;
  }

  private static TensorData merged(Matrix m, List<Part> parts, QuantType type) {
    return sink -> {
      float[] row = new float[m.cols()];
      MemorySegment stored = MemorySegment.ofArray(new byte[(int) type.bytes(m.cols())]);
      int r = 0;
      for (Part part : parts) {
        for (int i = 0; i < part.rows; i++, r++) {
          Dequantize.row(m, r, MemorySegment.ofArray(row));
          int within = i;
          part.change.ifPresent(c -> c.addRow(within, row));
          Quantize.blocks(type, row, 0, row.length, stored, 0);
          sink.write(stored);
        }
      }
    };
  }
}
