package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Utf8Strings;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a GGUF file of version 3. Metadata and tensors are announced first; the data are asked for
 * when the file is written, one tensor after the other. Not thread-safe.
 */
public final class GgufWriter {
  private record Item(TensorInfo info, TensorData data) {}

  private final int alignment;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, Item> items = new LinkedHashMap<>();

  /** A writer that aligns tensors to the usual 32 bytes. */
  public GgufWriter() {
    this(32);
  }

  /**
   * A writer that aligns tensors to {@code alignment} bytes.
   *
   * @param alignment a power of two
   */
  public GgufWriter(int alignment) {
    if (alignment < 1 || Integer.bitCount(alignment) != 1) {
      throw new IllegalArgumentException("the alignment " + alignment + " is no power of two");
    }
    this.alignment = alignment;
    if (alignment != 32) {
      metadata.put("general.alignment", (long) alignment);
    }
  }

  /**
   * Sets one entry. A value is as {@link Weights#metadata()} gives it. Long is written as u32 where
   * it fits (the type that readers expect of sizes and token ids), else as i64; Integer as i32,
   * int[] as i32, long[] as i64. general.alignment is the writer's own.
   */
  public GgufWriter metadata(String key, Object value) {
    if (!key.equals("general.alignment")) {
      put(new Bytes(), value);
      metadata.put(key, value);
    }
    return this;
  }

  /** Sets many entries. */
  public GgufWriter metadata(Map<String, Object> entries) {
    entries.forEach(this::metadata);
    return this;
  }

  /** Adds a matrix of layout ROWS; one of a single row becomes a vector. */
  public GgufWriter tensor(Matrix w) {
    List<Long> shape =
        w.rows() == 1 ? List.of((long) w.cols()) : List.of((long) w.rows(), (long) w.cols());
    return tensor(TensorInfo.of(w.name(), w.type(), shape), TensorData.of(w));
  }

  /** Adds a tensor of one to four dimensions. */
  public GgufWriter tensor(TensorInfo info, TensorData data) {
    if (info.type().ggmlId() < 0) {
      throw new BadInput("tensor " + info.name() + ": GGUF has no type " + info.type());
    }
    if (info.shape().isEmpty() || info.shape().size() > 4) {
      throw new BadInput("tensor " + info.name() + ": GGUF has no shape " + info.shape());
    }
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
    OutputFile.write(
        path,
        out -> {
          out.write(header());
          out.pad(0, alignment);
          for (Item item : items.values()) {
            out.write(item.info, item.data);
            out.pad(0, alignment);
          }
        });
  }

  private byte[] header() {
    Bytes b = new Bytes();
    b.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    b.i32(3);
    b.i64(items.size());
    b.i64(metadata.size());
    metadata.forEach((key, value) -> {
      b.string(key);
      put(b, value);
    });
    long offset = 0;
    for (Item item : items.values()) {
      TensorInfo info = item.info;
      b.string(info.name());
      b.i32(info.shape().size());
      for (long n : info.shape().reversed()) {
        b.i64(n);
      }
      b.i32(info.type().ggmlId());
      b.i64(offset);
      offset = Math.ceilDiv(offset + info.bytes(), alignment) * alignment;
    }
    return b.toByteArray();
  }

  /** Writes the type of a value and the value. */
  private static void put(Bytes b, Object value) {
    switch (value) {
      case Long v when v >= 0 && v <= 0xffffffffL -> b.i32(4).i32(v.intValue());
      case Long v -> b.i32(11).i64(v);
      case Integer v -> b.i32(5).i32(v);
      case Float v -> b.i32(6).f32(v);
      case Boolean v -> b.i32(7).bool(v);
      case String v -> b.i32(8).string(v);
      case Double v -> b.i32(12).f64(v);
      default -> {
        b.i32(9);
        putArray(b, value);
      }
    }
  }

  /** Writes the type of an array's elements, their number and the elements. */
  private static void putArray(Bytes b, Object value) {
    switch (value) {
      case int[] a -> {
        b.i32(5).i64(a.length);
        for (int v : a) {
          b.i32(v);
        }
      }
      case long[] a -> {
        b.i32(11).i64(a.length);
        for (long v : a) {
          b.i64(v);
        }
      }
      case float[] a -> {
        b.i32(6).i64(a.length);
        for (float v : a) {
          b.f32(v);
        }
      }
      case double[] a -> {
        b.i32(12).i64(a.length);
        for (double v : a) {
          b.f64(v);
        }
      }
      case boolean[] a -> {
        b.i32(7).i64(a.length);
        for (boolean v : a) {
          b.bool(v);
        }
      }
      case String[] a -> {
        b.i32(8).i64(a.length);
        for (String v : a) {
          b.string(v);
        }
      }
      case Utf8Strings a -> {
        b.i32(8).i64(a.size());
        a.forEach(b::string);
      }
      case List<?> a -> {
        b.i32(9).i64(a.size());
        a.forEach(v -> putArray(b, v));
      }
      default ->
          throw new IllegalArgumentException("GGUF has no values of type " + value.getClass());
    }
  }

  /** Little-endian numbers. */
  private static final class Bytes extends ByteArrayOutputStream {
    private final ByteBuffer buffer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

    Bytes i32(int v) {
      buffer.putInt(0, v);
      write(buffer.array(), 0, 4);
      return this;
    }

    Bytes i64(long v) {
      buffer.putLong(0, v);
      write(buffer.array(), 0, 8);
      return this;
    }

    Bytes f32(float v) {
      return i32(Float.floatToRawIntBits(v));
    }

    Bytes f64(double v) {
      return i64(Double.doubleToRawLongBits(v));
    }

    Bytes bool(boolean v) {
      write(v ? 1 : 0);
      return this;
    }

    Bytes string(String s) {
      byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
      i64(utf8.length);
      writeBytes(utf8);
      return this;
    }
  }
}
