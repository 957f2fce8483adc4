package io.tiefsee.server;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineStatus;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.GrammarGuide;
import io.tiefsee.engine.RequestOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.engine.TokenGuide;
import io.tiefsee.grammar.Grammar;
import io.tiefsee.grammar.TokenMatcher;
import io.tiefsee.price.Receipt;
import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.server.ToolUse.Choice;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The answers to one request, in the making: a lease of the model and one {@link Sample} or
 * several. When the client goes, all of them are cancelled.
 */
public final class Completion implements AutoCloseable {
  /** When a full queue may have room again. */
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final Model.Lease lease;
  private final Prompt prompt;
  private final Exchange exchange;
  private final List<Sample> samples = new ArrayList<>();
  private Optional<Receipt> receipt = Optional.empty();

  private Completion(Model.Lease lease, Prompt prompt, Exchange exchange) {
    this.lease = lease;
    this.prompt = prompt;
    this.exchange = exchange;
  }

  /**
   * Starts the answers to a conversation.
   *
   * @param lease is closed with the completion
   * @throws BadInput if the conversation cannot be rendered or does not fit
   */
  static Completion start(ChatRequest request, Model.Lease lease, Exchange exchange) {
    return closing(
        lease,
        () -> start(Prompt.of(request, lease), request.job(), request.tools(), lease, exchange));
  }

  /**
   * Starts the answers to a prompt.
   *
   * @param lease is closed with the completion
   * @throws BadInput if the prompt does not fit, or a grammar cannot be kept
   */
  static Completion start(
      Prompt prompt, Job job, ToolUse tools, Model.Lease lease, Exchange exchange) {
    return closing(
        lease,
        () -> {
          Completion completion = new Completion(lease, prompt, exchange);
          completion.submit(job, tools);
          return completion;
        });
  }

  private static Completion closing(Model.Lease lease, Supplier<Completion> start) {
    try {
      return start.get();
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private void submit(Job job, ToolUse tools) {
    Engine engine = lease.engine();
    SamplingParams.Builder builder = engine.defaults().toBuilder();
    job.sampling().accept(builder);
    SamplingParams params = builder.build();
    checkBias(params);
    checkQueue();
    RequestOptions options =
        job.limits()
            .options(exchange.caller().name(), model().timeout(), model().books().centsPerSecond());
    ToolFormat format = ToolFormat.of(engine.chatTemplate().map(ChatTemplate::source).orElse(""));
    Supplier<TokenGuide> guides = guides(job.grammar(), tools, format);
    exchange.onGone(this::cancel);
    for (int i = 0; i < job.samples(); i++) {
      Generation generation =
          engine.submit(prompt.tokens(), seeded(params, i), guides.get(), options);
      Optional<ToolCallParser> calls =
          tools.isPossible()
              ? Optional.of(new ToolCallParser(format, tools.names()))
              : Optional.empty();
      TextGeneration text =
          new TextGeneration(generation, lease.tokenizer(), prompt.thoughts(), params.stop());
      add(new Sample(i, text, calls));
      if (exchange.isGone()) {
        cancel();
      }
    }
  }

  private synchronized void add(Sample sample) {
    samples.add(sample);
  }

  private void checkQueue() {
    EngineStatus status = lease.engine().status();
    if (status.running() + status.waiting() >= status.slots() + model().queue()) {
      throw ApiException.retry(
          Kind.OUT_OF_RESOURCES,
          status.waiting() + " requests wait already, which is as many as may: try again later",
          RETRY);
    }
  }

  private void checkBias(SamplingParams params) {
    int vocabulary = lease.engine().spec().vocab();
    params.logitBias().keySet().stream()
        .filter(id -> id >= vocabulary)
        .findFirst()
        .ifPresent(id -> {
          throw new BadInput(
              "logit_bias has the token "
                  + id
                  + ", but the vocabulary ends at "
                  + (vocabulary - 1));
        });
  }

  /** Makes a guide for each sample; they share the work on the grammar. */
  private Supplier<TokenGuide> guides(Optional<Grammar> grammar, ToolUse tools, ToolFormat format) {
    boolean must = tools.choice() == Choice.REQUIRED;
    if (tools.isPossible() && (must || grammar.isPresent())) {
      return guide(ToolGrammar.whole(format, tools, must ? Optional.empty() : grammar));
    }
    if (tools.isPossible() && ToolGrammar.trigger(format).isPresent()) {
      String trigger = ToolGrammar.trigger(format).get();
      TokenMatcher matcher =
          new TokenMatcher(ToolGrammar.afterTrigger(format, tools), lease.trie());
      return () -> new ToolGuide(trigger, matcher, lease.tokenizer(), prompt.thoughts());
    }
    return grammar.map(this::guide).orElse(() -> TokenGuide.NONE);
  }

  private Supplier<TokenGuide> guide(Grammar grammar) {
    TokenMatcher matcher = new TokenMatcher(grammar, lease.trie());
    return () ->
        prompt.chat()
            ? new GrammarGuide(matcher, lease.trie(), lease.tokenizer(), prompt.text())
            : GrammarGuide.fromTheStart(matcher, lease.trie(), lease.tokenizer());
  }

  /** Several answers to one seed differ, and are the same again next time. */
  private static SamplingParams seeded(SamplingParams params, int index) {
    return index == 0 || params.seed().isEmpty()
        ? params
        : params.toBuilder().seed(params.seed().getAsLong() + index).build();
  }

  /**
   * What the answers took; waits until all have ended. Enters them in the books when it is first
   * asked for, and at the latest when the completion is closed. For the endpoint's thread.
   */
  public Receipt receipt() throws InterruptedException {
    if (receipt.isEmpty()) {
      List<Sample> all = samples();
      int answers = 0;
      for (Sample sample : all) {
        sample.settle();
        answers += sample.usage().completionTokens();
      }
      Caller caller = exchange.caller();
      caller.charge(prompt.tokens().length + answers);
      receipt = Optional.of(model().books().enter(model().name(), caller.name(), all));
    }
    return receipt.get();
  }

  public Model model() {
    return lease.model();
  }

  public Model.Lease lease() {
    return lease;
  }

  public synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** Stops all answers. */
  public void cancel() {
    samples().forEach(Sample::cancel);
  }

  /** Stops what still runs, charges the caller and gives the model back. */
  @Override
  public void close() {
    cancel();
    try {
      if (!samples().isEmpty()) {
        Receipt ignored = receipt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lease.close();
  }
}
