package io.tiefsee.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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

  /** The chat API's {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}. */
  static ToolUse read(Fields fields) {
    return read(
        fields,
        list(fields, ToolUse::chatTool),
        choice -> choice.requiredObject("function").requiredString("name"));
  }

  /**
   * OpenAI's {@code tool_choice} and {@code parallel_tool_calls}.
   *
   * @param nameIn the function that a choice names
   */
  static ToolUse read(Fields fields, List<Tool> tools, Function<Fields, String> nameIn) {
    boolean parallel = fields.bool("parallel_tool_calls").orElse(true);
    Optional<JsonNode> choice = fields.value("tool_choice");
    if (choice.isPresent() && choice.get().isObject()) {
      return only(fields, tools, nameIn.apply(fields.requiredObject("tool_choice")));
    }
    if (choice.isPresent() && !choice.get().isString()) {
      throw fields.wrongType("tool_choice", "must be a string or an object");
    }
    String word = fields.oneOf("tool_choice", List.of("none", "auto", "required")).orElse("auto");
    return switch (word) {
      case "none" -> new ToolUse(tools, Choice.NONE, parallel);
      case "required" -> required(fields, tools, parallel);
      default -> new ToolUse(tools, Choice.AUTO, parallel);
    };
  }

  /** The answer has to call one of the functions. */
  static ToolUse required(Fields fields, List<Tool> tools, boolean parallel) {
    if (tools.isEmpty()) {
      throw fields.invalid("tool_choice", "is required, but there are no tools");
    }
    return new ToolUse(tools, Choice.REQUIRED, parallel);
  }

  /** The answer has to call this function. */
  static ToolUse only(Fields fields, List<Tool> tools, String name) {
    List<Tool> named = tools.stream().filter(t -> t.name().equals(name)).toList();
    if (named.isEmpty()) {
      throw fields.invalid("tool_choice", "names '" + name + "', which is not among the tools");
    }
    return new ToolUse(named, Choice.REQUIRED, false);
  }

  /** The tools of a request. */
  static List<Tool> list(Fields fields, Function<Fields, Tool> read) {
    List<Fields> given = fields.objects("tools");
    if (given.size() > MAX_TOOLS) {
      throw fields.invalid("tools", "must be at most " + MAX_TOOLS);
    }
    return given.stream().map(read).toList();
  }

  private static Tool chatTool(Fields tool) {
    if (!tool.string("type").orElse("function").equals("function")) {
      throw tool.invalid("type", "must be function");
    }
    Fields function = tool.requiredObject("function");
    return tool(function, "parameters", function.toMap());
  }

  /**
   * A function that is described without an object around it.
   *
   * @param parameters the name of the field with the schema
   */
  static Tool flatTool(Fields tool, String parameters) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.requiredString("name"));
    tool.string("description").ifPresent(d -> function.put("description", d));
    tool.object(parameters).ifPresent(p -> function.put("parameters", p.toMap()));
    return tool(tool, parameters, function);
  }

  private static Tool tool(Fields function, String parameters, Map<String, Object> given) {
    String name = function.requiredString("name");
    if (!name.matches("[A-Za-z0-9_.-]{1,128}")) {
      throw function.invalid("name", "must be 1 to 128 letters, digits, _, - or .");
    }
    return new Tool(
        name,
        function.object(parameters).map(Fields::node),
        function.bool("strict").orElse(false),
        Map.of("type", "function", "function", given));
  }
}
