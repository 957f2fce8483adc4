package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A folder as transformers saves it: config.json, model.safetensors or its shards with
 * model.safetensors.index.json, generation_config.json. Names and shapes are Hugging Face's.
 *
 * <p>A tensor of FP8 takes its factors, one per 128 × 128 block, from the tensor of its name plus
 * {@code _scale_inv}. A folder without weights, with tokenizer files only, opens as well; it has no
 * tensors.
 */
public final class HuggingFaceFolder implements Weights {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String CONFIG = "config.json";
  private static final List<String> TOKENIZER_FILES =
      List.of("tokenizer.json", "tokenizer_config.json");
  static final String SCALES = "_scale_inv";

  private final Path path;
  private final Arena arena;
  private final Map<String, Object> config;
  private final Map<String, Object> generationConfig;
  private final Map<String, Located> entries = new LinkedHashMap<>();
  private long bytes;
  private final Map<String, String> others = new LinkedHashMap<>();

  private HuggingFaceFolder(Path path, Arena arena) {
    this.path = path;
    this.arena = arena;
    config = optional(path.resolve(CONFIG));
    generationConfig = optional(path.resolve("generation_config.json"));
  }

  private static Map<String, Object> optional(Path file) {
    return Files.exists(file) ? Json.map(Json.read(file)) : Map.of();
  }

  /**
   * Opens a folder.
   *
   * @throws BadInput if it is none, lacks config.json and tokenizer files, or anything in it is
   *     broken
   */
  public static HuggingFaceFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new BadInput("there is no folder " + path);
    }
    if (!Files.exists(path.resolve(CONFIG))
        && TOKENIZER_FILES.stream().noneMatch(f -> Files.exists(path.resolve(f)))) {
      throw new BadInput(
          path + " is no Hugging Face folder: it has neither config.json nor tokenizer.json");
    }
    Arena arena = Arena.ofShared();
    try {
      HuggingFaceFolder folder = new HuggingFaceFolder(path, arena);
      if (Files.exists(path.resolve(SINGLE))) {
        folder.addShard(path.resolve(SINGLE));
      } else if (Files.exists(path.resolve(INDEX))) {
        folder.addIndexed(Json.read(path.resolve(INDEX)));
      }
      return folder;
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private void addIndexed(JsonNode index) {
    String where = path.resolve(INDEX) + ": ";
    JsonNode weightMap = index.path("weight_map");
    if (!weightMap.isObject()) {
      throw new BadInput(where + "there is no weight_map");
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> e : weightMap.properties()) {
      String shard = e.getValue().asString("");
      // A name with a folder in it could lead anywhere.
      if (!shard.endsWith(".safetensors") || shard.contains("/") || shard.contains("\\")) {
        throw new BadInput(where + Quote.of(shard) + " is not the name of a safetensors file");
      }
      shardOf.put(e.getKey(), shard);
    }
    for (String shard : new TreeSet<>(shardOf.values())) {
      Path file = plain(shard);
      if (!Files.exists(file)) {
        throw new BadInput("a shard is missing: " + path.resolve(INDEX) + " names " + file);
      }
      addShard(file);
    }
    shardOf.forEach((name, shard) -> {
      Located e = entries.get(name);
      boolean there =
          e == null
              ? others.containsKey(name)
              : String.valueOf(e.file().path().getFileName()).equals(shard);
      if (!there) {
        throw new BadInput(
            where
                + "tensor "
                + Quote.of(name)
                + " should be in "
                + Quote.of(shard)
                + ", but is not");
      }
    });
  }

  private Path plain(String shard) {
    try {
      return path.resolve(shard);
    } catch (InvalidPathException e) {
      throw new BadInput(
          path.resolve(INDEX) + ": " + Quote.of(shard) + " is not the name of a file", e);
    }
  }

  private void addShard(Path shard) {
    MappedFile file = MappedFile.open(shard, arena);
    SafetensorsHeader header = SafetensorsHeader.read(file);
    for (Located t : header.tensors()) {
      String name = t.info().name();
      if (entries.put(name, t) != null) {
        throw file.bad("tensor " + Quote.of(name) + " is already in another shard");
      }
      bytes += t.info().bytes();
    }
    others.putAll(header.others());
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, Object> metadata() {
    return config;
  }

  /** The contents of generation_config.json (see {@link Weights#metadata()}), empty without it. */
  public Map<String, Object> generationConfig() {
    return generationConfig;
  }

  @Override
  public List<TensorInfo> tensors() {
    List<TensorInfo> all = new ArrayList<>(entries.size());
    entries.values().forEach(e -> all.add(e.info()));
    return Collections.unmodifiableList(all);
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  @Override
  public Optional<Matrix> find(String name) {
    Located e = entries.get(name);
    if (e == null) {
      if (others.containsKey(name)) {
        throw new BadInput(
            path
                + ": tensor "
                + Quote.of(name)
                + " has the type "
                + Quote.of(others.get(name))
                + ", which holds no weights");
      }
      return Optional.empty();
    }
    TensorInfo info = e.info();
    MemorySegment data = e.data(arena);
    MemorySegment scales = info.type() == QuantType.FP8_E4M3 ? scales(e) : MemorySegment.NULL;
    return Optional.of(
        new Matrix(name, info.type(), Layout.ROWS, info.rows(), info.cols(), data, scales));
  }

  private MemorySegment scales(Located weights) {
    TensorInfo info = weights.info();
    Located scales = entries.get(info.name() + SCALES);
    if (scales == null || scales.info().type() != QuantType.F32) {
      throw weights
          .file()
          .bad(
              "FP8 tensor "
                  + Quote.of(info.name())
                  + " has no F32 tensor of its name plus "
                  + SCALES
                  + " (one factor per 128 × 128 block)");
    }
    int rows = Math.ceilDiv(info.rows(), QuantType.FP8_BLOCK);
    int cols = Math.ceilDiv(info.cols(), QuantType.FP8_BLOCK);
    if (scales.info().rows() != rows || scales.info().cols() != cols) {
      throw weights
          .file()
          .bad(
              "the scales of FP8 tensor "
                  + Quote.of(info.name())
                  + " have the shape "
                  + scales.info().shape()
                  + ", but blocks of 128 × 128 need ["
                  + rows
                  + ", "
                  + cols
                  + "]");
    }
    return scales.data(arena);
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
