package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.engine.RequestOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.grammar.Grammar;
import io.tiefsee.price.Receipt;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate.Message;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.ReasoningParser.Piece;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiefsee run}: one answer. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Answers one prompt.",
    footer = {
      "",
      "Without PROMPT, or if it is -, the prompt is read from the standard input.",
      "Ctrl-C ends the answer; the exit status is 130 then."
    })
final class RunCommand implements Callable<Integer> {
  private final Streams streams;

  @Parameters(arity = "0..*", paramLabel = "PROMPT", description = "what to answer")
  private List<String> words = List.of();

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private PromptOptions promptOptions = new PromptOptions();
  @Mixin private SamplingOptions samplingOptions = new SamplingOptions();
  @Mixin private ThinkingOptions thinkingOptions = new ThinkingOptions();
  @Mixin private GrammarOptions grammarOptions = new GrammarOptions();
  @Mixin private PriceOptions priceOptions = new PriceOptions();

  @Option(
      names = {"-f", "--prompt-file"},
      paramLabel = "FILE",
      description = "read the prompt from a file")
  private Optional<Path> promptFile = Optional.empty();

  @Option(
      names = "--tokens",
      paramLabel = "IDS",
      converter = TokenList.Converter.class,
      description = "the prompt as token ids, 1,2,3, used as they are")
  private Optional<TokenList> tokens = Optional.empty();

  @Option(
      names = {"--raw", "--no-template"},
      description = "let the model continue the prompt itself, without a chat template")
  private boolean raw;

  @Option(names = "--json", description = "print one JSON object instead of the answer")
  private boolean json;

  @Option(
      names = "--logprobs",
      paramLabel = "K",
      description = "with --json: log-probabilities of each token and of the K most probable ones")
  private Optional<Integer> logProbs = Optional.empty();

  @Option(
      names = {"-q", "--quiet"},
      description = "no receipt line")
  private boolean quiet;

  /** What surrounds an answer. */
  private record Setting(Till till, double loadSeconds) {}

  RunCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws Exception {
    modelOptions.path();
    samplingOptions.check();
    RequestOptions request = thinkingOptions.request();
    Optional<Grammar> grammar = grammarOptions.grammar();
    String text = tokens.isPresent() ? "" : promptText();
    long began = System.nanoTime();
    try (Till till = priceOptions.open(streams);
        Engine engine = modelOptions.open(streams, till.attach(modelOptions.engineOptions()))) {
      Setting setting = new Setting(till, (System.nanoTime() - began) / 1e9);
      PromptOptions.Prompt prompt = prompt(engine, text);
      SamplingParams params = samplingOptions.apply(engine.defaults());
      if (logProbs.isPresent()) {
        params = params.toBuilder().logProbs(logProbs.get()).build();
      }
      Generation generation =
          engine.submit(
              prompt.tokens(),
              params,
              GrammarOptions.guide(grammar, engine, prompt.text()),
              request);
      Runnable end = () -> Runtime.getRuntime().halt(Main.INTERRUPTED);
      try (Interrupts interrupts = new Interrupts(generation::cancel, end)) {
        if (engine.tokenizer().isEmpty()) {
          answerInTokens(generation, params, setting);
        } else {
          ReasoningParser parser = ReasoningParser.forPrompt(prompt.text());
          answerInText(
              new TextGeneration(generation, engine.tokenizer().get(), parser, params.stop()),
              setting);
        }
        return interrupts.happened() ? Main.INTERRUPTED : 0;
      }
    }
  }

  private String promptText() throws IOException {
    if (promptFile.isPresent()) {
      if (!words.isEmpty()) {
        throw new BadInput("give the prompt either as PROMPT or as --prompt-file, not both");
      }
      return TextInput.ofFile(promptFile.get()).stripTrailing();
    }
    String typed = String.join(" ", words);
    if (!words.isEmpty() && !typed.equals("-")) {
      return typed;
    }
    if (words.isEmpty() && streams.inTerminal()) {
      throw new BadInput("no prompt is given; tiefsee run --model FILE \"Why is the sky blue?\"");
    }
    return streams.readAll().stripTrailing();
  }

