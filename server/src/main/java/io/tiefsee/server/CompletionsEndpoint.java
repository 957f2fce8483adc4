package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.price.Receipt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/completions}: texts that go on, or whose middle is filled in. */
final class CompletionsEndpoint implements Endpoint {
  private final Models models;
  private final long keepAliveMillis;

  CompletionsEndpoint(Models models, ServerOptions options) {
    this.models = models;
    this.keepAliveMillis = options.keepAlive() * 1000L;
  }

  /** A prompt, its own text and scores where they are echoed, and the answers to it. */
  private record Running(
      Prompt prompt, String echo, List<Generation.Token> scores, Optional<Completion> completion) {
    List<Sample> samples() {
      return completion.map(Completion::samples).orElse(List.of());
    }
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    TextCall call = TextCall.read(exchange.json());
    Model model = models.find(call.model());
    Waiting waiting = Waiting.begin(exchange, model, call.stream(), keepAliveMillis);
    List<Running> running = new ArrayList<>();
    try (Model.Lease lease = models.use(model)) {
      TextJson json = new TextJson(model.name(), lease.tokenizer(), call.logProbs().isPresent());
      for (TextInput input : call.prompts()) {
        running.add(start(call, input, lease, exchange));
      }
      waiting.accepted(running.stream().flatMap(r -> r.samples().stream()).toList());
      if (call.stream()) {
        stream(call, running, json, exchange.events());
      } else {
        ObjectNode body = whole(call, running, json);
        receipt(running).ifPresent(exchange::setPrice);
        exchange.json(200, body);
      }
    } finally {
      running.forEach(r -> r.completion().ifPresent(Completion::close));
    }
  }

  private Running start(TextCall call, TextInput input, Model.Lease lease, Exchange exchange)
      throws InterruptedException {
    Prompt prompt = call.prompt(input, lease);
    Optional<Completion> completion =
        call.answers() == 0
            ? Optional.empty()
            : Optional.of(
                Completion.start(
                    prompt, call.job(), ToolUse.NONE, models.use(lease.model()), exchange));
    String echo = call.echo() ? input.asText().orElse(prompt.text()) : "";
    List<Generation.Token> scores =
        call.echo() && call.logProbs().isPresent()
            ? scores(input, prompt, lease, call.logProbs().getAsInt())
            : List.of();
    if (completion.isEmpty()) {
      exchange.caller().charge(prompt.tokens().length);
    }
    return new Running(prompt, echo, scores, completion);
  }

  /** Of the tokens that the text has; one that was put before it is not told. */
  private static List<Generation.Token> scores(
      TextInput input, Prompt prompt, Model.Lease lease, int top) {
    List<Generation.Token> scores = lease.engine().score(prompt.tokens(), top);
    int given = lease.tokenizer().encode(input.asText().orElse(""), true).length;
    boolean added = input instanceof TextInput.Text && given < scores.size();
    return added ? scores.subList(1, scores.size()) : scores;
  }

  private static ObjectNode whole(TextCall call, List<Running> running, TextJson json)
      throws InterruptedException {
    ObjectNode body = json.envelope();
    for (Running r : running) {
      if (call.answers() == 0) {
        json.addChoice(body, json.choice(r.echo(), r.scores(), "length"));
      }
      for (Answer answer : best(r.samples(), call.answers())) {
        List<Generation.Token> tokens = new ArrayList<>(r.scores());
        tokens.addAll(answer.textTokens());
        json.addChoice(
            body,
            json.choice(r.echo() + answer.text(), tokens, TextJson.reason(answer.finishReason())));
      }
    }
    body.set("usage", usage(call, running));
    return body;
  }

  private static ObjectNode usage(TextCall call, List<Running> running)
      throws InterruptedException {
    TokenUsage sum = TokenUsage.NONE;
    for (Running r : running) {
      sum =
          sum.plus(
              r.samples().isEmpty()
                  ? TokenUsage.ofPrompt(r.prompt().tokens().length)
                  : TokenUsage.of(r.samples()));
    }
    ObjectNode usage = sum.chat();
    if (call.receipt()) {
      receipt(running).ifPresent(r -> usage.set("receipt", Json.tree(r.toMap())));
    }
    return usage;
  }

  /** What all answers took together; empty where nothing was answered. */
  private static Optional<Receipt> receipt(List<Running> running) throws InterruptedException {
    List<Receipt> receipts = new ArrayList<>();
    for (Running r : running) {
      if (r.completion().isPresent()) {
        receipts.add(r.completion().get().receipt());
      }
    }
    return receipts.stream().reduce(Receipt::plus);
  }

  /** The answers that the model finds most probable, token by token. */
  private static List<Answer> best(List<Sample> samples, int n) throws InterruptedException {
    List<Answer> answers = new ArrayList<>();
    for (Sample sample : samples) {
      answers.add(Answer.of(sample));
    }
    if (answers.size() > n) {
      answers.sort(Comparator.comparingDouble(CompletionsEndpoint::meanLogProb).reversed());
    }
    return answers.subList(0, Math.min(n, answers.size()));
  }

  private static double meanLogProb(Answer answer) {
    return answer.textTokens().stream()
        .mapToDouble(Generation.Token::logProb)
        .average()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  private static void stream(
      TextCall call, List<Running> running, TextJson json, EventStream events) throws Exception {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (Running r : running) {
      for (int i = 0; i < Math.max(call.answers(), 1); i++) {
        int index = tasks.size();
        Optional<Sample> sample =
            r.samples().isEmpty() ? Optional.empty() : Optional.of(r.samples().get(i));
        tasks.add(() -> stream(index, r, sample, json, events));
      }
    }
    Together.run(tasks);
    if (call.includeUsage()) {
      ObjectNode last = json.envelope();
      last.set("usage", usage(call, running));
      events.send(last);
    }
    events.send("[DONE]");
    events.end();
  }

  private static boolean stream(
      int index, Running r, Optional<Sample> sample, TextJson json, EventStream events)
      throws ClientGoneException, InterruptedException {
    int offset = 0;
    if (!r.echo().isEmpty()) {
      events.send(json.chunk(index, offset, r.echo(), r.scores(), Optional.empty()).toString());
      offset = r.echo().length();
    }
    String reason = "length";
    if (sample.isPresent()) {
      Optional<Sample.Delta> delta;
      while ((delta = sample.get().next()).isPresent()) {
        if (delta.get().part() instanceof AnswerPart.Text t) {
          ObjectNode chunk =
              json.chunk(index, offset, t.text(), delta.get().tokens(), Optional.empty());
          events.send(chunk.toString());
          offset += t.text().length();
        }
      }
      sample.get().settle();
      reason = TextJson.reason(sample.get().finishReason());
    }
    events.send(json.chunk(index, offset, "", List.of(), Optional.of(reason)).toString());
    return true;
  }
}
