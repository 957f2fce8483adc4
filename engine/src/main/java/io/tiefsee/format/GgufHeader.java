package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of one GGUF file (versions 2 and 3): magic, version, counts, metadata, tensors, and
 * after padding the data.
 *
 * @param metadata values as {@link Weights#metadata()} says
 * @param tensors in the order of the file
 */
record GgufHeader(Map<String, Object> metadata, List<Located> tensors) {
  private static final int MAGIC = 0x46554747;
  private static final int MAX_DIMS = 4;
  private static final int MAX_DEPTH = 4;
  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;
  // An entry is at least a name's length and the shortest value; a tensor has at least one
  // dimension, a type and an offset.
  private static final int ENTRY_BYTES = 8 + 4 + 1;
  private static final int TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

  static boolean isMagic(byte[] first) {
    return first.length == 4
        && first[0] == 'G'
        && first[1] == 'G'
        && first[2] == 'U'
        && first[3] == 'F';
  }

  /**
   * Reads and checks a header.
   *
   * @throws BadInput if anything in it is wrong; the data of every tensor lies within the file else
   */
  static GgufHeader read(MappedFile file) {
    HeaderReader in = new HeaderReader(file);
    if (file.size() < 24 || in.i32() != MAGIC) {
      throw file.bad("this is no GGUF file");
    }
    int version = in.i32();
    if (Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3) {
      throw file.bad("this GGUF file is big-endian; only little-endian ones can be read");
    }
    if (version != 2 && version != 3) {
      throw file.bad(
          "GGUF version " + Integer.toUnsignedString(version) + " cannot be read, only 2 and 3");
    }
    int tensorCount = in.count("tensors", TENSOR_BYTES);
    int entryCount = in.count("metadata entries", ENTRY_BYTES);
    Map<String, Object> metadata = new LinkedHashMap<>();
    for (int i = 0; i < entryCount; i++) {
      String key = in.string();
      if (metadata.put(key, value(in, in.i32())) != null) {
        throw file.bad("the metadata has " + Quote.of(key) + " twice");
      }
    }
    return new GgufHeader(
        Collections.unmodifiableMap(metadata),
        tensors(file, in, tensorCount, alignment(file, metadata)));
  }

  private static long alignment(MappedFile file, Map<String, Object> metadata) {
    Object value = metadata.getOrDefault(ALIGNMENT, (long) DEFAULT_ALIGNMENT);
    if (value instanceof Long a && a > 0 && a <= 1 << 30 && Long.bitCount(a) == 1) {
      return a;
    }
    throw file.bad(ALIGNMENT + " is " + value + ", not a power of two");
  }

  private static List<Located> tensors(
      MappedFile file, HeaderReader in, int count, long alignment) {
    List<TensorInfo> infos = new ArrayList<>(count);
    long[] offsets = new long[count];
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      TensorInfo info = tensor(file, in);
      if (!names.add(info.name())) {
        throw file.bad("two tensors are named " + Quote.of(info.name()));
      }
      infos.add(info);
      offsets[i] = in.i64();
      if (offsets[i] < 0 || offsets[i] % alignment != 0) {
        throw file.bad(
            "tensor "
                + Quote.of(info.name())
                + " starts at "
                + Long.toUnsignedString(offsets[i])
                + ", not at a multiple of "
                + alignment);
      }
    }
    long start = Math.ceilDiv(in.position(), alignment) * alignment;
    List<Located> located = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      TensorInfo info = infos.get(i);
      if (offsets[i] > file.size() - start || info.bytes() > file.size() - start - offsets[i]) {
        throw file.bad(
            "tensor "
                + Quote.of(info.name())
                + " needs "
                + info.bytes()
                + " bytes at "
                + offsets[i]
                + " of the data, past the end of the file: it is truncated or damaged");
      }
      located.add(new Located(info, file, start + offsets[i]));
    }
    Located.checkOverlaps(file, located);
    return Collections.unmodifiableList(located);
  }

  private static TensorInfo tensor(MappedFile file, HeaderReader in) {
    String name = in.string();
    int dims = in.i32();
    if (dims < 1 || dims > MAX_DIMS) {
      throw file.bad(
          "tensor "
              + Quote.of(name)
              + " has "
              + Integer.toUnsignedString(dims)
              + " dimensions, not 1 to "
              + MAX_DIMS);
    }
    List<Long> shape = new ArrayList<>(dims);
    for (int i = 0; i < dims; i++) {
      shape.addFirst(in.i64());
    }
    int id = in.i32();
    QuantType type =
        QuantType.ofGgml(id)
            .orElseThrow(() ->
                file.bad(
                    "tensor "
                        + Quote.of(name)
                        + " has the type "
                        + typeName(id)
                        + ", which cannot be read"));
    try {
      return TensorInfo.of(name, type, shape);
    } catch (BadInput e) {
      throw file.bad(String.valueOf(e.getMessage()));
    }
  }

  /** ggml's names of the types that hold no weights, or none any more. */
  private static String typeName(int id) {
    String name =
        switch (id) {
          case 4, 5 -> "Q4_2/Q4_3";
          case 9 -> "Q8_1";
          case 15 -> "Q8_K";
          case 24 -> "I8";
          case 25 -> "I16";
          case 26 -> "I32";
          case 27 -> "I64";
          case 28 -> "F64";
          case 31, 32, 33 -> "Q4_0 repacked";
          case 36, 37, 38 -> "IQ4_NL repacked";
          default -> "unknown";
        };
    return Integer.toUnsignedString(id) + " (" + name + ")";
  }

  private static Object value(HeaderReader in, int type) {
    return switch (type) {
      case 0 -> (long) (in.i8() & 0xff);
      case 1 -> (long) in.i8();
      case 2 -> (long) (in.i16() & 0xffff);
      case 3 -> (long) in.i16();
      case 4 -> in.i32() & 0xffffffffL;
      case 5 -> (long) in.i32();
      case 6 -> Float.intBitsToFloat(in.i32());
      case 7 -> in.bool();
      case 8 -> in.string();
      case 9 -> array(in, 0);
      case 10, 11 -> in.i64();
      case 12 -> Double.longBitsToDouble(in.i64());
      default ->
          throw in.bad(
              "the metadata has a value of the unknown type " + Integer.toUnsignedString(type));
    };
  }

  private static Object array(HeaderReader in, int depth) {
    int type = in.i32();
    switch (type) {
      case 0, 1, 7 -> {
        return bytes(in, type);
      }
      case 2, 3, 5 -> {
        int[] a = new int[in.count("numbers in an array", type == 5 ? 4 : 2)];
        for (int i = 0; i < a.length; i++) {
          a[i] = type == 2 ? in.i16() & 0xffff : type == 3 ? in.i16() : in.i32();
        }
        return a;
      }
      case 4, 10, 11 -> {
        long[] a = new long[in.count("numbers in an array", type == 4 ? 4 : 8)];
        for (int i = 0; i < a.length; i++) {
          a[i] = type == 4 ? in.i32() & 0xffffffffL : in.i64();
        }
        return a;
      }
      case 6 -> {
        float[] a = new float[in.count("numbers in an array", 4)];
        for (int i = 0; i < a.length; i++) {
          a[i] = Float.intBitsToFloat(in.i32());
        }
        return a;
      }
      case 8 -> {
        return in.strings();
      }
      case 9 -> {
        if (depth == MAX_DEPTH) {
          throw in.bad("the metadata has arrays nested more than " + MAX_DEPTH + " deep");
        }
        int n = in.count("arrays in an array", 12);
        List<Object> a = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
          a.add(array(in, depth + 1));
        }
        return Collections.unmodifiableList(a);
      }
      case 12 -> {
        double[] a = new double[in.count("numbers in an array", 8)];
        for (int i = 0; i < a.length; i++) {
          a[i] = Double.longBitsToDouble(in.i64());
        }
        return a;
      }
      default ->
          throw in.bad(
              "the metadata has an array of the unknown type " + Integer.toUnsignedString(type));
    }
  }

  private static Object bytes(HeaderReader in, int type) {
    byte[] raw = new byte[in.count("values in an array", 1)];
    in.bytes(raw);
    if (type == 7) {
      boolean[] a = new boolean[raw.length];
      for (int i = 0; i < a.length; i++) {
        if (raw[i] != 0 && raw[i] != 1) {
          throw in.bad("a boolean in the header is " + raw[i]);
        }
        a[i] = raw[i] == 1;
      }
      return a;
    }
    int[] a = new int[raw.length];
    for (int i = 0; i < a.length; i++) {
      a[i] = type == 0 ? raw[i] & 0xff : raw[i];
    }
    return a;
  }
}
