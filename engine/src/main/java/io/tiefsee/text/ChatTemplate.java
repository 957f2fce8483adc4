package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Turns a conversation into the text a model was trained on, by the Jinja2 template that comes with
 * the model, byte for byte as Hugging Face transformers does: a sandbox without mutation, {@code
 * trim_blocks}, {@code lstrip_blocks}, loop controls, {@code generation} blocks, {@code tojson},
 * {@code raise_exception} and {@code strftime_now}.
 *
 * <p>What users write is data and is never interpreted as a template. A template that does not end,
 * nests too deeply or makes absurdly large values gives an error, as does one that rejects the
 * conversation. Immutable and thread-safe: parsed once, rendered as often as needed.
 */
public final class ChatTemplate {
  /** What models without a template get, as in llama.cpp: ChatML. */
  private static final String CHATML =
      """
      {%- for message in messages -%}
      {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}
      {%- endfor -%}
      {%- if add_generation_prompt -%}
      {{- '<|im_start|>assistant\\n' -}}
      {%- endif -%}
      """;

  private static final List<String> SPECIAL_TOKENS =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final String source;
  private final List<JinjaNode.Stmt> template;
  private final Optional<List<JinjaNode.Stmt>> toolTemplate;
  private final Map<String, Object> specialTokens;

  /** Asked for only where a template wants the time: to find the zone takes milliseconds. */
  private final Supplier<Clock> clock;

  /**
   * One message of a conversation.
   *
   * @param role {@code system}, {@code user}, {@code assistant} or {@code tool}
   */
  public record Message(String role, String content) {
    /** The form {@link Request} takes. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("role", role);
      map.put("content", content);
      return map;
    }
  }

  /**
   * What to render. The values of the maps are what JSON gives: maps, lists, strings, numbers,
   * booleans, nulls.
   *
   * @param messages the conversation, each at least with {@code role} and {@code content}
   * @param tools the functions the model may call, as JSON Schema; empty for none
   * @param addGenerationPrompt whether the text ends where the model's answer starts
   * @param extra more variables for the template, such as {@code enable_thinking}
   */
  public record Request(
      List<Map<String, Object>> messages,
      List<Map<String, Object>> tools,
      boolean addGenerationPrompt,
      Map<String, Object> extra) {

    /** A plain conversation that the model is to continue. */
    public static Request of(List<Message> messages) {
      return new Request(messages.stream().map(Message::toMap).toList(), List.of(), true, Map.of());
    }
  }

  private ChatTemplate(
      String source,
      Optional<String> tools,
      Map<String, Object> specialTokens,
      Supplier<Clock> clock) {
    this.source = source;
    this.template = parse(source);
    this.toolTemplate = tools.map(ChatTemplate::parse);
    this.specialTokens = specialTokens;
    this.clock = clock;
  }

  /**
   * A template from its source.
   *
   * @param specialTokens by name, such as {@code bos_token}; the template sees them as variables
   */
  public static ChatTemplate of(String source, Map<String, String> specialTokens) {
    return new ChatTemplate(
        source, Optional.empty(), Map.copyOf(specialTokens), Clock::systemDefaultZone);
  }

  /** A template of a GGUF file: the value of {@code tokenizer.chat_template}, if there is one. */
  public static ChatTemplate ofGguf(Optional<String> source, Map<String, String> specialTokens) {
    return source.map(s -> of(s, specialTokens)).orElseGet(() -> chatMl(specialTokens));
  }

  /**
   * The template for models that bring none: ChatML ({@code <|im_start|>role\n…<|im_end|>}), as
   * llama.cpp does. A base model answers to it as well or badly as to any other.
   */
  public static ChatTemplate chatMl(Map<String, String> specialTokens) {
    return of(CHATML, specialTokens);
  }

  /**
   * The template of a Hugging Face folder; ChatML where it has none.
   *
   * @param tokenizerConfig tokenizer_config.json: {@code chat_template} as a text or as a list of
   *     named ones (of which {@code default} and {@code tool_use} count), special tokens as texts
   *     or objects with {@code content}
   * @param templateFile the text of chat_template.jinja, which goes first
   */
  public static ChatTemplate ofHuggingFace(
      JsonNode tokenizerConfig, Optional<String> templateFile) {
    Map<String, Object> special = specialTokens(tokenizerConfig);
    JsonNode node = tokenizerConfig.path("chat_template");
    Optional<String> main = templateFile;
    Optional<String> tools = Optional.empty();
    if (main.isEmpty() && node.isString()) {
      main = Optional.of(node.stringValue());
    } else if (main.isEmpty() && node.isArray()) {
      main = named(node, "default");
      tools = named(node, "tool_use");
      if (main.isEmpty()) {
        throw new BadInput(
            "tokenizer_config.json lists chat templates, but none of them is named \"default\"");
      }
    } else if (main.isEmpty() && !node.isMissingNode() && !node.isNull()) {
      throw new BadInput("tokenizer_config.json: chat_template is neither a text nor a list");
    }
    return new ChatTemplate(main.orElse(CHATML), tools, special, Clock::systemDefaultZone);
  }

