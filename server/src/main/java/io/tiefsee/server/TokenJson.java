package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes tokens with their log-probabilities as OpenAI's newer APIs have them. */
final class TokenJson {
  /** What stands for minus infinity, which JSON does not have. */
  private static final float LEAST = -9999;

  private final Tokenizer tokenizer;

  TokenJson(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  static float finite(float logProb) {
    return Math.max(logProb, LEAST);
  }

  /** A token as text; what is no UTF-8 becomes U+FFFD. */
  String text(int id) {
    return new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
  }

  /** {@code [{"token","logprob","bytes","top_logprobs":[…]}]}. */
  ArrayNode of(List<Generation.Token> tokens) {
    ArrayNode list = JsonMapper.shared().createArrayNode();
    for (Generation.Token token : tokens) {
      ObjectNode entry = list.addObject();
      put(entry, token.id(), token.logProb());
      ArrayNode top = entry.putArray("top_logprobs");
      token.top().forEach(t -> put(top.addObject(), t.id(), t.logProb()));
    }
    return list;
  }

  private void put(ObjectNode to, int id, float logProb) {
    to.put("token", text(id)).put("logprob", finite(logProb));
    ArrayNode list = to.putArray("bytes");
    for (byte b : tokenizer.bytes(id)) {
      list.add(b & 0xff);
    }
  }
}
