package io.tiefsee.ledger;

import io.tiefsee.tensor.BadInput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** Receipts as files for other programs. A file appears when it is complete. */
public final class Export {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  private Export() {}

  /** Takes receipts, then says that they were all. */
  private interface Sink {
    void add(Entry entry) throws IOException;

    void end() throws IOException;
  }

  /** Opens a sink. */
  @FunctionalInterface
  private interface Format {
    Sink open(OutputStream out) throws IOException;
  }

  /**
   * Writes receipts, oldest first, in the format that the file's name says: CSV (RFC 4180),
   * Parquet, or a JSON object a line.
   *
   * @return how many
   * @throws BadInput if the name says nothing, or the file cannot be written
   */
  public static long write(Ledger ledger, Filter filter, Path file) {
    Format format = format(file);
    Path part = file.resolveSibling(file.getFileName() + ".part");
    AtomicLong count = new AtomicLong();
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
        Sink sink = format.open(out);
        ledger.forEach(
            filter,
            entry -> {
              try {
                sink.add(entry);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              count.incrementAndGet();
            });
        sink.end();
      }
      Path ignored =
          Files.move(
              part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (UncheckedIOException e) {
      throw failed(file, e.getCause());
    } catch (IOException e) {
      throw failed(file, e);
    }
    return count.get();
  }

  private static BadInput failed(Path file, IOException e) {
    return new BadInput(file + " cannot be written: " + BadInput.reason(e), e);
  }

  private static Format format(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".csv")) {
      return Export::csv;
    } else if (name.endsWith(".parquet")) {
      return Export::parquet;
    } else if (name.endsWith(".jsonl")) {
      return Export::jsonLines;
    }
    throw new BadInput(file + ": name it .csv, .parquet or .jsonl");
  }

  private static Sink csv(OutputStream out) throws IOException {
    line(out, Column.ALL.stream().map(Column::name).collect(Collectors.joining(",")));
    return new Sink() {
      @Override
      public void add(Entry entry) throws IOException {
        line(
            out,
            Column.ALL.stream()
                .map(c -> cell(c, c.value().apply(entry)))
                .collect(Collectors.joining(",")));
      }

      @Override
      public void end() {}
    };
  }

  private static void line(OutputStream out, String text) throws IOException {
    out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String cell(Column column, Object value) {
    return switch (value) {
      case Long millis when column.kind() == Column.Kind.TIME ->
          Instant.ofEpochMilli(millis).toString();
      case BigDecimal d -> d.toPlainString();
      case String s when s.matches("(?s).*[\",\r\n].*") -> '"' + s.replace("\"", "\"\"") + '"';
      default -> String.valueOf(value);
    };
  }

  private static Sink parquet(OutputStream out) {
    ParquetWriter writer = new ParquetWriter(Column.ALL);
    return new Sink() {
      @Override
      public void add(Entry entry) {
        writer.add(entry);
      }

      @Override
      public void end() throws IOException {
        writer.writeTo(out);
      }
    };
  }

  private static Sink jsonLines(OutputStream out) {
    return new Sink() {
      @Override
      public void add(Entry entry) throws IOException {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("key", entry.key());
        map.putAll(entry.receipt().toMap());
        out.write((JSON.writeValueAsString(map) + "\n").getBytes(StandardCharsets.UTF_8));
      }

      @Override
      public void end() {}
    };
  }
}
