package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ChatTemplate.Message;
import io.tiefsee.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of how a conversation becomes the model's prompt. */
final class PromptOptions {
  /**
   * What the model gets.
   *
   * @param text empty where only token ids were given
   */
  record Prompt(String text, int[] tokens) {}

  @Option(names = "--system", paramLabel = "TEXT", description = "the system message")
  private Optional<String> system = Optional.empty();

  @Option(
      names = "--think",
      negatable = true,
      fallbackValue = "true",
      description =
          "tells the template whether the model is to think (enable_thinking); models"
              + " that cannot choose ignore it")
  private Optional<Boolean> think = Optional.empty();

  @Option(
      names = "--show-thinking",
      negatable = true,
      fallbackValue = "true",
      description =
          "print the thoughts: on a terminal before the answer (default), else to the"
              + " error stream (default: not)")
  private Optional<Boolean> showThinking = Optional.empty();

  Optional<String> system() {
    return system;
  }

  boolean showThinking(Streams streams) {
    return showThinking.orElse(streams.outTerminal());
  }

  static Tokenizer tokenizer(Engine engine) {
    return engine
        .tokenizer()
        .orElseThrow(
            () -> new BadInput("this model has no tokenizer: give token ids, --tokens 1,2,3"));
  }

  /** The conversation as the model's own template writes it, up to where the answer starts. */
  Prompt render(Engine engine, Optional<String> system, List<Message> conversation) {
    Tokenizer tokenizer = tokenizer(engine);
    ChatTemplate template =
        engine
            .chatTemplate()
            .orElseThrow(() -> new BadInput("this model has no chat template: use --raw"));
    List<Message> messages = new ArrayList<>();
    system.ifPresent(s -> messages.add(new Message("system", s)));
    messages.addAll(conversation);
    Map<String, Object> extra =
        think.isPresent() ? Map.of("enable_thinking", think.get()) : Map.of();
    String text =
        template.render(
            new ChatTemplate.Request(
                messages.stream().map(Message::toMap).toList(), List.of(), true, extra));
    // The template has written the special tokens, the first one included.
    return new Prompt(text, tokenizer.encode(text, true));
  }

  /** The text itself, without a template. */
  static Prompt raw(Engine engine, String text) {
    Tokenizer tokenizer = tokenizer(engine);
    return new Prompt(
        text, tokenizer.encode(text, new Tokenizer.EncodeOptions(false, tokenizer.addBos())));
  }
}
