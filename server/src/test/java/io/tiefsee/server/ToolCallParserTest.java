package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls in the text of an answer, in whatever pieces it arrives. */
class ToolCallParserTest {
  private static final Set<String> NAMES = Set.of("add", "now");

  /** All of an answer as one line: text, and {@code [name arguments]} for each call. */
  private static String read(ToolFormat format, List<String> pieces) {
    ToolCallParser parser = new ToolCallParser(format, NAMES);
    List<AnswerPart> parts = new ArrayList<>();
    pieces.forEach(p -> parts.addAll(parser.feed(p)));
    parts.addAll(parser.finish());
    StringBuilder line = new StringBuilder();
    int call = -1;
    for (AnswerPart part : parts) {
      switch (part) {
        case AnswerPart.Thought t -> throw new AssertionError("thoughts are none of its business");
        case AnswerPart.Text t -> line.append(t.text());
        case AnswerPart.Call c -> {
          assertThat(c.index()).isEqualTo(++call);
          assertThat(c.id()).startsWith("call_");
          line.append("[").append(c.name()).append("]");
        }
        case AnswerPart.Arguments a -> {
          assertThat(a.index()).isEqualTo(call);
          line.append(a.text());
        }
      }
    }
    return line.toString();
  }

  /** The same for every place where the text may be cut in two, and for single characters. */
  private static String read(ToolFormat format, String text) {
    String whole = read(format, List.of(text));
    for (int i = 1; i < text.length(); i++) {
      assertThat(read(format, List.of(text.substring(0, i), text.substring(i))))
          .as("cut at %d", i)
          .isEqualTo(whole);
    }
    assertThat(read(format, text.chars().mapToObj(c -> String.valueOf((char) c)).toList()))
        .isEqualTo(whole);
    return whole;
  }

  @ParameterizedTest
  @EnumSource(ToolFormat.class)
  void textWithoutCallsIsLeftAlone(ToolFormat format) {
    for (String text : List.of("", "Hello.", "a < b, {x} <tool", "  two\n\nlines \n")) {
      assertThat(read(format, text)).isEqualTo(text);
    }
  }

  @Test
  void deepSeek() {
    assertThat(
            read(
                ToolFormat.DEEPSEEK,
                "I look.\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n"
                    + "```json\n{\"a\": \"}{\\\"\", \"b\": [1]}\n```<｜tool▁call▁end｜>\n"
                    + "<｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{}\n```"
                    + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"))
        .isEqualTo("I look.[add]{\"a\": \"}{\\\"\", \"b\": [1]}[now]{}");
    assertThat(
            read(
                ToolFormat.DEEPSEEK_V31,
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1}"
                    + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"))
        .isEqualTo("[add]{\"a\": 1}");
  }

  @Test
  void hermes() {
    assertThat(
            read(
                ToolFormat.HERMES,
                "Well.\n\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": {\"b\": 2}}}\n"
                    + "</tool_call>\n<tool_call>{\"arguments\":{\"c\":3},\"name\":\"now\"}"
                    + "</tool_call>\n"))
        .isEqualTo("Well.[add]{\"a\": {\"b\": 2}}[now]{\"c\":3}");
  }

  @Test
  void llama() {
    assertThat(
            read(
                ToolFormat.LLAMA,
                "<|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 1}}; "
                    + "{\"name\": \"now\", \"parameters\": {}}"))
        .isEqualTo("[add]{\"a\": 1}[now]{}");
    assertThat(read(ToolFormat.LLAMA, "{\"name\": \"add\", \"parameters\": {\"a\": 1}}"))
        .isEqualTo("[add]{\"a\": 1}");
  }

  @Test
  void whatOnlyLooksLikeACallIsText() {
    String json = "{\"name\": \"Ada\", \"parameters\": {\"born\": 1815}}";
    assertThat(read(ToolFormat.LLAMA, json)).isEqualTo(json);
    assertThat(read(ToolFormat.HERMES, "<tool_call>no</tool_call>"))
        .isEqualTo("<tool_call>no</tool_call>");
    assertThat(read(ToolFormat.HERMES, "<tool_call>\n{\"name\": "))
        .isEqualTo("<tool_call>\n{\"name\": ");
  }

  @Test
  void argumentsArriveAsTheyAreWritten() {
    ToolCallParser parser = new ToolCallParser(ToolFormat.HERMES, NAMES);
    assertThat(parser.feed("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"text\": \"long"))
        .hasSize(2);
    assertThat(parser.feed(" story")).containsExactly(new AnswerPart.Arguments(0, " story"));
  }
}