  private PromptOptions.Prompt prompt(Engine engine, String text) {
    if (tokens.isPresent()) {
      int[] ids = tokens.get().ids();
      // As text it tells whether the thoughts are open already.
      String tail =
          engine
              .tokenizer()
              .map(t -> t.decode(Arrays.copyOfRange(ids, Math.max(0, ids.length - 8), ids.length)))
              .orElse("");
      return new PromptOptions.Prompt(tail, ids);
    }
    return raw
        ? PromptOptions.raw(engine, text)
        : promptOptions.render(engine, promptOptions.system(), List.of(new Message("user", text)));
  }

  private void answerInText(TextGeneration answer, Setting setting) throws InterruptedException {
    if (json) {
      StringBuilder reasoning = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (Piece piece : answer) {
        (piece instanceof ReasoningParser.Reasoning ? reasoning : text).append(piece.text());
      }
      answer.generation().await();
      printJson(
          answer.generation(),
          answer.finishReason(),
          text.toString(),
          reasoning.toString(),
          answer.reasoningTokens(),
          setting);
      return;
    }
    AnswerPrinter printer = new AnswerPrinter(streams, promptOptions.showThinking(streams));
    for (Piece piece : answer) {
      if (!printer.print(piece)) {
        answer.cancel();
        break;
      }
    }
    printer.end();
    answer.generation().await();
    receipt(answer.generation(), answer.finishReason(), answer.reasoningTokens(), setting);
  }

  private void answerInTokens(Generation generation, SamplingParams params, Setting setting)
      throws InterruptedException {
    if (!params.stop().isEmpty()) {
      throw new BadInput("--stop needs a tokenizer, which this model does not have");
    }
    int[] ids = generation.await();
    if (json) {
      printJson(generation, generation.finishReason(), "", "", 0, setting);
    } else {
      streams
          .out()
          .println(Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(",")));
      receipt(generation, generation.finishReason(), 0, setting);
    }
  }

  private Optional<Receipt> receipt(Generation generation, int thinking, Setting setting) {
    return setting.till.receipt(generation, modelOptions.name(), thinking, "run");
  }

  private void receipt(
      Generation generation, Optional<FinishReason> reason, int thinking, Setting setting) {
    Optional<Receipt> receipt = receipt(generation, thinking, setting);
    if (!quiet) {
      ThinkingOptions.explain(generation, streams);
      streams.note(AnswerSummary.line(generation.usage(), reason, receipt));
    }
  }

  private void printJson(
      Generation generation,
      Optional<FinishReason> reason,
      String text,
      String reasoning,
      int reasoningTokens,
      Setting setting)
      throws InterruptedException {
    Map<String, Object> answer =
        Json.object(
            "tokens", generation.await(),
            "text", text,
            "reasoning", reasoning,
            "finish_reason", AnswerSummary.name(reason),
            "usage", AnswerSummary.usage(generation.usage(), reasoningTokens),
            "timings", AnswerSummary.timings(setting.loadSeconds, generation.usage()));
    receipt(generation, reasoningTokens, setting).ifPresent(r -> answer.put("receipt", r.toMap()));
    if (logProbs.isPresent()) {
      answer.put("logprobs", logProbs(generation));
    }
    streams.out().println(Json.write(answer));
  }

  private static List<Object> logProbs(Generation generation) throws InterruptedException {
    List<Object> list = new ArrayList<>();
    for (int i = 0; ; i++) {
      Optional<Generation.Token> token = generation.token(i);
      if (token.isEmpty()) {
        return list;
      }
      list.add(
          Json.object(
              "id", token.get().id(),
              "logprob", token.get().logProb(),
              "top",
                  token.get().top().stream()
                      .map(t -> Json.object("id", t.id(), "logprob", t.logProb()))
                      .toList()));
    }
  }
}
