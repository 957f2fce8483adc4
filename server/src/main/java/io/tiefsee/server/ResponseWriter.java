package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.price.Receipt;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an answer as OpenAI's Responses API has it: as events while it is made, and as a whole at
 * the end. Thoughts are an item of type {@code reasoning}, their text in its {@code content}.
 */
final class ResponseWriter implements Block.Listener {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final ResponsesCall call;
  private final Sample sample;
  private final TokenJson tokenJson;
  private final EventSink sink;
  private final ObjectNode response;
  private final ArrayNode output = NODES.arrayNode();
  private String itemId = "";
  private boolean started;
  private int sequence;

  ResponseWriter(ResponsesCall call, Completion completion, EventSink sink) {
    this.call = call;
    this.sample = completion.samples().getFirst();
    this.tokenJson = new TokenJson(completion.lease().tokenizer());
    this.sink = sink;
    this.response = envelope(call, completion);
  }

  private static ObjectNode envelope(ResponsesCall call, Completion completion) {
    SamplingParams defaults = completion.lease().engine().defaults();
    ObjectNode r = JsonMapper.shared().createObjectNode();
    r.put("id", Ids.of("resp_")).put("object", "response");
    r.put("created_at", Instant.now().getEpochSecond()).put("status", "in_progress");
    r.put("background", false).putNull("error").putNull("incomplete_details");
    for (String name : List.of("instructions", "max_output_tokens")) {
      r.set(name, call.given(name, NODES.nullNode()));
    }
    r.put("model", completion.model().name()).putArray("output");
    r.set("parallel_tool_calls", call.given("parallel_tool_calls", NODES.booleanNode(true)));
    r.set("previous_response_id", call.given("previous_response_id", NODES.nullNode()));
    ObjectNode reasoning = r.putObject("reasoning").putNull("effort").putNull("summary");
    if (call.given("reasoning", NODES.nullNode()) instanceof ObjectNode given) {
      reasoning.setAll(given);
    }
    r.put("store", call.store());
    r.set("temperature", call.given("temperature", NODES.numberNode(defaults.temperature())));
    ObjectNode text = r.putObject("text");
    text.putObject("format").put("type", "text");
    if (call.given("text", NODES.nullNode()) instanceof ObjectNode given) {
      text.setAll(given);
    }
    r.set("tool_choice", call.given("tool_choice", NODES.stringNode("auto")));
    r.set("tools", call.given("tools", NODES.arrayNode()));
    r.set("top_logprobs", call.given("top_logprobs", NODES.numberNode(0)));
    r.set("top_p", call.given("top_p", NODES.numberNode(defaults.topP())));
    r.put("truncation", "disabled").putNull("usage");
    r.set("user", call.given("user", NODES.nullNode()));
    r.set("metadata", call.given("metadata", NODES.objectNode()));
    return r;
  }

  private ObjectNode event(String type) {
    return JsonMapper.shared()
        .createObjectNode()
        .put("type", "response." + type)
        .put("sequence_number", sequence++);
  }

  private ObjectNode event(String type, Block block) {
    return event(type).put("item_id", itemId).put("output_index", block.index());
  }

  private void sendResponse(String type) throws ClientGoneException {
    ObjectNode event = event(type);
    event.set("response", response.deepCopy());
    sink.send(event);
  }

  private void start() throws ClientGoneException {
    if (!started) {
      started = true;
      sendResponse("created");
      sendResponse("in_progress");
    }
  }

  @Override
  public void begin(Block block) throws ClientGoneException {
    start();
    itemId =
        Ids.of(
            switch (block.kind()) {
              case THOUGHTS -> "rs_";
              case TEXT -> "msg_";
              case CALL -> "fc_";
            });
    ObjectNode added = event("output_item.added").put("output_index", block.index());
    added.set("item", item(block, "in_progress"));
    sink.send(added);
    if (block.kind() != Block.Kind.CALL) {
      ObjectNode part = event("content_part.added", block).put("content_index", 0);
      part.set("part", part(block));
      sink.send(part);
    }
  }

