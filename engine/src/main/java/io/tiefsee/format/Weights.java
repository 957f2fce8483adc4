package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Utf8Strings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a model is built from: metadata and memory-mapped tensors, under the names of the file.
 * Immutable and safe for use by several threads; after {@link #close()} no matrix of it may be
 * touched (an access then throws {@link IllegalStateException}).
 */
public sealed interface Weights extends AutoCloseable permits GgufFile, HuggingFaceFolder {

  /**
   * Opens a .gguf file (the first part, if it is split) or a Hugging Face folder.
   *
   * @throws BadInput if there is no such thing, or it is broken or of an unknown kind
   */
  static Weights open(Path path) {
    if (Files.isDirectory(path)) {
      return HuggingFaceFolder.open(path);
    }
    if (!Files.exists(path)) {
      throw new BadInput("there is no file or folder " + path);
    }
    byte[] magic;
    try (InputStream in = Files.newInputStream(path)) {
      magic = in.readNBytes(4);
    } catch (IOException e) {
      throw new BadInput(path + " cannot be read: " + e.getMessage(), e);
    }
    if (GgufHeader.isMagic(magic)) {
      return GgufFile.open(path);
    }
    String name = String.valueOf(path.getFileName());
    if (name.endsWith(".safetensors") || name.endsWith(".json")) {
      throw new BadInput(path + " is one file of a Hugging Face model: give the folder it lies in");
    }
    if (name.endsWith(".gguf")) {
      return GgufFile.open(path);
    }
    throw new BadInput(
        path + " is no model: wanted a .gguf file or a Hugging Face folder with a config.json");
  }

  /** The file or folder that was opened. */
  Path path();

  /**
   * GGUF's metadata or the contents of config.json. Integers are Long (unsigned 64-bit ones keep
   * their bits), f32 is Float, f64 and JSON fractions are Double; then String and Boolean. GGUF's
   * arrays are {@link Utf8Strings}, boolean[], float[], double[], int[] (signed and up to 32 bits,
   * or unsigned and up to 16) or long[] (the others), arrays of arrays a List. JSON's arrays are
   * List and its objects Map; null members are left out.
   */
  Map<String, Object> metadata();

  /** All tensors, in the order of the file. */
  List<TensorInfo> tensors();

  /** Names of all tensors. */
  Set<String> names();

  /**
   * A tensor as a matrix over the mapped file: [product of the outer dimensions, innermost
   * dimension]; a vector of n is [1, n].
   *
   * @throws BadInput if it is there, but not usable: of a type that holds no weights, or FP8
   *     without matching scales
   */
  Optional<Matrix> find(String name);

  /**
   * As {@link #find}.
   *
   * @throws BadInput also if there is no such tensor
   */
  default Matrix get(String name) {
    return find(name)
        .orElseThrow(() ->
            new BadInput(
                path()
                    + " lacks the tensor "
                    + name
                    + (names().isEmpty() ? ": it has no weights at all" : "")));
  }

  /** Bytes of all tensors. */
  long bytes();

  /** Unmaps the files. */
  @Override
  void close();
}