  /**
   * The template of a Hugging Face folder: chat_template.jinja, or what tokenizer_config.json says.
   *
   * @throws BadInput if a file cannot be read or is not valid JSON
   */
  public static ChatTemplate fromHuggingFace(Path folder) {
    Path config = folder.resolve("tokenizer_config.json");
    Path template = folder.resolve("chat_template.jinja");
    ObjectMapper mapper = new ObjectMapper();
    try {
      JsonNode json =
          Files.exists(config) ? mapper.readTree(config.toFile()) : mapper.createObjectNode();
      return ofHuggingFace(
          json,
          Files.exists(template) ? Optional.of(Files.readString(template)) : Optional.empty());
    } catch (JacksonException e) {
      throw new BadInput(config + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new BadInput(template + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Optional<String> named(JsonNode templates, String name) {
    for (JsonNode t : templates) {
      if (t.path("name").asString("").equals(name) && t.path("template").isString()) {
        return Optional.of(t.path("template").stringValue());
      }
    }
    return Optional.empty();
  }

  /** The special tokens of a tokenizer_config.json, by the names that templates use. */
  private static Map<String, Object> specialTokens(JsonNode config) {
    Map<String, Object> tokens = new HashMap<>();
    for (String name : SPECIAL_TOKENS) {
      tokenText(config.path(name)).ifPresent(text -> tokens.put(name, text));
    }
    List<String> additional = new ArrayList<>();
    config
        .path("additional_special_tokens")
        .forEach(token -> tokenText(token).ifPresent(additional::add));
    if (!additional.isEmpty()) {
      tokens.put("additional_special_tokens", additional);
    }
    return tokens;
  }

  private static Optional<String> tokenText(JsonNode token) {
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isString() ? Optional.of(text.stringValue()) : Optional.empty();
  }

  /** The same template with another clock behind {@code strftime_now}. */
  public ChatTemplate withClock(Clock clock) {
    return new ChatTemplate(this, () -> clock);
  }

  private ChatTemplate(ChatTemplate other, Supplier<Clock> clock) {
    this.source = other.source;
    this.template = other.template;
    this.toolTemplate = other.toolTemplate;
    this.specialTokens = other.specialTokens;
    this.clock = clock;
  }

  /** Another template with the special tokens of this one. */
  public ChatTemplate withSource(String source) {
    return new ChatTemplate(source, Optional.empty(), specialTokens, clock);
  }

  /** The template's source text; where there are several, that of the default one. */
  public String source() {
    return source;
  }

  private static List<JinjaNode.Stmt> parse(String source) {
    try {
      return JinjaParser.parse(source);
    } catch (JinjaException e) {
      throw badInput(e);
    }
  }

  private static BadInput badInput(JinjaException e) {
    String message = e.getMessage().replace("\r", "").replace("\n", "\\n");
    if (e.raisedByTemplate()) {
      return new BadInput("the chat template rejects the conversation: " + message);
    }
    return new BadInput("chat template, line " + e.line() + ": " + message);
  }

  /**
   * The text for the model.
   *
   * @throws BadInput if the template rejects the conversation, fails on it or exceeds its bounds
   */
  public String render(Request request) {
    Map<String, Object> names = new HashMap<>();
    names.put("messages", request.messages());
    names.put("tools", request.tools().isEmpty() ? Py.NONE : request.tools());
    names.put("documents", Py.NONE);
    names.put("add_generation_prompt", request.addGenerationPrompt());
    names.putAll(specialTokens);
    names.putAll(request.extra());
    boolean withTools = toolTemplate.isPresent() && !request.tools().isEmpty();
    return renderWith(withTools ? toolTemplate.get() : template, names, clock);
  }

  /** Renders any template with any variables. For tests. */
  static String render(String source, Map<String, Object> variables, Clock clock) {
    return renderWith(parse(source), variables, () -> clock);
  }

  private static String renderWith(
      List<JinjaNode.Stmt> template, Map<String, Object> variables, Supplier<Clock> clock) {
    try {
      Map<String, Object> names = JinjaGlobals.make(clock);
      variables.forEach((name, value) -> names.put(name, Py.of(value)));
      return JinjaRuntime.render(template, names);
    } catch (JinjaException e) {
      throw badInput(e);
    }
  }
}
