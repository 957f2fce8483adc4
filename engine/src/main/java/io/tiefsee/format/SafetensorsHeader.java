package io.tiefsee.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The header of one safetensors file: u64 length, then that much JSON, then the data.
 *
 * @param tensors those of a type that holds weights, in the order of the file
 * @param others name and type of the rest (integers, booleans, f64)
 */
record SafetensorsHeader(List<Located> tensors, Map<String, String> others) {
  /** The limit of the reference implementation. */
  private static final long MAX_HEADER = 100_000_000;

  private static final int MAX_DIMS = 8;

  /**
   * Reads and checks a header.
   *
   * @throws BadInput if anything in it is wrong; the data of every tensor lies within the file else
   */
  static SafetensorsHeader read(MappedFile file) {
    if (file.size() < 8) {
      throw file.bad("this is no safetensors file: it has only " + file.size() + " bytes");
    }
    long length = file.data().get(JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > file.size() - 8 || length > MAX_HEADER) {
      throw file.bad(
          "the header's length is "
              + Long.toUnsignedString(length)
              + " in a file of "
              + file.size()
              + " bytes: it is truncated, damaged or no safetensors file");
    }
    byte[] text = file.data().asSlice(8, length).toArray(JAVA_BYTE);
    JsonNode root = Json.parse(file.path() + ": the header is", text);
    List<Located> tensors = new ArrayList<>();
    Map<String, String> others = new LinkedHashMap<>();
    long start = 8 + length;
    for (Map.Entry<String, JsonNode> e : root.properties()) {
      String name = e.getKey();
      if (name.equals("__metadata__")) {
        continue;
      }
      String dtype = e.getValue().path("dtype").asString("");
      Optional<QuantType> type = type(dtype);
      if (type.isEmpty()) {
        others.put(name, dtype);
        continue;
      }
      tensors.add(tensor(file, name, type.get(), e.getValue(), start));
    }
    Located.checkOverlaps(file, tensors);
    return new SafetensorsHeader(
        Collections.unmodifiableList(tensors), Collections.unmodifiableMap(others));
  }

  private static Optional<QuantType> type(String dtype) {
    return switch (dtype) {
      case "F32" -> Optional.of(QuantType.F32);
      case "F16" -> Optional.of(QuantType.F16);
      case "BF16" -> Optional.of(QuantType.BF16);
      case "F8_E4M3" -> Optional.of(QuantType.FP8_E4M3);
      default -> Optional.empty();
    };
  }

  private static Located tensor(
      MappedFile file, String name, QuantType type, JsonNode node, long start) {
    String quoted = "tensor " + Quote.of(name);
    List<Long> shape = numbers(file, quoted, node, "shape");
    List<Long> offsets = numbers(file, quoted, node, "data_offsets");
    if (offsets.size() != 2) {
      throw file.bad(quoted + " lacks its data_offsets");
    }
    TensorInfo info;
    try {
      info = TensorInfo.of(name, type, shape);
    } catch (BadInput e) {
      throw file.bad(String.valueOf(e.getMessage()));
    }
    long from = offsets.getFirst();
    long to = offsets.getLast();
    if (from > to || to > file.size() - start) {
      throw file.bad(
          quoted
              + " lies at "
              + from
              + " to "
              + to
              + " of "
              + (file.size() - start)
              + " bytes of data: the file is truncated or damaged");
    }
    if (to - from != info.bytes()) {
      throw file.bad(
          quoted
              + " has "
              + (to - from)
              + " bytes, but "
              + type
              + " of shape "
              + shape
              + " takes "
              + info.bytes());
    }
    return new Located(info, file, start + from);
  }

  private static List<Long> numbers(MappedFile file, String tensor, JsonNode node, String key) {
    JsonNode array = node.path(key);
    if (!array.isArray() || array.size() > MAX_DIMS) {
      throw file.bad(tensor + " has no proper " + key);
    }
    List<Long> numbers = new ArrayList<>(array.size());
    for (JsonNode n : array) {
      if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < 0) {
        throw file.bad(tensor + " has no proper " + key);
      }
      numbers.add(n.longValue());
    }
    return numbers;
  }
}
