package io.tiefsee.server;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.GrammarGuide;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.engine.TokenGuide;
import io.tiefsee.grammar.TokenMatcher;
import io.tiefsee.text.ReasoningParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answers to one request, in the making: a lease of the model and one {@link Sample} or
 * several. When the client goes, all of them are cancelled.
 */
public final class Completion implements AutoCloseable {
  private final Model.Lease lease;
  private final ChatPrompt prompt;
  private final List<Sample> samples = new ArrayList<>();

  private Completion(Model.Lease lease, ChatPrompt prompt) {
    this.lease = lease;
    this.prompt = prompt;
  }

  /**
   * Starts the answers to a conversation.
   *
   * @param lease is closed with the completion
   * @throws io.tiefsee.tensor.BadInput if the conversation cannot be rendered or does not fit
   */
  static Completion start(ChatRequest request, Model.Lease lease, Exchange exchange) {
    try {
      ChatPrompt prompt = ChatPrompt.of(request, lease);
      SamplingParams.Builder builder = lease.engine().defaults().toBuilder();
      request.sampling().accept(builder);
      Completion completion = new Completion(lease, prompt);
      completion.submit(request, builder.build());
      exchange.onGone(completion::cancel);
      return completion;
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private void submit(ChatRequest request, SamplingParams params) {
    Engine engine = lease.engine();
    Optional<TokenMatcher> matcher = request.grammar().map(g -> new TokenMatcher(g, lease.trie()));
    for (int i = 0; i < request.samples(); i++) {
      TokenGuide guide =
          matcher.isPresent()
              ? new GrammarGuide(matcher.get(), lease.trie(), lease.tokenizer(), prompt.text())
              : TokenGuide.NONE;
      var generation = engine.submit(prompt.tokens(), seeded(params, i), guide);
      samples.add(
          new Sample(
              i,
              new TextGeneration(
                  generation,
                  lease.tokenizer(),
                  new ReasoningParser("<think>", "</think>", prompt.thinking()),
                  params.stop())));
    }
  }

  /** Several answers to one seed differ, and are the same again next time. */
  private static SamplingParams seeded(SamplingParams params, int index) {
    return index == 0 || params.seed().isEmpty()
        ? params
        : params.toBuilder().seed(params.seed().getAsLong() + index).build();
  }

  public Model model() {
    return lease.model();
  }

  public Model.Lease lease() {
    return lease;
  }

  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Stops all answers. */
  public void cancel() {
    samples.forEach(Sample::cancel);
  }

  /** Stops what still runs and gives the model back. */
  @Override
  public void close() {
    cancel();
    lease.close();
  }
}
