package io.tiefsee.eval;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import io.tiefsee.eval.Rows.Row;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads Parquet. A damaged file may make the reader fail in any way or wait for ever, so it works
 * in a thread of its own that is given up when no row comes for a while.
 */
final class ParquetRows {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final long MAX_BYTES = 1L << 30;

  private ParquetRows() {}

  /**
   * All rows.
   *
   * @throws BadInput if the file is no Parquet or is damaged
   */
  static List<Row> read(Path file) {
    return read(file, PATIENCE);
  }

  static List<Row> read(Path file, Duration patience) {
    if (!Files.isReadable(file)) {
      throw new BadInput(file + " cannot be read: there is no such file, or no permission");
    }
    AtomicInteger progress = new AtomicInteger();
    FutureTask<List<Row>> task = new FutureTask<>(() -> rows(file, progress));
    Thread.ofPlatform().daemon().name("parquet").start(task);
    for (int seen = -1; seen != progress.get(); ) {
      seen = progress.get();
      try {
        return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        // It may only be large: go on if rows have come.
        continue;
      } catch (InterruptedException e) {
        task.cancel(true);
        Thread.currentThread().interrupt();
        throw new BadInput("reading " + file + " was interrupted", e);
      } catch (ExecutionException e) {
        throw damaged(file, reason(e), e);
      }
    }
    task.cancel(true);
    throw damaged(file, "no row came for %d seconds".formatted(patience.toSeconds()), null);
  }

  /** The innermost cause says most. */
  private static String reason(Throwable of) {
    Throwable e = of;
    while (e.getCause() != null && e.getCause() != e) {
      e = e.getCause();
    }
    return String.valueOf(e.getMessage());
  }

  private static BadInput damaged(Path file, String why, Throwable cause) {
    String line = why.lines().findFirst().orElse("");
    return new BadInput(file + " is no Parquet file or is damaged: " + line, cause);
  }

  private static List<Row> rows(Path file, AtomicInteger progress) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(bytes(file)));
        RowReader row = reader.rowReader()) {
      while (row.hasNext()) {
        row.next();
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < row.getFieldCount(); i++) {
          if (!row.isNull(i)) {
            values.put(row.getFieldName(i), plain(row.getValue(i)));
          }
        }
        rows.add(new Row("%s, row %d".formatted(file, rows.size() + 1), values));
        progress.incrementAndGet();
      }
    }
    return rows;
  }

  /** A copy: a mapped file that another program cuts meanwhile would end this one. */
  private static ByteBuffer bytes(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > MAX_BYTES) {
        throw new IOException("it is larger than %d MiB".formatted(MAX_BYTES >> 20));
      }
      ByteBuffer bytes = ByteBuffer.allocateDirect((int) channel.size());
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // One read may give less than there is.
      }
      return bytes.flip();
    }
  }

  private static Object plain(Object value) {
    return value instanceof PqList list ? list.values() : value;
  }
}
