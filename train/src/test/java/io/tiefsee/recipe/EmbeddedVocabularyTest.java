package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EmbeddedVocabularyTest {
  private final EmbeddedVocabulary vocabulary =
      new EmbeddedVocabulary(List.of("Use", " to", " make", " number", " numbers", " größer"));
  private final Tokenizer tokenizer = vocabulary.tokenizer();

  private List<String> tokens(String text) {
    return Arrays.stream(tokenizer.encode(text, true))
        .mapToObj(id -> tokenizer.decode(id))
        .toList();
  }

  @Test
  void smallNumbersAfterASpaceAreOneToken() {
    assertThat(tokens("Use 3, 42 to make 117"))
        .containsExactly("Use", " 3", ",", " 42", " to", " make", " 11", "7");
    assertThat(tokens("(17 + 99) * 2048 = 05"))
        .containsExactly("(", "1", "7", " +", " 99", ")", " *", " 20", "4", "8", " =", " 0", "5");
  }

  @Test
  void wordsOfTheListAreOneTokenEach() {
    assertThat(tokens("Use number numbers größer"))
        .containsExactly("Use", " number", " numbers", " größer");
  }

  @Test
  void anyTextGoesThrough() {
    for (String text : List.of("", "Ünïcode \t\r\n\n  x", "汉字 🦕 \u0000", "a\u00A0b", "３ ٣")) {
      assertThat(tokenizer.decode(tokenizer.encode(text, true))).isEqualTo(text);
    }
  }

  @Test
  void templateHasTheFormOfR1() {
    ChatTemplate template =
        ChatTemplate.ofGguf(
            Optional.of(EmbeddedVocabulary.CHAT_TEMPLATE),
            Map.of("bos_token", EmbeddedVocabulary.BEGIN, "eos_token", EmbeddedVocabulary.END));
    String prompt =
        template.render(
            ChatTemplate.Request.of(
                List.of(
                    new ChatTemplate.Message("user", "A"),
                    new ChatTemplate.Message("assistant", "<think>\nno\n</think>\n\nB"),
                    new ChatTemplate.Message("user", "C"))));
    assertThat(prompt)
        .isEqualTo(
            "<｜begin▁of▁sentence｜><｜User｜>A<｜Assistant｜>\n\nB<｜end▁of▁sentence｜>"
                + "<｜User｜>C<｜Assistant｜><think>\n");
    int[] ids = tokenizer.encode(prompt, true);
    assertThat(Arrays.stream(ids).mapToObj(tokenizer::text).toList())
        .startsWith(EmbeddedVocabulary.BEGIN, EmbeddedVocabulary.USER, "A")
        .endsWith(EmbeddedVocabulary.ASSISTANT, EmbeddedVocabulary.THINK, "\u010A");
    assertThat(tokenizer.endOfGeneration()).containsExactly(tokenizer.eos().orElseThrow());
  }
}
