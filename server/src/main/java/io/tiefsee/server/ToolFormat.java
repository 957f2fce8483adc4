package io.tiefsee.server;

import io.tiefsee.server.ToolUse.Tool;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/** How models of a family write calls of functions. */
enum ToolFormat {
  /**
   * DeepSeek and R1's distills: {@code
   * <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME}, then the arguments as a block
   * of JSON, {@code <｜tool▁call▁end｜>}, more calls, {@code <｜tool▁calls▁end｜>}.
   */
  DEEPSEEK(
      List.of("<｜tool▁call▁begin｜>"),
      List.of("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
      "<｜tool▁call▁end｜>"),

  /** DeepSeek since V3.1: the same tags, without {@code function} and without a block. */
  DEEPSEEK_V31(
      List.of("<｜tool▁call▁begin｜>"),
      List.of("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"),
      "<｜tool▁call▁end｜>"),

  /** Qwen and Hermes: {@code <tool_call>{"name":…,"arguments":…}</tool_call>}. */
  HERMES(List.of("<tool_call>"), List.of(), "</tool_call>"),

  /** Llama 3: the answer is {@code {"name":…,"parameters":…}} and nothing else. */
  LLAMA(List.of(), List.of("<|python_tag|>"), "}");

  private static final Pattern TAKES_TOOLS = Pattern.compile("\\btools\\b");

  /** Behind which a call begins. */
  private final List<String> openers;

  /** Tags that mean nothing by themselves. */
  private final List<String> dropped;

  /** What ends a call behind its arguments. */
  private final String closer;

  ToolFormat(List<String> openers, List<String> dropped, String closer) {
    this.openers = openers;
    this.dropped = dropped;
    this.closer = closer;
  }

  List<String> openers() {
    return openers;
  }

  List<String> dropped() {
    return dropped;
  }

  String closer() {
    return closer;
  }

  /** The format that a chat template writes earlier calls in; Hermes's where it knows none. */
  static ToolFormat of(String template) {
    if (template.contains("<｜tool▁call▁begin｜>")) {
      return template.contains("```json") ? DEEPSEEK : DEEPSEEK_V31;
    }
    boolean llama = template.contains("<|python_tag|>") || template.contains("\"parameters\"");
    return llama && !template.contains("<tool_call>") ? LLAMA : HERMES;
  }

  /** Whether a template tells the model about the tools by itself. */
  static boolean takesTools(String template) {
    return TAKES_TOOLS.matcher(template).find();
  }

  /**
   * Whether it is one of DeepSeek's. Their templates want the arguments of earlier calls as a text,
   * the others as values.
   */
  boolean isDeepSeek() {
    return this == DEEPSEEK || this == DEEPSEEK_V31;
  }

  /** Tells the model about the tools, for templates that do not. */
  String instructions(List<Tool> tools) {
    StringBuilder text =
        new StringBuilder("# Tools\n\nYou may call functions. These are there, as JSON:\n");
    for (Tool tool : tools) {
      text.append(JsonMapper.shared().writeValueAsString(function(tool))).append('\n');
    }
    return text.append("\nTo call one, write exactly:\n")
        .append(example())
        .append("\nOtherwise answer in plain text.")
        .toString();
  }

  private static Object function(Tool tool) {
    return tool.given().getOrDefault("function", Map.of());
  }

  private String example() {
    return switch (this) {
      case DEEPSEEK ->
          "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME\n"
              + "```json\n{\"ARGUMENT\": VALUE}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
      case DEEPSEEK_V31 ->
          "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{\"ARGUMENT\": VALUE}"
              + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
      case HERMES ->
          "<tool_call>\n{\"name\": \"NAME\", \"arguments\": {\"ARGUMENT\": VALUE}}\n</tool_call>";
      case LLAMA -> "{\"name\": \"NAME\", \"parameters\": {\"ARGUMENT\": VALUE}}";
    };
  }
}
