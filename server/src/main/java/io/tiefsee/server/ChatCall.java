package io.tiefsee.server;

import io.tiefsee.grammar.Grammar;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/chat/completions}.
 *
 * @param model empty for the server's first
 * @param request what is to be answered
 * @param vote whether the samples are asked for their majority's answer, not for themselves
 */
record ChatCall(Optional<String> model, ChatRequest request, Manner manner, boolean vote) {

  /**
   * How the answer is written.
   *
   * @param stream as server-sent events
   * @param includeUsage in a stream, as a last chunk
   * @param logProbs whether log-probabilities are wanted
   * @param receipt whether the usage has a receipt
   */
  record Manner(
      Dialect dialect, boolean stream, boolean includeUsage, boolean logProbs, boolean receipt) {}

  private static final int MAX_SAMPLES = 128;
  private static final int MAX_TOP_LOGPROBS = 20;

  static ChatCall read(Fields fields, Dialect dialect) {
    List<Map<String, Object>> messages = MessageReader.read(fields, dialect);
    boolean logProbs = fields.bool("logprobs").orElse(false);
    var top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
    if (top.isPresent() && !logProbs) {
      throw fields.invalid("top_logprobs", "needs logprobs to be true");
    }
    var sampling = SamplingFields.read(fields);
    var length = SamplingFields.maxTokens(fields, "max_completion_tokens", "max_tokens");
    OptionalInt bestOf = fields.integer("best_of", 1, MAX_SAMPLES);
    OptionalInt n = fields.integer("n", 1, MAX_SAMPLES);
    if (bestOf.isPresent() && n.orElse(1) > 1) {
      throw fields.invalid("best_of", "and n exclude each other");
    }
    boolean continues = MessageReader.continuesLast(fields);
    Optional<Grammar> grammar = AnswerFormat.of(fields);
    if (continues && grammar.isPresent()) {
      throw fields.invalid("messages", "cannot begin the answer where a grammar holds it");
    }
    Optional<Fields> streamOptions = fields.object("stream_options");
    return new ChatCall(
        fields.string("model"),
        new ChatRequest(
            messages,
            continues,
            thinking(fields),
            ToolUse.read(fields),
            new Job(
                sampling
                    .andThen(length)
                    .andThen(b -> {
                      if (logProbs) {
                        b.logProbs(top.orElse(0));
                      }
                    }),
                grammar,
                bestOf.orElse(n.orElse(1)),
                Limits.read(fields))),
        new Manner(
            dialect,
            fields.bool("stream").orElse(false),
            streamOptions.flatMap(o -> o.bool("include_usage")).orElse(false),
            logProbs,
            fields.bool("receipt").orElse(false)),
        bestOf.orElse(1) > 1);
  }

  /** DeepSeek's {@code thinking}, and vLLM's way to tell the template. */
  static Optional<Boolean> thinking(Fields fields) {
    Optional<String> type =
        fields
            .object("thinking")
            .flatMap(t -> t.oneOf("type", List.of("enabled", "disabled", "adaptive")));
    if (type.isPresent()) {
      return type.filter(t -> !t.equals("adaptive")).map(t -> t.equals("enabled"));
    }
    if (fields.string("model").orElse("").equals(Models.CHAT)) {
      return Optional.of(false);
    }
    if (fields.string("reasoning_effort").orElse("").equals("none")) {
      return Optional.of(false);
    }
    return fields
        .object("chat_template_kwargs")
        .flatMap(k -> k.bool("enable_thinking").or(() -> k.bool("thinking")));
  }
}
