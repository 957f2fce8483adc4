package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.price.Receipt;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes an answer as Anthropic's API has it: as events while it is made, and as a whole at the
 * end.
 */
final class MessageWriter implements Block.Listener {
  /** Clients send it back with the thoughts; nothing hangs on it. */
  private static final String SIGNATURE = "tiefsee";

  private final EventSink sink;
  private final Sample sample;
  private final ObjectNode message = JsonMapper.shared().createObjectNode();
  private final ArrayNode content = JsonMapper.shared().createArrayNode();
  private boolean started;
  private boolean calls;

  MessageWriter(String model, Sample sample, EventSink sink) {
    this.sample = sample;
    this.sink = sink;
    message.put("id", Ids.of("msg_"));
    message.put("type", "message").put("role", "assistant").put("model", model);
    message.putArray("content");
    message.putNull("stop_reason").putNull("stop_sequence");
  }

  private static ObjectNode event(String type) {
    return JsonMapper.shared().createObjectNode().put("type", type);
  }

  private static ObjectNode event(String type, Block block) {
    return event(type).put("index", block.index());
  }

  private void start() throws ClientGoneException {
    if (!started) {
      started = true;
      ObjectNode event = event("message_start");
      ObjectNode first = message.deepCopy();
      first.set("usage", TokenUsage.of(List.of(sample)).messages());
      event.set("message", first);
      sink.send(event);
    }
  }

  @Override
  public void begin(Block block) throws ClientGoneException {
    start();
    ObjectNode event = event("content_block_start", block);
    event.set("content_block", content(block));
    sink.send(event);
  }

  @Override
  public void more(Block block, String text, List<Generation.Token> tokens)
      throws ClientGoneException {
    ObjectNode event = event("content_block_delta", block);
    ObjectNode delta = event.putObject("delta");
    switch (block.kind()) {
      case THOUGHTS -> delta.put("type", "thinking_delta").put("thinking", text);
      case TEXT -> delta.put("type", "text_delta").put("text", text);
      case CALL -> delta.put("type", "input_json_delta").put("partial_json", text);
    }
    sink.send(event);
  }

  @Override
  public void end(Block block) throws ClientGoneException {
    if (block.kind() == Block.Kind.THOUGHTS) {
      ObjectNode event = event("content_block_delta", block);
      event.putObject("delta").put("type", "signature_delta").put("signature", SIGNATURE);
      sink.send(event);
    }
    calls |= block.kind() == Block.Kind.CALL;
    ObjectNode whole = content(block);
    switch (block.kind()) {
      case THOUGHTS -> whole.put("signature", SIGNATURE);
      case TEXT -> {}
      case CALL -> whole.set("input", input(block.text()));
    }
    content.add(whole);
    sink.send(event("content_block_stop", block));
  }

  /** A block as it is so far. */
  private static ObjectNode content(Block block) {
    ObjectNode content = JsonMapper.shared().createObjectNode();
    switch (block.kind()) {
      case THOUGHTS ->
          content.put("type", "thinking").put("thinking", block.text()).put("signature", "");
      case TEXT -> content.put("type", "text").put("text", block.text());
      case CALL -> {
        content.put("type", "tool_use").put("id", block.call().id());
        content.put("name", block.call().name()).putObject("input");
      }
    }
    return content;
  }

  /** The arguments; what was cut short and is no JSON stays readable as Anthropic advises. */
  private static JsonNode input(String arguments) {
    try {
      JsonNode node = JsonMapper.shared().readTree(arguments.isBlank() ? "{}" : arguments);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      // Falls through: the text is kept as it is.
    }
    return JsonMapper.shared().createObjectNode().put("INVALID_JSON", arguments);
  }

  /**
   * Writes what comes behind the last block.
   *
   * @param receipt for the usage
   * @return the whole message
   */
  ObjectNode finish(Optional<Receipt> receipt) throws ClientGoneException {
    start();
    String reason = stopReason();
    ObjectNode event = event("message_delta");
    ObjectNode delta = event.putObject("delta").put("stop_reason", reason);
    String stop = sample.stopString().orElse(null);
    delta.put("stop_sequence", stop);
    ObjectNode usage = TokenUsage.of(List.of(sample)).messages();
    receipt.ifPresent(r -> usage.set("receipt", Json.tree(r.toMap())));
    event.set("usage", usage);
    sink.send(event);
    sink.send(event("message_stop"));
    message.set("content", content);
    message.put("stop_reason", reason).put("stop_sequence", stop);
    message.set("usage", usage);
    return message;
  }

  private String stopReason() {
    return switch (sample.finishReason()) {
      case STOP ->
          calls ? "tool_use" : sample.stopString().isPresent() ? "stop_sequence" : "end_turn";
      case LENGTH -> "max_tokens";
      // The answer can be sent back as it is, to go on from there.
      case CANCELLED, TIMEOUT -> "pause_turn";
    };
  }
}
