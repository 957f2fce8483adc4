package io.tiefsee.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.model.Golden;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokenizer is read beside the weights; its faults have to come out all the same. */
final class ModelFilesTest {
  private static final Path TINY = Golden.ROOT.resolve("gguf/llama_tiny.Q4_0.gguf");

  @TempDir private Path folder;

  private Path withUnknownTokenizer() throws IOException {
    String whole = Files.readString(TINY, ISO_8859_1);
    assertThat(whole).contains("gpt2");
    return Files.writeString(folder.resolve("odd.gguf"), whole.replace("gpt2", "gptX"), ISO_8859_1);
  }

  @Test
  void aSoundModelHasItsText() {
    try (ModelFiles files = ModelFiles.open(TINY)) {
      assertThat(files.folder().tokenizer()).isPresent();
      files.failEarly();
    }
  }

  @Test
  void anUnknownTokenizerIsToldToWhoeverWantsIt() throws IOException {
    try (ModelFiles files = ModelFiles.open(withUnknownTokenizer())) {
      assertThatThrownBy(files::folder).isInstanceOf(BadInput.class).hasMessageContaining("gptX");
      assertThatThrownBy(files::failEarly).isInstanceOf(BadInput.class);
    }
  }

  @Test
  void anUnknownTokenizerEndsTheLoading() throws IOException {
    Path odd = withUnknownTokenizer();
    assertThatThrownBy(() -> Engine.open(odd))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("gptX");
  }
}
