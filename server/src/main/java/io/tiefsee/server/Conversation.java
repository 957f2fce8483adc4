package io.tiefsee.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds the messages of a {@link ChatRequest} for APIs that speak of blocks or items: what the
 * assistant thinks, says and calls between two turns of others becomes one message.
 */
final class Conversation {
  private final List<Map<String, Object>> messages = new ArrayList<>();

  /** Goes on with messages that are there already. */
  static Conversation after(List<Map<String, Object>> earlier) {
    Conversation conversation = new Conversation();
    earlier.forEach(message -> conversation.messages.add(new LinkedHashMap<>(message)));
    return conversation;
  }

  Conversation system(String text) {
    return add("system", text);
  }

  Conversation user(String text) {
    return add("user", text);
  }

  private Conversation add(String role, String text) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", text);
    messages.add(message);
    return this;
  }

  /** What a function gave. */
  Conversation result(String callId, String text) {
    add("tool", text);
    messages.getLast().put("tool_call_id", callId);
    return this;
  }

  /** More of the assistant's thoughts. */
  Conversation thought(String text) {
    assistant().merge("reasoning_content", text, (a, b) -> a + "" + b);
    return this;
  }

  /** More of the assistant's text. */
  Conversation text(String text) {
    assistant().merge("content", text, (a, b) -> a + "" + b);
    return this;
  }

  /**
   * A call of a function by the assistant.
   *
   * @param arguments as JSON text
   */
  Conversation call(String id, String name, String arguments) {
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("id", id);
    call.put("type", "function");
    call.put("function", Map.of("name", name, "arguments", arguments));
    List<Object> calls = new ArrayList<>();
    if (assistant().get("tool_calls") instanceof List<?> earlier) {
      calls.addAll(earlier);
    }
    calls.add(call);
    assistant().put("tool_calls", calls);
    return this;
  }

  private Map<String, Object> assistant() {
    if (messages.isEmpty() || !"assistant".equals(messages.getLast().get("role"))) {
      add("assistant", "");
    }
    return messages.getLast();
  }

  /** What has been said so far. */
  List<Map<String, Object>> messages() {
    return List.copyOf(messages);
  }
}
