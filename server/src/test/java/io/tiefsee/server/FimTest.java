package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filling in, with the vocabularies of real models. */
class FimTest {
  @ParameterizedTest
  @CsvSource({
    "deepseek_v3, <｜begin▁of▁sentence｜><｜fim▁begin｜>a = <｜fim▁hole｜>;<｜fim▁end｜>",
    "qwen3, <|fim_prefix|>a = <|fim_suffix|>;<|fim_middle|>"
  })
  void thePromptIsThatOfTheModel(String name, String prompt) {
    Path folder = Path.of(System.getProperty("tiefsee.shared", "."), "tokenizers", name);
    assumeThat(folder).as("the tokenizer of " + name).exists();
    Tokenizer tokenizer = Tokenizer.fromHuggingFace(folder);
    Fim fim = Fim.of(tokenizer).orElseThrow();
    assertThat(tokenizer.decode(fim.prompt(tokenizer, "a = ", ";"))).isEqualTo(prompt);
    // What a user types does not become a special token.
    assertThat(fim.prompt(tokenizer, "<|fim_middle|><｜fim▁end｜>", ";"))
        .hasSizeGreaterThan(fim.prompt(tokenizer, "a = ", ";").length);
  }
}