  @Override
  public void more(Block block, String text, List<Generation.Token> tokens)
      throws ClientGoneException {
    switch (block.kind()) {
      case THOUGHTS ->
          sink.send(
              event("reasoning_text.delta", block).put("content_index", 0).put("delta", text));
      case TEXT -> {
        ObjectNode delta =
            event("output_text.delta", block).put("content_index", 0).put("delta", text);
        delta.set("logprobs", logProbs(tokens));
        sink.send(delta);
      }
      case CALL -> sink.send(event("function_call_arguments.delta", block).put("delta", text));
    }
  }

  @Override
  public void end(Block block) throws ClientGoneException {
    switch (block.kind()) {
      case THOUGHTS ->
          sink.send(
              event("reasoning_text.done", block)
                  .put("content_index", 0)
                  .put("text", block.text()));
      case TEXT -> {
        ObjectNode done =
            event("output_text.done", block).put("content_index", 0).put("text", block.text());
        done.set("logprobs", logProbs(block.tokens()));
        sink.send(done);
      }
      case CALL ->
          sink.send(
              event("function_call_arguments.done", block)
                  .put("name", block.call().name())
                  .put("arguments", block.text()));
    }
    if (block.kind() != Block.Kind.CALL) {
      ObjectNode part = event("content_part.done", block).put("content_index", 0);
      part.set("part", part(block));
      sink.send(part);
    }
    ObjectNode item = item(block, "completed");
    output.add(item);
    ObjectNode done = event("output_item.done").put("output_index", block.index());
    done.set("item", item);
    sink.send(done);
  }

  private ArrayNode logProbs(List<Generation.Token> tokens) {
    return call.logProbs() ? tokenJson.of(tokens) : NODES.arrayNode();
  }

  /** An item as it is so far. */
  private ObjectNode item(Block block, String status) {
    ObjectNode item = JsonMapper.shared().createObjectNode().put("id", itemId);
    switch (block.kind()) {
      case THOUGHTS -> item.put("type", "reasoning").put("status", status).putArray("summary");
      case TEXT -> item.put("type", "message").put("status", status).put("role", "assistant");
      case CALL ->
          item.put("type", "function_call")
              .put("status", status)
              .put("call_id", block.call().id())
              .put("name", block.call().name())
              .put("arguments", block.text());
    }
    if (block.kind() != Block.Kind.CALL) {
      ArrayNode content = item.putArray("content");
      if (!block.text().isEmpty()) {
        content.add(part(block));
      }
    }
    return item;
  }

  private ObjectNode part(Block block) {
    ObjectNode part = JsonMapper.shared().createObjectNode();
    if (block.kind() == Block.Kind.THOUGHTS) {
      return part.put("type", "reasoning_text").put("text", block.text());
    }
    part.put("type", "output_text").put("text", block.text()).putArray("annotations");
    part.set("logprobs", logProbs(block.tokens()));
    return part;
  }

  /**
   * Behind the last item; {@link #sendEnd} has to follow.
   *
   * @param receipt for the usage
   * @return the whole response
   */
  ObjectNode finish(Optional<Receipt> receipt) {
    response.set("output", output);
    ObjectNode usage = TokenUsage.of(List.of(sample)).responses();
    receipt.ifPresent(r -> usage.set("receipt", Json.tree(r.toMap())));
    response.set("usage", usage);
    switch (sample.finishReason()) {
      case STOP -> response.put("status", "completed");
      case LENGTH -> incomplete("max_output_tokens");
      case CANCELLED, TIMEOUT -> incomplete("insufficient_system_resource");
    }
    return response;
  }

  private void incomplete(String reason) {
    response.put("status", "incomplete").putObject("incomplete_details").put("reason", reason);
    if (!output.isEmpty() && output.get(output.size() - 1) instanceof ObjectNode last) {
      last.put("status", "incomplete");
    }
  }

  /** Sends the event that ends the stream. */
  void sendEnd() throws ClientGoneException {
    start();
    sendResponse(response.path("status").stringValue());
  }
}
