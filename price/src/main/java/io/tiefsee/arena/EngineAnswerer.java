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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks a model in this process. The questions that are asked at once share the engine's steps, and
 * the samples of one question its prompt.
 */
public final class EngineAnswerer implements Answerer {
  /** By which the ledger knows who asked. */
  private static final String KEY = "eval";

  private static final long WARM_UP_NANOS = 3_000_000_000L;

  /** One question in so many is answered to warm up. */
  private static final int WARM_UP_PART = 10;

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

  /**
   * Answers some of the questions, which do not count: the JVM compiles what runs often, and the
   * first contestant is not to pay for that.
   */
  @Override
  public void warmUp(List<Ask> asks) throws InterruptedException {
    long end = System.nanoTime() + WARM_UP_NANOS;
    List<Generation> running = new ArrayList<>();
    try {
      for (Ask ask : asks.subList(0, asks.size() / WARM_UP_PART)) {
        int[] tokens = Engine.tokens(tokenizer, prompt(ask));
        if (tokens.length < engine.contextLength()) {
          running.add(engine.submit(tokens, params(ask), TokenGuide.NONE, request()));
        }
      }
      for (Generation generation : running) {
        int token = 0;
        while (System.nanoTime() < end && generation.token(token).isPresent()) {
          token++;
        }
      }
    } finally {
      running.forEach(Generation::cancel);
    }
    for (Generation generation : running) {
      int[] ignored = generation.await();
    }
  }

  private String prompt(Ask ask) {
    return template.render(
        ChatTemplate.Request.of(
            List.of(new ChatTemplate.Message("user", ask.problem().question()))));
  }

  private SamplingParams params(Ask ask) {
    return SamplingParams.builder()
        .temperature(protocol.temperature())
        .topP(protocol.topP())
        .maxTokens(protocol.maxTokens())
        .seed(ask.seed())
        .build();
  }

  @Override
  public Reply answer(Ask ask) throws InterruptedException {
    String prompt = prompt(ask);
    int[] tokens = Engine.tokens(tokenizer, prompt);
    if (tokens.length >= engine.contextLength()) {
      return new Reply("", "", true, new TokenCount(0, 0, 0, 0), 0, Optional.empty());
    }
    SamplingParams params = params(ask);
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
