package io.tiefsee.ledger;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a Parquet file in the plainest form that the format has: required columns, one row group,
 * one page a column, plain encoding, no compression. Numbers with decimals are DECIMAL over int64,
 * so they stay exact. Numbers in this class are those of parquet.thrift.
 */
final class ParquetWriter {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int INT64 = 2;
  private static final int BYTE_ARRAY = 6;
  private static final int UTF8 = 0;
  private static final int DECIMAL = 5;
  private static final int TIMESTAMP_MILLIS = 9;

  /** Digits of a decimal that an int64 holds whatever they are. */
  private static final int PRECISION = 18;

  private static final int PLAIN = 0;
  private static final int RLE = 3;

  private final List<Column> columns;
  private final List<ByteArrayOutputStream> data = new ArrayList<>();
  private int rows;

  /** Where a column lies in the file. */
  private record Chunk(Column column, long offset, int bytes) {}

  ParquetWriter(List<Column> columns) {
    this.columns = List.copyOf(columns);
    columns.forEach(c -> data.add(new ByteArrayOutputStream()));
  }

  void add(Entry entry) {
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      data.get(i).writeBytes(plain(column, column.value().apply(entry)));
    }
    rows++;
  }

  private static byte[] plain(Column column, Object value) {
    return switch (column.kind()) {
      case TEXT -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        yield little(4 + text.length).putInt(text.length).put(text).array();
      }
      case WHOLE, TIME -> little(8).putLong((Long) value).array();
      case MEASURED, MONEY -> {
        BigDecimal units = ((BigDecimal) value).movePointRight(column.kind().decimals());
        yield little(8).putLong(units.longValueExact()).array();
      }
    };
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(MAGIC);
    long at = MAGIC.length;
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < columns.size() && rows > 0; i++) {
      byte[] page = data.get(i).toByteArray();
      byte[] header = pageHeader(page.length);
      out.write(header);
      out.write(page);
      chunks.add(new Chunk(columns.get(i), at, header.length + page.length));
      at += header.length + page.length;
    }
    byte[] footer = footer(chunks);
    out.write(footer);
    out.write(little(4).putInt(footer.length).array());
    out.write(MAGIC);
  }

  private byte[] pageHeader(int size) {
    return new ThriftWriter()
        .i32(1, 0)
        .i32(2, size)
        .i32(3, size)
        .struct(5, data -> data.i32(1, rows).i32(2, PLAIN).i32(3, RLE).i32(4, RLE))
        .bytes();
  }

  private byte[] footer(List<Chunk> chunks) {
    List<Column> elements = new ArrayList<>(columns);
    // The root of the schema comes first.
    elements.addFirst(new Column("receipts", Column.Kind.TEXT, e -> ""));
    List<List<Chunk>> groups = chunks.isEmpty() ? List.of() : List.of(chunks);
    return new ThriftWriter()
        .i32(1, 1)
        .structs(
            2,
            elements,
            (w, column) -> {
              if (column == elements.getFirst()) {
                w.string(4, column.name()).i32(5, columns.size());
              } else {
                schema(w, column);
              }
            })
        .i64(3, rows)
        .structs(
            4,
            groups,
            (w, group) ->
                w.structs(1, group, this::chunk)
                    .i64(2, group.stream().mapToLong(Chunk::bytes).sum())
                    .i64(3, rows))
        .string(6, "tiefsee")
        .bytes();
  }

  private static int physical(Column column) {
    return column.kind() == Column.Kind.TEXT ? BYTE_ARRAY : INT64;
  }

  private static void schema(ThriftWriter w, Column column) {
    w.i32(1, physical(column)).i32(3, 0).string(4, column.name());
    switch (column.kind()) {
      case TEXT -> w.i32(6, UTF8);
      case TIME -> w.i32(6, TIMESTAMP_MILLIS);
      case WHOLE -> {}
      case MEASURED, MONEY -> w.i32(6, DECIMAL).i32(7, column.kind().decimals()).i32(8, PRECISION);
    }
  }

  private void chunk(ThriftWriter w, Chunk chunk) {
    w.i64(2, chunk.offset)
        .struct(
            3,
            meta ->
                meta.i32(1, physical(chunk.column))
                    .i32s(2, PLAIN)
                    .strings(3, chunk.column.name())
                    .i32(4, 0)
                    .i64(5, rows)
                    .i64(6, chunk.bytes)
                    .i64(7, chunk.bytes)
                    .i64(9, chunk.offset));
  }
}
