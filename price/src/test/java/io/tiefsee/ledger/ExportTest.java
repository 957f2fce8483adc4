package io.tiefsee.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import io.tiefsee.config.JsonLines;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ExportTest {
  private static final Instant NOON = Instant.now().minusSeconds(60);

  @TempDir Path folder;
  private Ledger ledger;

  @BeforeEach
  void fill() {
    ledger =
        Ledger.open(
            folder.resolve("l.db"),
            w -> {
              throw new AssertionError(w);
            });
    ledger.add(LedgerWriter.receipt("a \"quoted\", name", NOON), "x");
    ledger.add(LedgerWriter.receipt("größer", NOON.plusMillis(1)), "y");
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void csvQuotesWhatNeedsIt() throws Exception {
    Path file = folder.resolve("r.csv");
    assertThat(Export.write(ledger, Filter.ALL, file)).isEqualTo(2);
    String[] lines = Files.readString(file).split("\r\n");
    assertThat(lines[0])
        .startsWith("time,key,model,prompt_hit,prompt_miss,thinking,answer,queue_seconds,");
    assertThat(lines[1])
        .contains(",x,\"a \"\"quoted\"\", name\",1,2,3,4,0.1,0.02,1.000000003,1.5,10.000000001,8,")
        .endsWith(",rapl,EUR,0.0000012,0.0000031,0,0.0000043,2026-11-28,R1,0.00021");
    assertThat(lines[2]).contains(",y,größer,");
  }

  @Test
  void parquetIsReadByAnotherReaderExactly() throws Exception {
    Path file = folder.resolve("r.parquet");
    assertThat(Export.write(ledger, Filter.ALL, file)).isEqualTo(2);
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
        RowReader rows = reader.rowReader()) {
      assertThat(reader.getFileSchema().getColumnCount()).isEqualTo(Column.ALL.size());
      assertThat(rows.hasNext()).isTrue();
      rows.next();
      assertThat(rows.getString("model")).isEqualTo("a \"quoted\", name");
      assertThat(rows.getTimestamp("time").toEpochMilli()).isEqualTo(NOON.toEpochMilli());
      assertThat(rows.getLong("answer")).isEqualTo(4);
      assertThat(rows.getDecimal("generation_joules")).isEqualByComparingTo("10.000000001");
      assertThat(rows.getDecimal("total")).isEqualByComparingTo("0.0000043");
      rows.next();
      assertThat(rows.getString("model")).isEqualTo("größer");
      assertThat(rows.getString("key")).isEqualTo("y");
      assertThat(rows.hasNext()).isFalse();
    }
  }

  @Test
  void parquetWithoutRowsIsAFileToo() throws Exception {
    Path file = folder.resolve("none.parquet");
    Filter nobody =
        new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("nobody"));
    assertThat(Export.write(ledger, nobody, file)).isZero();
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      assertThat(reader.getFileMetaData().numRows()).isZero();
    }
  }

  @Test
  void jsonLinesHaveWholeReceipts() {
    Path file = folder.resolve("r.jsonl");
    assertThat(Export.write(ledger, Filter.ALL, file)).isEqualTo(2);
    List<JsonNode> lines = JsonLines.read(file);
    assertThat(lines.get(0).path("key").asString()).isEqualTo("x");
    assertThat(lines.get(1).path("elsewhere").get(0).path("name").asString()).isEqualTo("R1");
  }

  @Test
  void anotherNameIsRefusedAndNothingIsLeftBehind() throws Exception {
    assertThatThrownBy(() -> Export.write(ledger, Filter.ALL, folder.resolve("r.xls")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(".csv, .parquet or .jsonl");
    assertThatThrownBy(() -> Export.write(ledger, Filter.ALL, folder.resolve("no/r.csv")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cannot be written");
    try (var names = Files.list(folder)) {
      assertThat(names.map(Path::toString)).noneMatch(n -> n.endsWith(".part"));
    }
  }
}
