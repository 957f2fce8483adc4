package io.tiefsee.server;

import io.tiefsee.grammar.Grammar;
import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.server.ToolUse.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request to OpenAI's {@code /v1/responses}.
 *
 * @param model empty for the server's first
 * @param request what is to be answered, with what came before
 * @param conversation its messages without the instructions, which hold for this request only
 * @param input the items that were asked, each with an id
 * @param store whether the response is kept
 * @param logProbs whether log-probabilities are wanted
 * @param receipt whether the usage has a receipt
 * @param given the request as it came
 */
record ResponsesCall(
    Optional<String> model,
    ChatRequest request,
    List<Map<String, Object>> conversation,
    ArrayNode input,
    boolean stream,
    boolean store,
    boolean logProbs,
    boolean receipt,
    Fields given) {

  private static final int MAX_TOP_LOGPROBS = 20;
  private static final List<String> ROLES = List.of("user", "assistant", "system", "developer");

  /** What cannot be done here, and would be missed if it were ignored. */
  private static final List<String> REFUSED = List.of("conversation", "prompt");

  static ResponsesCall read(Fields fields, ResponseStore store, Caller caller) {
    for (String name : REFUSED) {
      if (fields.has(name)) {
        throw fields.invalid(name, "is not supported: use previous_response_id or input");
      }
    }
    if (fields.bool("background").orElse(false)) {
      throw fields.invalid("background", "must be false: use stream for long answers");
    }
    if (fields.oneOf("truncation", List.of("auto", "disabled")).orElse("").equals("auto")) {
      throw fields.invalid("truncation", "must be disabled: leave out old items instead");
    }
    Conversation conversation =
        Conversation.after(
            fields
                .string("previous_response_id")
                .map(id -> earlier(fields, store.get(id, caller)))
                .orElse(List.of()));
    ArrayNode input = readInput(fields, conversation);
    List<Map<String, Object>> asked = conversation.messages();
    if (asked.isEmpty()) {
      throw fields.invalid("input", "must have at least one item");
    }
    List<Map<String, Object>> messages = new ArrayList<>(asked);
    fields
        .string("instructions")
        .ifPresent(text -> messages.addAll(0, new Conversation().system(text).messages()));
    Optional<Fields> reasoning = fields.object("reasoning");
    OptionalInt top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
    boolean included = fields.strings("include").contains("message.output_text.logprobs");
    boolean logProbs = included || top.orElse(0) > 0;
    Job job =
        new Job(
            SamplingFields.read(fields)
                .andThen(SamplingFields.maxTokens(fields, "max_output_tokens"))
                .andThen(b -> {
                  if (logProbs) {
                    b.logProbs(top.orElse(0));
                  }
                }),
            grammar(fields),
            1,
            Limits.read(
                fields,
                reasoning.orElse(fields),
                reasoning.isPresent() ? "effort" : "reasoning_effort"));
    return new ResponsesCall(
        fields.string("model"),
        new ChatRequest(messages, false, ChatCall.thinking(fields), tools(fields), job),
        asked,
        input,
        fields.bool("stream").orElse(false),
        fields.bool("store").orElse(true),
        logProbs,
        fields.bool("receipt").orElse(false),
        fields);
  }

  private static List<Map<String, Object>> earlier(
      Fields fields, Optional<ResponseStore.Stored> stored) {
    return stored
        .map(ResponseStore.Stored::messages)
        .orElseThrow(() ->
            ApiException.field(
                Kind.INVALID,
                "previous_response_id",
                "names no response that is kept here: "
                    + fields.string("previous_response_id").orElse("")));
  }

  private static ArrayNode readInput(Fields fields, Conversation conversation) {
    ArrayNode items = JsonMapper.shared().createArrayNode();
    JsonNode input = fields.value("input").orElseThrow(() -> fields.invalid("input", "is missing"));
    if (input.isString()) {
      conversation.user(input.stringValue());
      ObjectNode item =
          items.addObject().put("type", "message").put("id", Ids.of("msg_")).put("role", "user");
      item.putArray("content")
          .addObject()
          .put("type", "input_text")
          .put("text", input.stringValue());
      return items;
    }
    if (!input.isArray()) {
      throw fields.wrongType("input", "must be a string or an array of items");
    }
    for (Fields item : fields.objects("input")) {
      read(item, conversation);
      ObjectNode kept = (ObjectNode) item.node().deepCopy();
      if (!kept.path("id").isString()) {
        kept.put("id", Ids.of("item_"));
      }
      if (!kept.path("type").isString()) {
        kept.put("type", "message");
      }
      items.add(kept);
    }
    return items;
  }

  private static void read(Fields item, Conversation conversation) {
    String type = item.string("type").orElse("message");
    switch (type) {
      case "message" -> message(item, conversation);
      case "function_call" ->
          conversation.call(
              item.requiredString("call_id"),
              item.requiredString("name"),
              item.requiredString("arguments"));
      case "function_call_output" ->
          conversation.result(item.requiredString("call_id"), text(item, "output"));
      case "reasoning" -> {
        List<Fields> parts = item.objects("content");
        for (Fields part : parts.isEmpty() ? item.objects("summary") : parts) {
          conversation.thought(part.requiredString("text"));
        }
      }
      default ->
          throw item.invalid(
              "type", "must be one of message, function_call, function_call_output, reasoning");
    }
  }

  private static void message(Fields item, Conversation conversation) {
    String role =
        item.oneOf("role", ROLES)
            .orElseThrow(() ->
                item.invalid("role", "is missing: it must be one of " + String.join(", ", ROLES)));
    String text = text(item, "content");
    switch (role) {
      case "user" -> conversation.user(text);
      case "assistant" -> conversation.text(text);
      default -> conversation.system(text);
    }
  }

  /** A string, or parts that are all texts. */
  private static String text(Fields item, String name) {
    JsonNode value =
        item.value(name)
            .orElseThrow(
                () -> item.invalid(name, "is missing: it must be a string or an array of parts"));
    if (value.isString()) {
      return value.stringValue();
    }
    if (!value.isArray()) {
      throw item.wrongType(name, "must be a string or an array of parts");
    }
    StringBuilder text = new StringBuilder();
    for (Fields part : item.objects(name)) {
      String type = part.requiredString("type");
      switch (type) {
        case "input_text", "output_text", "text" -> text.append(part.requiredString("text"));
        case "refusal" -> text.append(part.requiredString("refusal"));
        default ->
            throw part.invalid("type", "must be input_text or output_text: nothing else is read");
      }
    }
    return text.toString();
  }

  private static Optional<Grammar> grammar(Fields fields) {
    Optional<Fields> format = fields.object("text").flatMap(t -> t.object("format"));
    return format.flatMap(f -> AnswerFormat.read(f, schema -> schema));
  }

  private static ToolUse tools(Fields fields) {
    return ToolUse.read(
        fields,
        ToolUse.list(fields, ResponsesCall::tool),
        choice -> {
          if (!choice.requiredString("type").equals("function")) {
            throw choice.invalid("type", "must be function");
          }
          return choice.requiredString("name");
        });
  }

  private static Tool tool(Fields tool) {
    if (!tool.requiredString("type").equals("function")) {
      throw tool.invalid("type", "must be function: the server has no tools of its own");
    }
    return ToolUse.flatTool(tool, "parameters");
  }

  /** A field of the request as a response repeats it. */
  JsonNode given(String name, JsonNode otherwise) {
    return given.value(name).orElse(otherwise);
  }
}
