package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.RequestOptions;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.TextGeneration;
import io.tiefsee.engine.TokenGuide;
import io.tiefsee.engine.Usage;
import io.tiefsee.price.Receipt;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.ReasoningParser.Piece;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code tiefsee chat}: a conversation in the terminal. Lines that start with a slash are commands;
 * a backslash at the end of a line, or three quotes around several, make longer messages. Whatever
 * goes wrong in a turn is one line, and the chat goes on.
 */
@Command(
    name = "chat",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Talks with a model. /help lists the commands of the chat.",
    footer = {
      "",
      "Ctrl-C ends an answer, Ctrl-D or /quit the chat. Lines can be piped in as well."
    })
final class ChatCommand implements Callable<Integer> {
  private static final String QUOTES = "\"\"\"";
  private static final Set<String> QUIT = Set.of("/quit", "/exit", "/bye");
  private static final String HELP =
      """
      /set NAME VALUE   an option of sampling: temperature, top-k, top-p, min-p, seed,
                        max-tokens, repeat-penalty, presence-penalty, frequency-penalty, stop
      /system [TEXT]    set the system message, or remove it
      /regenerate       answer the last message again
      /clear            start a new conversation
      /save FILE        write the conversation as JSON
      /load FILE        read it again
      /stats            tokens, speed and context used so far
      /help             this list
      /quit             end (or Ctrl-D)
      A line that ends in \\ goes on in the next one; so does everything between ""\"\
      """;

  private final Streams streams;

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private PromptOptions promptOptions = new PromptOptions();
  @Mixin private SamplingOptions samplingOptions = new SamplingOptions();
  @Mixin private PriceOptions priceOptions = new PriceOptions();
  @Mixin private ThinkingOptions thinkingOptions = new ThinkingOptions();

  ChatCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws Exception {
    modelOptions.path();
    samplingOptions.check();
    RequestOptions request = thinkingOptions.request();
    try (Till till = priceOptions.open(streams);
        Engine engine = modelOptions.open(streams, till.attach(modelOptions.engineOptions()))) {
      PromptOptions.tokenizer(engine);
      try (LineInput input = LineInput.of(streams)) {
        Session session = new Session(engine, till, input, request);
        try (var _ = new Interrupts(session::stopAnswer, session::stopAnswer)) {
          session.run();
        }
      }
    }
    return 0;
  }

  /** One conversation after the other with one engine. */
  private final class Session {
    private final Engine engine;
    private final Till till;
    private final LineInput input;
    private final RequestOptions request;
    private final boolean person = streams.inTerminal() && streams.outTerminal();
    private final Conversation conversation = new Conversation(promptOptions.system());
    private SamplingParams params;
    private volatile Optional<Generation> running = Optional.empty();
    private int answers;
    private long answerTokens;
    private long answerNanos;
    private BigDecimal joules = BigDecimal.ZERO;
    private BigDecimal cost = BigDecimal.ZERO;
    private String currency = "";
    private Optional<Usage> last = Optional.empty();

    Session(Engine engine, Till till, LineInput input, RequestOptions request) {
      this.request = request;
      this.engine = engine;
      this.till = till;
      this.input = input;
      params = samplingOptions.apply(engine.defaults());
    }

    /** On Ctrl-C; in between answers it is the line editor's business. */
    void stopAnswer() {
      running.ifPresent(Generation::cancel);
    }

    void run() throws InterruptedException {
      if (person) {
        streams.note(engine.spec().name() + " · /help lists commands, Ctrl-D ends");
      }
      while (true) {
        Optional<String> message;
        try {
          message = read();
        } catch (LineInput.Interrupted e) {
          if (e.emptyLine()) {
            streams.note("Ctrl-D or /quit ends the chat");
          }
          continue;
        }
        if (message.isEmpty() || QUIT.contains(message.get())) {
          if (person) {
            streams.out().println("");
          }
          return;
        }
        try {
          take(message.get());
        } catch (BadInput e) {
          streams.err().println("tiefsee: " + e.getMessage());
        }
      }
    }

    /** A message, which may take several lines. */
    private Optional<String> read() throws LineInput.Interrupted {
      Optional<String> first = input.read("> ");
      if (first.isEmpty()) {
        return first;
      }
      StringBuilder text = new StringBuilder(first.get());
      if (first.get().strip().startsWith(QUOTES)) {
        text = new StringBuilder(first.get().strip().substring(QUOTES.length()));
        while (text.indexOf(QUOTES) < 0) {
          Optional<String> next = input.read("… ");
          if (next.isEmpty()) {
            return Optional.of(text.toString().strip());
          }
          text.append('\n').append(next.get());
        }
        text.delete(text.indexOf(QUOTES), text.length());
        return Optional.of(text.toString().strip());
      }
      while (!text.isEmpty() && text.charAt(text.length() - 1) == '\\') {
        text.setLength(text.length() - 1);
        Optional<String> next = input.read("… ");
        text.append('\n').append(next.orElse(""));
      }
      return Optional.of(text.toString().strip());
    }

