package io.tiefsee.ledger;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Thrift's compact protocol, as far as the headers of Parquet need it. Fields in rising order. */
final class ThriftWriter {
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;

  /** Lists of more elements tell their number behind the header. */
  private static final int SHORT_LIST = 14;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ArrayDeque<Integer> outer = new ArrayDeque<>();
  private int lastField;

  /** What was written, with the end of the outermost struct. */
  byte[] bytes() {
    out.write(0);
    return out.toByteArray();
  }

  private void field(int id, int type) {
    out.write((id - lastField) << 4 | type);
    lastField = id;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  private void text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    varint(bytes.length);
    out.writeBytes(bytes);
  }

  ThriftWriter i32(int id, int value) {
    field(id, I32);
    zigzag(value);
    return this;
  }

  ThriftWriter i64(int id, long value) {
    field(id, I64);
    zigzag(value);
    return this;
  }

  ThriftWriter string(int id, String value) {
    field(id, BINARY);
    text(value);
    return this;
  }

  ThriftWriter struct(int id, Consumer<ThriftWriter> fields) {
    field(id, STRUCT);
    nested(fields);
    return this;
  }

  <T> ThriftWriter structs(int id, List<T> list, BiConsumer<ThriftWriter, T> fields) {
    listHeader(id, STRUCT, list.size());
    list.forEach(element -> nested(w -> fields.accept(w, element)));
    return this;
  }

  ThriftWriter i32s(int id, int value) {
    listHeader(id, I32, 1);
    zigzag(value);
    return this;
  }

  ThriftWriter strings(int id, String value) {
    listHeader(id, BINARY, 1);
    text(value);
    return this;
  }

  private void listHeader(int id, int type, int size) {
    field(id, LIST);
    if (size <= SHORT_LIST) {
      out.write(size << 4 | type);
    } else {
      out.write(0xF0 | type);
      varint(size);
    }
  }

  private void nested(Consumer<ThriftWriter> fields) {
    outer.push(lastField);
    lastField = 0;
    fields.accept(this);
    out.write(0);
    lastField = outer.pop();
  }
}
