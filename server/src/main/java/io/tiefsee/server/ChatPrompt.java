package io.tiefsee.server;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ReasoningParser;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation as the model reads it.
 *
 * @param text with special tokens spelled out
 * @param tokens of the text
 */
record ChatPrompt(String text, int[] tokens) {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  /**
   * Renders a conversation by the model's template.
   *
   * @throws BadInput if the template refuses it
   */
  static ChatPrompt of(ChatRequest request, Model.Lease lease) {
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
    String text = template.render(new ChatTemplate.Request(messages, List.of(), true, extra));
    if (request.continuesLast()) {
      text = begin(text, last);
    } else if (!request.thinking().orElse(true)) {
      text = withoutThoughts(text, template, lease.model());
    }
    // The template has written the special tokens, the first one included.
    return new ChatPrompt(text, lease.tokenizer().encode(text, true));
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

  /** Whether the answer starts within the thoughts. */
  boolean thinking() {
    return text.lastIndexOf(OPEN) > text.lastIndexOf(CLOSE);
  }
}
