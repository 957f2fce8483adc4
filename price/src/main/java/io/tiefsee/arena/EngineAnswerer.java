package io.tiefsee.arena;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.RequestOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.engine.ThinkingBudget;
import io.tiefsee.engine.TokenGuide;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.TokenCount;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.Tokenizer;
import java.util.List;
import java.util.Optional;

/**
 * Asks a model in this process. The questions that are asked at once share the engine's steps, and
 * the samples of one question its prompt.
 */
public final class EngineAnswerer implements Answerer {
  /** By which the ledger knows who asked. */
  private static final String KEY = "arena";

  private final Engine engine;
  private final Protocol protocol;
  private final int parallel;
  private final Cashier cashier;
  private final String name;
  private final Tokenizer tokenizer;
  private final ChatTemplate template;

  /**
   * @param engine closed with this
   * @param cashier writes the receipts; stays open
   * @param name of the model, on receipts
   * @throws BadInput if the model has no tokenizer or no chat template
   */
  public EngineAnswerer(
      Engine engine, Protocol protocol, int parallel, Cashier cashier, String name) {
    this.engine = engine;
    this.protocol = protocol;
    this.parallel = parallel;
    this.cashier = cashier;
    this.name = name;
    this.tokenizer =
        engine.tokenizer().orElseThrow(() -> new BadInput("the model has no tokenizer"));
    this.template =
        engine.chatTemplate().orElseThrow(() -> new BadInput("the model has no chat template"));
  }

  @Override
  public int parallel() {
    return parallel;
  }

  @Override
  public Reply answer(Ask ask) throws InterruptedException {
    String prompt =
        template.render(
            ChatTemplate.Request.of(
                List.of(new ChatTemplate.Message("user", ask.problem().question()))));
    int[] tokens = Engine.tokens(tokenizer, prompt);
    if (tokens.length >= engine.contextLength()) {
      return new Reply("", "", true, new TokenCount(0, 0, 0, 0), 0, Optional.empty());
    }
    SamplingParams params =
        SamplingParams.builder()
            .temperature(protocol.temperature())
            .topP(protocol.topP())
            .maxTokens(protocol.maxTokens())
            .seed(ask.seed())
            .build();
    long began = System.nanoTime();
    Generation generation = engine.submit(tokens, params, TokenGuide.NONE, request());
    StringBuilder thinking = new StringBuilder();
    StringBuilder answer = new StringBuilder();
    try (TextGeneration text =
        new TextGeneration(
            generation, tokenizer, ReasoningParser.forPrompt(prompt), params.stop())) {
      for (ReasoningParser.Piece piece : text) {
        (piece instanceof ReasoningParser.Reasoning ? thinking : answer).append(piece.text());
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      int[] ignored = generation.await();
      return reply(text, thinking.toString(), answer.toString(), (System.nanoTime() - began) / 1e9);
    }
  }

  private RequestOptions request() {
    int budget = protocol.thinkingBudget();
    return budget == 0
        ? RequestOptions.defaults()
        : RequestOptions.defaults().withThinkingBudget(ThinkingBudget.ofTokens(budget));
  }

  private Reply reply(TextGeneration text, String thinking, String answer, double latencySeconds) {
    TokenCount tokens = TokenCount.of(text.usage(), text.reasoningTokens());
    return new Reply(
        thinking,
        answer,
        text.finishReason().filter(r -> r == Generation.FinishReason.LENGTH).isPresent(),
        tokens,
        latencySeconds,
        Optional.of(Bill.of(cashier.receipt(text.generation(), name, tokens.thinking(), KEY))));
  }

  @Override
  public void close() {
    engine.close();
  }
}
