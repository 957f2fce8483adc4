package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a safetensors file of F32, F16, BF16 and FP8 tensors. Tensors are announced first; the
 * data are asked for when the file is written, one tensor after the other, those of the widest type
 * first, so that all are aligned. Not thread-safe.
 */
public final class SafetensorsWriter {
  private record Item(TensorInfo info, TensorData data) {}

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Item> items = new LinkedHashMap<>();

  /** Sets one entry of the file's {@code __metadata__}. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a matrix of layout ROWS; one of a single row becomes a vector. The scales of an FP8 matrix
   * go into a tensor of its name plus {@code _scale_inv}.
   */
  public SafetensorsWriter tensor(Matrix w) {
    List<Long> shape =
        w.rows() == 1 ? List.of((long) w.cols()) : List.of((long) w.rows(), (long) w.cols());
    tensor(TensorInfo.of(w.name(), w.type(), shape), TensorData.of(w));
    if (w.type() == QuantType.FP8_E4M3) {
      MemorySegment scales = w.scales();
      int rows = Math.ceilDiv(w.rows(), QuantType.FP8_BLOCK);
      int cols = Math.ceilDiv(w.cols(), QuantType.FP8_BLOCK);
      tensor(
          TensorInfo.of(
              w.name() + HuggingFaceFolder.SCALES,
              QuantType.F32,
              List.of((long) rows, (long) cols)),
          sink -> sink.write(scales));
    }
    return this;
  }

  /** Adds a tensor of any number of dimensions. */
  public SafetensorsWriter tensor(TensorInfo info, TensorData data) {
    dtype(info);
    if (items.putIfAbsent(info.name(), new Item(info, data)) != null) {
      throw new BadInput("two tensors are named " + info.name());
    }
    return this;
  }

  /**
   * Writes the file; it appears when it is complete.
   *
   * @throws BadInput if it cannot be written
   */
  public void write(Path path) {
    List<Item> sorted = new ArrayList<>(items.values());
    sorted.sort(Comparator.comparingInt((Item i) -> i.info.type().blockBytes()).reversed());
    byte[] header = header(sorted);
    OutputFile.write(
        path,
        out -> {
          out.write(
              ByteBuffer.allocate(8)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putLong(0, header.length)
                  .array());
          out.write(header);
          for (Item item : sorted) {
            out.write(item.info, item.data);
          }
        });
  }

  private byte[] header(List<Item> sorted) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode root = json.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject("__metadata__");
      metadata.forEach(node::put);
    }
    long offset = 0;
    for (Item item : sorted) {
      ObjectNode node = root.putObject(item.info.name());
      node.put("dtype", dtype(item.info));
      var shape = node.putArray("shape");
      item.info.shape().forEach(shape::add);
      long end = offset + item.info.bytes();
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String text = root.toString();
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    // Spaces up to a multiple of eight, as the format's own writer does, keep the data aligned.
    return (text + " ".repeat(-length & 7)).getBytes(StandardCharsets.UTF_8);
  }

  private static String dtype(TensorInfo info) {
    return switch (info.type()) {
      case F32 -> "F32";
      case F16 -> "F16";
      case BF16 -> "BF16";
      case FP8_E4M3 -> "F8_E4M3";
      default ->
          throw new BadInput("tensor " + info.name() + ": safetensors has no type " + info.type());
    };
  }
}
