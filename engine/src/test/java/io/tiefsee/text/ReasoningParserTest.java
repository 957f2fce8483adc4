package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.text.ReasoningParser.Answer;
import io.tiefsee.text.ReasoningParser.Piece;
import io.tiefsee.text.ReasoningParser.Reasoning;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReasoningParserTest {
  private static String[] split(boolean opened, List<String> chunks) {
    ReasoningParser parser = new ReasoningParser("<think>", "</think>", opened);
    List<Piece> pieces = new ArrayList<>();
    chunks.forEach(chunk -> pieces.addAll(parser.feed(chunk)));
    pieces.addAll(parser.finish());
    StringBuilder reasoning = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    for (Piece piece : pieces) {
      assertThat(piece.text()).isNotEmpty();
      switch (piece) {
        case Reasoning r -> {
          assertThat(answer).as("thoughts come first").isEmpty();
          reasoning.append(r.text());
        }
        case Answer a -> answer.append(a.text());
      }
    }
    return new String[] {reasoning.toString(), answer.toString()};
  }

  /** However the text is cut, the same thoughts and the same answer come out. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "false|<think>\\nhm\\n</think>\\n\\nYes.|hm|Yes.",
        "true|hm, so\\n\\n2+2\\n</think>\\n\\n4\\n|hm, so\\n\\n2+2|4\\n",
        "true|\\n\\n</think>\\n\\n4|\"\"|4",
        "false|<think>\\n\\n</think>\\n\\nHello|\"\"|Hello",
        "false|<think></think>Hello|\"\"|Hello",
        "false|just text|\"\"|just text",
        "false|a <think>b</think> c|\"\"|a <think>b</think> c",
        "false|<think>a</think>b<think>c</think>d|a|b<think>c</think>d",
        "true|a</think>b</think>c|a|b</think>c",
        "false|\\n<think>\\n a  b \\n</think> c |a  b|c ",
        "false|<thin|\"\"|<thin",
        "false|<thinker>x|\"\"|<thinker>x",
        "true|a </thin b </think>c|a </thin b|c",
        "true|a <</think>c|a <|c",
        "true|never closed </thi|never closed </thi|\"\"",
        "true|never closed \\n|never closed|\"\"",
        "false|<think>|\"\"|\"\"",
        "true|</think>|\"\"|\"\"",
        "false|<think>a<think>b</think>c|a<think>b|c",
        "false|1 < 2|\"\"|1 < 2",
      })
  void splitsHoweverTheTextIsCut(boolean opened, String text, String reasoning, String answer) {
    String all = text.replace("\\n", "\n");
    String[] expected = {reasoning.replace("\\n", "\n"), answer.replace("\\n", "\n")};
    assertThat(split(opened, List.of(all))).containsExactly(expected);
    assertThat(split(opened, List.of(all.split("")))).containsExactly(expected);
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      List<String> chunks = new ArrayList<>();
      for (int i = 0; i < all.length(); ) {
        int end = Math.min(all.length(), i + random.nextInt(8));
        chunks.add(all.substring(i, end));
        i = end;
      }
      assertThat(split(opened, chunks)).containsExactly(expected);
    }
  }

  @Test
  void givesTextAsSoonAsItIsCertain() {
    ReasoningParser parser = new ReasoningParser("<think>", "</think>", true);
    assertThat(parser.feed("one two ")).containsExactly(new Reasoning("one two"));
    assertThat(parser.feed("three </th")).containsExactly(new Reasoning(" three"));
    assertThat(parser.thinking()).isTrue();
    assertThat(parser.feed("ink>\n")).isEmpty();
    assertThat(parser.thinking()).isFalse();
    assertThat(parser.feed("\nYes")).containsExactly(new Answer("Yes"));
    assertThat(parser.feed(" <")).containsExactly(new Answer(" <"));
    assertThat(parser.finish()).isEmpty();
  }

  @Test
  void seesFromThePromptWhetherTheTemplateOpenedTheBlock() {
    assertThat(ReasoningParser.forPrompt("<｜Assistant｜><think>\n").thinking()).isTrue();
    assertThat(ReasoningParser.forPrompt("<｜Assistant｜><think>").thinking()).isTrue();
    assertThat(ReasoningParser.forPrompt("<think>\n\n</think>\n\n").thinking()).isFalse();
    assertThat(ReasoningParser.forPrompt("<｜Assistant｜>").thinking()).isFalse();
  }

  @Test
  void tagsCanBeChosen() {
    ReasoningParser parser = new ReasoningParser("[THINK]", "[/THINK]", false);
    assertThat(parser.feed("[THINK]a[/THINK]b"))
        .containsExactly(new Reasoning("a"), new Answer("b"));
  }
}
