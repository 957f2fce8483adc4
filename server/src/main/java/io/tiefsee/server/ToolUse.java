package io.tiefsee.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The functions that a model may call in its answer, and whether it has to.
 *
 * @param parallel whether it may call several at once
 */
public record ToolUse(List<Tool> tools, Choice choice, boolean parallel) {
  /** None at all. */
  public static final ToolUse NONE = new ToolUse(List.of(), Choice.NONE, true);

  private static final int MAX_TOOLS = 1024;

  /** Whether functions are called. */
  public enum Choice {
    NONE,
    /** As the model likes. */
    AUTO,
    REQUIRED
  }

  /**
   * A function.
   *
   * @param parameters a JSON schema; empty where it takes none
   * @param strict whether calls have to obey the schema in full
   * @param given as templates take it
   */
  public record Tool(
      String name, Optional<JsonNode> parameters, boolean strict, Map<String, Object> given) {}

  public ToolUse {
    tools = List.copyOf(tools);
  }

  /** Whether the answer may have calls in it. */
  public boolean isPossible() {
    return choice != Choice.NONE && !tools.isEmpty();
  }

  Set<String> names() {
    return tools.stream().map(Tool::name).collect(Collectors.toSet());
  }

  /** OpenAI's {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}. */
  static ToolUse read(Fields fields) {
    List<Fields> given = fields.objects("tools");
    if (given.size() > MAX_TOOLS) {
      throw fields.invalid("tools", "must be at most " + MAX_TOOLS);
    }
    List<Tool> tools = new ArrayList<>();
    for (Fields tool : given) {
      tools.add(tool(tool));
    }
    boolean parallel = fields.bool("parallel_tool_calls").orElse(true);
    Optional<JsonNode> choice = fields.value("tool_choice");
    if (choice.isPresent() && choice.get().isObject()) {
      String name =
          fields.requiredObject("tool_choice").requiredObject("function").requiredString("name");
      List<Tool> named = tools.stream().filter(t -> t.name().equals(name)).toList();
      if (named.isEmpty()) {
        throw fields.invalid("tool_choice", "names '" + name + "', which is not among the tools");
      }
      return new ToolUse(named, Choice.REQUIRED, false);
    }
    if (choice.isPresent() && !choice.get().isString()) {
      throw fields.wrongType("tool_choice", "must be a string or an object");
    }
    String word = fields.oneOf("tool_choice", List.of("none", "auto", "required")).orElse("auto");
    if (word.equals("required") && tools.isEmpty()) {
      throw fields.invalid("tool_choice", "is required, but there are no tools");
    }
    return switch (word) {
      case "none" -> new ToolUse(tools, Choice.NONE, parallel);
      case "required" -> new ToolUse(tools, Choice.REQUIRED, parallel);
      default -> new ToolUse(tools, Choice.AUTO, parallel);
    };
  }

  private static Tool tool(Fields tool) {
    if (!tool.string("type").orElse("function").equals("function")) {
      throw tool.invalid("type", "must be function");
    }
    Fields function = tool.requiredObject("function");
    String name = function.requiredString("name");
    if (!name.matches("[A-Za-z0-9_.-]{1,128}")) {
      throw function.invalid("name", "must be 1 to 128 letters, digits, _, - or .");
    }
    return new Tool(
        name,
        function.object("parameters").map(Fields::node),
        function.bool("strict").orElse(false),
        Map.of("type", "function", "function", function.toMap()));
  }
}
