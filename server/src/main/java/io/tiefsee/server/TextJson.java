package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.text.Tokenizer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes answers as {@code /v1/completions} has them. */
final class TextJson {
  private final String model;
  private final TokenJson tokenJson;
  private final boolean logProbs;
  private final String id = Ids.of("cmpl-");
  private final long created = Instant.now().getEpochSecond();

  TextJson(String model, Tokenizer tokenizer, boolean logProbs) {
    this.model = model;
    this.tokenJson = new TokenJson(tokenizer);
    this.logProbs = logProbs;
  }

  /** A response or a chunk without choices. */
  ObjectNode envelope() {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("id", id).put("object", "text_completion").put("created", created);
    body.put("model", model).put("system_fingerprint", "tiefsee").putArray("choices");
    return body;
  }

  /** Adds a choice under the next index. */
  void addChoice(ObjectNode body, ObjectNode choice) {
    ArrayNode choices = (ArrayNode) body.get("choices");
    choices.add(choice.put("index", choices.size()));
  }

  /** A whole choice, still without an index. */
  ObjectNode choice(String text, List<Generation.Token> tokens, String reason) {
    return choice(text, tokens, 0).put("finish_reason", reason);
  }

  private ObjectNode choice(String text, List<Generation.Token> tokens, int offset) {
    ObjectNode choice = JsonMapper.shared().createObjectNode().put("text", text);
    if (logProbs) {
      choice.set("logprobs", logProbs(tokens, offset));
    } else {
      choice.putNull("logprobs");
    }
    return choice;
  }

  /**
   * Some more of a choice in a stream.
   *
   * @param offset characters of the choice before it
   * @param reason why the choice has ended, if it has
   */
  ObjectNode chunk(
      int index, int offset, String text, List<Generation.Token> tokens, Optional<String> reason) {
    ObjectNode body = envelope();
    ObjectNode choice = choice(text, tokens, offset).put("index", index);
    choice.put("finish_reason", reason.orElse(null));
    ((ArrayNode) body.get("choices")).add(choice);
    return body;
  }

  /** Why an answer ended. */
  static String reason(FinishReason reason) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case CANCELLED, TIMEOUT -> "insufficient_system_resource";
    };
  }

  /** Lists side by side, as the API had them from the start; null where nothing comes before. */
  private ObjectNode logProbs(List<Generation.Token> tokens, int offset) {
    ObjectNode node = JsonMapper.shared().createObjectNode();
    ArrayNode texts = node.putArray("tokens");
    ArrayNode values = node.putArray("token_logprobs");
    ArrayNode tops = node.putArray("top_logprobs");
    ArrayNode offsets = node.putArray("text_offset");
    int at = offset;
    for (Generation.Token token : tokens) {
      String text = tokenJson.text(token.id());
      texts.add(text);
      offsets.add(at);
      at += text.length();
      if (Float.isNaN(token.logProb())) {
        values.addNull();
        tops.addNull();
      } else {
        values.add(TokenJson.finite(token.logProb()));
        ObjectNode top = tops.addObject().put(text, TokenJson.finite(token.logProb()));
        token.top().forEach(t -> top.put(tokenJson.text(t.id()), TokenJson.finite(t.logProb())));
      }
    }
    return node;
  }
}
