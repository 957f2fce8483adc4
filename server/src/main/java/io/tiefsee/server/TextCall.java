package io.tiefsee.server;

import io.tiefsee.grammar.Grammar;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/completions}.
 *
 * @param model empty for the server's first
 * @param prompts each answered by itself
 * @param suffix what comes behind the text to be filled in; empty where the text just goes on
 * @param echo whether the prompt is repeated before the answer
 * @param answers wanted to each prompt; 0 where only the prompt's log-probabilities are
 * @param logProbs how many other tokens are told at each place; empty for no log-probabilities
 * @param receipt whether the usage has a receipt
 * @param job to do for each prompt; it may make more samples than are wanted
 */
record TextCall(
    Optional<String> model,
    List<TextInput> prompts,
    Optional<String> suffix,
    boolean echo,
    int answers,
    OptionalInt logProbs,
    boolean stream,
    boolean includeUsage,
    boolean receipt,
    Job job) {

  private static final int MAX_PROMPTS = 256;
  private static final int MAX_SAMPLES = 128;
  private static final int MAX_TOP_LOGPROBS = 20;

  /** OpenAI's length of an answer where none is asked for. */
  private static final int DEFAULT_LENGTH = 16;

  static TextCall read(Fields fields) {
    List<TextInput> prompts = TextInput.read(fields, "prompt", MAX_PROMPTS);
    Optional<String> suffix = fields.string("suffix").filter(s -> !s.isEmpty());
    boolean echo = fields.bool("echo").orElse(false);
    if (suffix.isPresent() && (echo || prompts.size() > 1)) {
      throw fields.invalid("suffix", "needs one prompt, and no echo");
    }
    if (suffix.isPresent() && prompts.getFirst() instanceof TextInput.Tokens) {
      throw fields.invalid("suffix", "needs a prompt that is a string");
    }
    OptionalInt logProbs = fields.integer("logprobs", 0, MAX_TOP_LOGPROBS);
    int n = fields.integer("n", 1, MAX_SAMPLES).orElse(1);
    OptionalInt bestOf = fields.integer("best_of", 1, MAX_SAMPLES);
    boolean stream = fields.bool("stream").orElse(false);
    int samples = bestOf.orElse(n);
    if (samples < n) {
      throw fields.invalid("best_of", "must be n or more");
    }
    if (samples > n && stream) {
      throw fields.invalid("best_of", "must be n where the answer is streamed");
    }
    int length = fields.integer("max_tokens", 0, Integer.MAX_VALUE).orElse(DEFAULT_LENGTH);
    Optional<Fields> streamOptions = fields.object("stream_options");
    Optional<Grammar> grammar = AnswerFormat.of(fields);
    Job job =
        new Job(
            SamplingFields.read(fields)
                .andThen(b -> {
                  b.maxTokens(Math.max(length, 1));
                  if (logProbs.isPresent() || samples > n) {
                    b.logProbs(logProbs.orElse(0));
                  }
                }),
            grammar,
            samples,
            Limits.read(fields));
    return new TextCall(
        fields.string("model"),
        prompts,
        suffix,
        echo,
        length == 0 ? 0 : n,
        logProbs,
        stream,
        streamOptions.flatMap(o -> o.bool("include_usage")).orElse(false),
        fields.bool("receipt").orElse(false),
        job);
  }

  /**
   * What the model reads of a prompt.
   *
   * @throws ApiException where a middle is to be filled in and the model cannot
   */
  Prompt prompt(TextInput input, Model.Lease lease) {
    if (suffix.isEmpty()) {
      return Prompt.raw(input.tokens(lease.tokenizer(), true), lease);
    }
    Fim fim =
        Fim.of(lease.tokenizer())
            .orElseThrow(() ->
                ApiException.field(
                    ApiException.Kind.INVALID,
                    "suffix",
                    "cannot be used: the model " + lease.model().name() + " has no tokens for it"));
    String before = input.asText().orElse("");
    return Prompt.raw(fim.prompt(lease.tokenizer(), before, suffix.get()), lease);
  }
}
