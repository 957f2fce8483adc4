package io.tiefsee.server;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ReasoningParser;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the model reads, a conversation or a plain text.
 *
 * @param text with special tokens spelled out
 * @param tokens of the text
 * @param chat whether the answer has thoughts to be set apart
 */
public record Prompt(String text, int[] tokens, boolean chat) {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  /**
   * Renders a conversation by the model's template.
   *
   * @throws BadInput if the template refuses it
   */
  static Prompt of(ChatRequest request, Model.Lease lease) {
    ChatTemplate template =
        lease
            .engine()
            .chatTemplate()
            .orElseThrow(
                () -> new BadInput("the model " + lease.model().name() + " has no chat template"));
    Map<String, Object> extra = new HashMap<>();
    request
        .thinking()
        .ifPresent(think -> {
          extra.put("enable_thinking", think);
          extra.put("thinking", think);
        });
    List<Map<String, Object>> messages = request.messages();
    Map<String, Object> last = messages.getLast();
    if (request.continuesLast()) {
      messages = messages.subList(0, messages.size() - 1);
    }
    ToolFormat format = ToolFormat.of(template.source());
    messages = messages.stream().map(m -> withCalls(m, format)).toList();
    List<Map<String, Object>> tools = List.of();
    if (request.tools().isPossible()) {
      if (ToolFormat.takesTools(template.source())) {
        tools = request.tools().tools().stream().map(ToolUse.Tool::given).toList();
      } else {
        messages = withSystem(messages, format.instructions(request.tools().tools()));
      }
    }
    String text = template.render(new ChatTemplate.Request(messages, tools, true, extra));
    if (request.continuesLast()) {
      text = begin(text, last);
    } else if (!request.thinking().orElse(true)) {
      text = withoutThoughts(text, template, lease.model());
    }
    // The template has written the special tokens, the first one included.
    return new Prompt(text, lease.tokenizer().encode(text, true), true);
  }

  /** Earlier calls in the shape that templates of the format want. */
  private static Map<String, Object> withCalls(Map<String, Object> message, ToolFormat format) {
    if (!(message.get("tool_calls") instanceof List<?> calls)) {
      return message;
    }
    Map<String, Object> changed = new HashMap<>(message);
    if (format.isDeepSeek() && "".equals(message.get("content"))) {
      changed.put("content", null);
    }
    if (!format.isDeepSeek()) {
      changed.put("tool_calls", calls.stream().map(Prompt::withArgumentValues).toList());
    }
    return changed;
  }

  private static Object withArgumentValues(Object call) {
    JsonNode node = JsonMapper.shared().valueToTree(call);
    if (node.path("function") instanceof ObjectNode function) {
      try {
        JsonNode values = JsonMapper.shared().readTree(function.path("arguments").asString("{}"));
        function.set("arguments", values);
      } catch (JacksonException e) {
        // What the model wrote was no JSON: it goes back as the text it is.
        return call;
      }
    }
    return JsonMapper.shared().convertValue(node, new TypeReference<Map<String, Object>>() {});
  }

  private static List<Map<String, Object>> withSystem(
      List<Map<String, Object>> messages, String more) {
    List<Map<String, Object>> changed = new ArrayList<>(messages);
    if (!messages.isEmpty() && "system".equals(messages.getFirst().get("role"))) {
      Map<String, Object> system = new HashMap<>(messages.getFirst());
      system.put("content", system.get("content") + "\n\n" + more);
      changed.set(0, system);
    } else {
      changed.addFirst(Map.of("role", "system", "content", more));
    }
    return changed;
  }

  /** Templates that do not know how to turn thinking off get thoughts that are empty. */
  private static String withoutThoughts(String text, ChatTemplate template, Model model) {
    if (ReasoningParser.opens(text, OPEN)) {
      return text.stripTrailing() + "\n\n" + CLOSE + "\n\n";
    }
    boolean knows = template.source().contains("thinking");
    return knows || !model.thinks() ? text : text + OPEN + "\n\n" + CLOSE + "\n\n";
  }

  /** The beginning of the answer: thoughts, where there are some, then its text. */
  private static String begin(String text, Map<String, Object> message) {
    String content = String.valueOf(message.get("content"));
    String thoughts = String.valueOf(message.getOrDefault("reasoning_content", ""));
    boolean opened = ReasoningParser.opens(text, OPEN);
    if (!thoughts.isEmpty()) {
      String before = opened ? text : text + OPEN + "\n";
      return content.isEmpty()
          ? before + thoughts
          : before + thoughts + "\n" + CLOSE + "\n\n" + content;
    }
    return (opened && !content.isEmpty() ? text.substring(0, text.lastIndexOf(OPEN)) : text)
        + content;
  }

  /** What the model continues as it is, with nothing in its answer set apart. */
  static Prompt raw(int[] tokens, Model.Lease lease) {
    return new Prompt(lease.tokenizer().decode(tokens), tokens, false);
  }

  /** Splits the answer; it starts within the thoughts where the prompt leaves them open. */
  ReasoningParser thoughts() {
    return chat ? new ReasoningParser(OPEN, CLOSE, thinking()) : ReasoningParser.none();
  }

  /** Whether the answer starts within the thoughts. */
  boolean thinking() {
    return text.lastIndexOf(OPEN) > text.lastIndexOf(CLOSE);
  }
}
