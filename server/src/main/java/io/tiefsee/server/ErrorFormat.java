package io.tiefsee.server;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How an API writes its errors. */
@FunctionalInterface
public interface ErrorFormat {
  /** {@code {"error":{"message","type","param","code"}}}, as OpenAI and DeepSeek have it. */
  ErrorFormat OPENAI =
      error -> {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        ObjectNode inner = body.putObject("error");
        inner.put("message", error.getMessage()).put("type", error.kind().type());
        inner.put("param", error.param().orElse(null));
        inner.put("code", error.kind().code());
        return body;
      };

  ObjectNode body(ApiException error);
}
