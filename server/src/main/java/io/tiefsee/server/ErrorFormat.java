package io.tiefsee.server;

import java.util.Optional;
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

  /** Anthropic's: {@code {"type":"error","error":{"type","message"}}}. */
  ErrorFormat ANTHROPIC =
      new ErrorFormat() {
        @Override
        public ObjectNode body(ApiException error) {
          ObjectNode body = JsonMapper.shared().createObjectNode().put("type", "error");
          body.putObject("error").put("type", type(error)).put("message", error.getMessage());
          return body;
        }

        @Override
        public Optional<String> event() {
          return Optional.of("error");
        }

        private String type(ApiException error) {
          return switch (error.kind().status()) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 408 -> "timeout_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            default -> error.kind().status() < 500 ? "invalid_request_error" : "api_error";
          };
        }
      };

  ObjectNode body(ApiException error);

  /** The name of the event that ends a stream with an error; empty for an event without one. */
  default Optional<String> event() {
    return Optional.empty();
  }
}
