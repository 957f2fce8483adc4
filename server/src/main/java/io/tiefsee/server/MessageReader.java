package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the messages of a chat request as templates take them. */
final class MessageReader {
  private static final List<String> ROLES =
      List.of("system", "developer", "user", "assistant", "tool");

  private MessageReader() {}

  /**
   * @param dialect decides whether thoughts may be in the history
   * @throws ApiException if one is malformed or there is none
   */
  static List<Map<String, Object>> read(Fields request, Dialect dialect) {
    if (!request.has("messages")) {
      throw request.invalid("messages", "is missing: it must be an array of messages");
    }
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Fields message : request.objects("messages")) {
      messages.add(message(message, dialect));
    }
    if (messages.isEmpty()) {
      throw request.invalid("messages", "must have at least one message");
    }
    return messages;
  }

  private static Map<String, Object> message(Fields message, Dialect dialect) {
    if (!message.has("role")) {
      throw message.invalid("role", "is missing: it must be one of " + String.join(", ", ROLES));
    }
    String role = message.oneOf("role", ROLES).orElseThrow();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("role", role.equals("developer") ? "system" : role);
    Optional<String> content = content(message);
    List<Fields> calls = message.objects("tool_calls");
    if (content.isEmpty() && calls.isEmpty()) {
      throw message.invalid("content", "is missing: it must be a string");
    }
    map.put("content", content.orElse(""));
    message.string("name").ifPresent(name -> map.put("name", name));
    message.string("tool_call_id").ifPresent(id -> map.put("tool_call_id", id));
    reasoning(message, dialect).ifPresent(r -> map.put("reasoning_content", r));
    if (!calls.isEmpty()) {
      map.put("tool_calls", calls.stream().map(MessageReader::toolCall).toList());
    }
    return map;
  }

  private static Optional<String> reasoning(Fields message, Dialect dialect) {
    Optional<String> reasoning = message.string("reasoning_content");
    if (reasoning.isPresent() && dialect == Dialect.DEEPSEEK_2025) {
      throw message.invalid(
          "reasoning_content", "must not be in the input: drop the thoughts of earlier turns");
    }
    return reasoning.or(() -> message.string("reasoning"));
  }

  /** A text, or parts that are all texts. */
  private static Optional<String> content(Fields message) {
    if (message.value("content").isEmpty() || message.value("content").get().isString()) {
      return message.string("content");
    }
    if (!message.value("content").get().isArray()) {
      throw message.wrongType("content", "must be a string or an array of parts");
    }
    StringBuilder text = new StringBuilder();
    for (Fields part : message.objects("content")) {
      String type = part.requiredString("type");
      if (!type.equals("text")) {
        throw part.invalid("type", "must be text: this model reads nothing else");
      }
      text.append(part.requiredString("text"));
    }
    return Optional.of(text.toString());
  }

  private static Map<String, Object> toolCall(Fields call) {
    Fields function = call.requiredObject("function");
    Map<String, Object> inner = new LinkedHashMap<>();
    inner.put("name", function.requiredString("name"));
    inner.put("arguments", function.string("arguments").orElse("{}"));
    Map<String, Object> map = new LinkedHashMap<>();
    call.string("id").ifPresent(id -> map.put("id", id));
    map.put("type", "function");
    map.put("function", inner);
    return map;
  }

  /** Whether the last message begins the answer (DeepSeek's {@code prefix}). */
  static boolean continuesLast(Fields request) {
    List<Fields> messages = request.objects("messages");
    boolean prefix = false;
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).bool("prefix").orElse(false)) {
        boolean last = i == messages.size() - 1;
        if (!last || !messages.get(i).string("role").orElse("").equals("assistant")) {
          throw ApiException.field(
              Kind.INVALID,
              "messages[" + i + "].prefix",
              "must only be in the last message, which must be the assistant's");
        }
        prefix = true;
      }
    }
    return prefix;
  }
}
