package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetTest {
  @TempDir private Path folder;

  @Test
  void blankLinesAndFurtherMembersDoNoHarm() throws IOException {
    Path file = folder.resolve("data.jsonl");
    Files.writeString(
        file, "\n{\"prompt\":\"p\",\"thinking\":\"t\",\"answer\":\"a\",\"more\":[1]}\n\n");
    assertThat(Dataset.read(file)).containsExactly(Demonstration.of("p", "t", "a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"prompt\": \"p\", | line 2 is no JSON object",
        "[1] | line 2 lacks the text \"prompt\"",
        "17 | line 2 lacks the text \"prompt\"",
        "{\"prompt\":\"p\",\"thinking\":5,\"answer\":\"a\"} | line 2 lacks the text \"thinking\"",
        "{\"prompt\":\"p\",\"thinking\":\"t\"} | line 2 lacks the text \"answer\"",
      })
  void aBrokenLineIsNamed(String line, String message) throws IOException {
    Path file = folder.resolve("data.jsonl");
    Files.writeString(
        file, "{\"prompt\":\"p\",\"thinking\":\"t\",\"answer\":\"a\"}\n" + line + "\n");
    assertThatThrownBy(() -> Dataset.read(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("data.jsonl, " + message);
  }

  @Test
  void filesThatAreNoDataSets() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
    Path binary =
        Files.write(folder.resolve("binary"), "\u00ff".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Dataset.read(empty)).hasMessageContaining("has no examples");
    assertThatThrownBy(() -> Dataset.read(binary)).hasMessageContaining("is not UTF-8");
    assertThatThrownBy(() -> Dataset.read(folder.resolve("none")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("does not exist");
  }
}