    private void take(String message) throws InterruptedException {
      if (message.isEmpty()) {
        return;
      }
      if (message.startsWith("/")) {
        command(message);
        return;
      }
      conversation.add("user", message);
      answer();
    }

    private void command(String line) throws InterruptedException {
      String name = line.split("\\s", 2)[0];
      String rest = line.substring(name.length()).strip();
      switch (name) {
        case "/help" -> streams.note(HELP);
        case "/clear" -> conversation.clear();
        case "/system" -> conversation.setSystem(rest);
        case "/set" -> set(rest);
        case "/save" -> conversation.save(file(name, rest));
        case "/load" -> conversation.load(file(name, rest));
        case "/stats" -> streams.note(stats());
        case "/regenerate" -> {
          if (!conversation.dropAnswer()) {
            throw new BadInput("there is no answer yet");
          }
          answer();
        }
        default -> throw new BadInput("there is no command " + name + "; /help lists them");
      }
    }

    private static Path file(String command, String name) {
      if (name.isEmpty()) {
        throw new BadInput(command + " needs the name of a file");
      }
      return Path.of(name);
    }

    /** Takes the names and the values that the command line takes. */
    private void set(String option) {
      String[] parts = option.split("[\\s=]+", 2);
      if (parts.length < 2) {
        throw new BadInput("/set needs a name and a value, for instance /set temperature 0.6");
      }
      SamplingOptions change = new SamplingOptions();
      try {
        CommandSpec spec = CommandSpec.create().name("/set");
        spec.addMixin("sampling", CommandSpec.forAnnotatedObject(change));
        new CommandLine(spec).parseArgs("--" + parts[0] + "=" + parts[1]);
      } catch (ParameterException e) {
        throw new BadInput("/set " + option + ": " + e.getMessage(), e);
      }
      params = change.apply(params);
    }

    private String stats() {
      return String.format(
          Locale.ROOT,
          "answers: %d, tokens: %d, tokens/s: %.1f, context: %d of %d tokens%s",
          answers,
          answerTokens,
          answerNanos == 0 ? 0 : answerTokens * 1e9 / answerNanos,
          last.map(u -> u.promptTokens() + u.completionTokens()).orElse(0),
          engine.contextLength(),
          currency.isEmpty()
              ? ""
              : String.format(
                  Locale.ROOT, ", %.1f J, %s %s", joules, cost.toPlainString(), currency));
    }

    private void answer() throws InterruptedException {
      PromptOptions.Prompt prompt;
      Generation generation;
      try {
        prompt = promptOptions.render(engine, conversation.system(), conversation.messages());
        generation = engine.submit(prompt.tokens(), params, TokenGuide.NONE, request);
      } catch (BadInput e) {
        conversation.dropQuestion();
        throw e;
      }
      AnswerPrinter printer = new AnswerPrinter(streams, promptOptions.showThinking(streams));
      ReasoningParser parser = ReasoningParser.forPrompt(prompt.text());
      TextGeneration text =
          new TextGeneration(generation, PromptOptions.tokenizer(engine), parser, params.stop());
      running = Optional.of(generation);
      for (Piece piece : text) {
        if (!printer.print(piece)) {
          generation.cancel();
        }
      }
      running = Optional.empty();
      printer.end();
      generation.await();
      conversation.add("assistant", printer.answer());
      Optional<Receipt> receipt =
          till.receipt(generation, modelOptions.name(), text.reasoningTokens(), "chat");
      count(generation.usage(), receipt);
      if (person) {
        ThinkingOptions.explain(generation, streams);
        streams.note(AnswerSummary.line(generation.usage(), text.finishReason(), receipt));
        streams.out().println("");
      }
    }

    private void count(Usage usage, Optional<Receipt> receipt) {
      last = Optional.of(usage);
      answers++;
      answerTokens += usage.completionTokens();
      answerNanos += usage.promptNanos() + usage.generateNanos();
      receipt.ifPresent(r -> {
        joules = joules.add(r.energy().total());
        cost = cost.add(r.cost().total());
        currency = r.cost().currency();
      });
    }
  }
}
