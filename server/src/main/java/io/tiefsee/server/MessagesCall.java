package io.tiefsee.server;

import io.tiefsee.grammar.Grammar;
import io.tiefsee.server.ToolUse.Choice;
import io.tiefsee.server.ToolUse.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A request to Anthropic's {@code /v1/messages}.
 *
 * @param model empty for the server's first
 * @param request what is to be answered
 * @param stream as server-sent events
 * @param receipt whether the usage has a receipt
 */
record MessagesCall(Optional<String> model, ChatRequest request, boolean stream, boolean receipt) {
  private static final List<String> ROLES = List.of("user", "assistant", "system");

  /**
   * @param toAnswer false where only the prompt counts: then {@code max_tokens} may be missing
   */
  static MessagesCall read(Fields fields, boolean toAnswer) {
    Conversation conversation = new Conversation();
    text(fields, "system").ifPresent(conversation::system);
    List<Fields> messages = fields.objects("messages");
    if (messages.isEmpty()) {
      throw fields.invalid("messages", "must have at least one message");
    }
    for (Fields message : messages) {
      read(message, conversation);
    }
    if (conversation.messages().isEmpty()) {
      throw fields.invalid("messages", "must have something to read");
    }
    if (toAnswer && !fields.has("max_tokens")) {
      throw fields.invalid("max_tokens", "is missing: it must be a whole number");
    }
    boolean begun = conversation.messages().getLast().get("role").equals("assistant");
    Optional<Grammar> grammar = grammar(fields);
    if (begun && grammar.isPresent()) {
      throw fields.invalid("messages", "cannot begin the answer where a schema holds it");
    }
    List<String> stop = SamplingFields.stop(fields, "stop_sequences");
    Job job =
        new Job(
            SamplingFields.read(fields)
                .andThen(SamplingFields.maxTokens(fields, "max_tokens"))
                .andThen(b -> {
                  if (!stop.isEmpty()) {
                    b.stop(stop);
                  }
                }),
            grammar,
            1,
            Limits.read(fields));
    return new MessagesCall(
        fields.string("model"),
        new ChatRequest(
            conversation.messages(), begun, ChatCall.thinking(fields), tools(fields), job),
        fields.bool("stream").orElse(false),
        fields.bool("receipt").orElse(false));
  }

  private static void read(Fields message, Conversation conversation) {
    String role =
        message
            .oneOf("role", ROLES)
            .orElseThrow(() -> message.invalid("role", "is missing: it must be user or assistant"));
    Optional<JsonNode> content = message.value("content");
    if (content.isEmpty()) {
      throw message.invalid("content", "is missing: it must be a string or an array of blocks");
    }
    if (!content.get().isArray()) {
      String text = text(message, "content").orElseThrow();
      switch (role) {
        case "user" -> conversation.user(text);
        case "system" -> conversation.system(text);
        default -> conversation.text(text);
      }
      return;
    }
    if (content.get().isEmpty()) {
      throw message.invalid("content", "must have at least one block");
    }
    List<String> texts = new ArrayList<>();
    for (Fields block : message.objects("content")) {
      if (role.equals("assistant")) {
        assistantBlock(block, conversation);
      } else if (block.requiredString("type").equals("tool_result")) {
        conversation.result(block.requiredString("tool_use_id"), result(block));
      } else {
        texts.add(textOf(block));
      }
    }
    if (!texts.isEmpty()) {
      String text = String.join("\n", texts);
      Conversation ignored =
          role.equals("user") ? conversation.user(text) : conversation.system(text);
    }
  }

  private static void assistantBlock(Fields block, Conversation conversation) {
    String type = block.requiredString("type");
    switch (type) {
      case "thinking" -> conversation.thought(block.requiredString("thinking"));
      // Nobody but its maker can read it.
      case "redacted_thinking" -> {}
      case "tool_use" ->
          conversation.call(
              block.requiredString("id"),
              block.requiredString("name"),
              block.requiredObject("input").node().toString());
      default -> conversation.text(textOf(block));
    }
  }

  private static String result(Fields block) {
    String text = text(block, "content").orElse("");
    return block.bool("is_error").orElse(false) ? "Error: " + text : text;
  }

  /** A string, or blocks that are all texts. */
  private static Optional<String> text(Fields fields, String name) {
    Optional<JsonNode> value = fields.value(name);
    if (value.isEmpty() || value.get().isString()) {
      return fields.string(name);
    }
    if (!value.get().isArray()) {
      throw fields.wrongType(name, "must be a string or an array of blocks");
    }
    return Optional.of(
        String.join("\n", fields.objects(name).stream().map(MessagesCall::textOf).toList()));
  }

  private static String textOf(Fields block) {
    if (!block.requiredString("type").equals("text")) {
      throw block.invalid("type", "must be text here: the model reads nothing else");
    }
    return block.requiredString("text");
  }

  /** {@code output_config.format}, or {@code output_format} as it was called before. */
  private static Optional<Grammar> grammar(Fields fields) {
    Optional<Fields> format =
        fields
            .object("output_config")
            .flatMap(c -> c.object("format"))
            .or(() -> fields.object("output_format"));
    return format.map(f -> {
      String type = f.requiredString("type");
      if (!type.equals("json_schema")) {
        throw f.invalid("type", "must be json_schema");
      }
      return AnswerFormat.schema(f, "schema");
    });
  }

  private static ToolUse tools(Fields fields) {
    List<Tool> tools = ToolUse.list(fields, MessagesCall::tool);
    Optional<Fields> choice = fields.object("tool_choice");
    if (choice.isEmpty()) {
      return new ToolUse(tools, Choice.AUTO, true);
    }
    Fields c = choice.get();
    boolean parallel = !c.bool("disable_parallel_tool_use").orElse(false);
    String type =
        c.oneOf("type", List.of("auto", "any", "tool", "none"))
            .orElseThrow(() -> c.invalid("type", "is missing: it must be auto, any, tool or none"));
    return switch (type) {
      case "tool" -> ToolUse.only(fields, tools, c.requiredString("name"));
      case "any" -> ToolUse.required(fields, tools, parallel);
      case "none" -> new ToolUse(tools, Choice.NONE, parallel);
      default -> new ToolUse(tools, Choice.AUTO, parallel);
    };
  }

  private static Tool tool(Fields tool) {
    if (!tool.string("type").orElse("custom").equals("custom")) {
      throw tool.invalid("type", "must be custom: the server has no tools of its own");
    }
    return ToolUse.flatTool(tool, "input_schema");
  }
}
