package io.tiefsee.server;

import io.tiefsee.eval.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/chat/completions}. */
final class ChatEndpoint implements Endpoint {
  /** By which a request chooses another dialect than the server's. */
  private static final String DIALECT_HEADER = "X-Tiefsee-Dialect";

  private final Models models;
  private final Dialect dialect;
  private final long keepAliveMillis;

  ChatEndpoint(Models models, ServerOptions options) {
    this.models = models;
    this.dialect = Dialect.of(options.dialect());
    this.keepAliveMillis = options.keepAlive() * 1000L;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    Dialect wanted = exchange.header(DIALECT_HEADER).map(Dialect::of).orElse(dialect);
    ChatCall call = ChatCall.read(exchange.json(), wanted);
    Model model = models.find(call.model());
    Waiting waiting = Waiting.begin(exchange, model, call.manner().stream(), keepAliveMillis);
    try (Completion completion = Completion.start(call.request(), models.use(model), exchange)) {
      waiting.accepted(completion.samples());
      answer(call, completion, exchange);
    }
  }

  private static void answer(ChatCall call, Completion completion, Exchange exchange)
      throws Exception {
    ChatJson json =
        new ChatJson(call.manner(), completion.model().name(), completion.lease().tokenizer());
    if (call.manner().stream() && !call.vote()) {
      stream(call, completion, json, exchange.events());
      return;
    }
    List<Answer> answers = new ArrayList<>();
    for (Sample sample : completion.samples()) {
      answers.add(Answer.of(sample));
    }
    ObjectNode usage = usage(call, completion);
    if (!call.manner().stream()) {
      exchange.setPrice(completion.receipt());
    }
    if (!call.vote()) {
      exchange.json(200, json.whole(answers, usage));
      return;
    }
    Vote vote = Vote.of(answers.stream().map(a -> voice(a, call)).toList());
    Answer winner = answers.get(vote.winner().map(g -> g.samples().getFirst()).orElse(0)).first();
    if (call.manner().stream()) {
      streamWinner(call, winner, json.votes(vote, answers), usage, json, exchange.events());
    } else {
      ObjectNode body = json.whole(List.of(winner), usage);
      body.set("tiefsee", json.votes(vote, answers));
      exchange.json(200, body);
    }
  }

  private static ObjectNode usage(ChatCall call, Completion completion)
      throws InterruptedException {
    ObjectNode usage = TokenUsage.of(completion.samples()).chat();
    if (call.manner().receipt()) {
      usage.set("receipt", Json.tree(completion.receipt().toMap()));
    }
    return usage;
  }

  /** What an answer votes for: its result, or all of it where that is not a text. */
  private static String voice(Answer answer, ChatCall call) {
    if (!answer.calls().isEmpty()) {
      return String.join("\n", answer.calls().stream().map(c -> c.name() + c.arguments()).toList());
    }
    return call.request().job().grammar().isPresent()
        ? answer.text()
        : Vote.finalAnswer(answer.text());
  }

  private static void stream(
      ChatCall call, Completion completion, ChatJson json, EventStream events) throws Exception {
    Together.run(
        completion.samples().stream()
            .<Callable<Boolean>>map(sample -> () -> stream(sample, json, events))
            .toList());
    end(call, usage(call, completion), json, events);
  }

  private static void end(ChatCall call, ObjectNode usage, ChatJson json, EventStream events)
      throws ClientGoneException {
    if (call.manner().includeUsage()) {
      events.send(json.usageChunk(usage));
    }
    events.send("[DONE]");
    events.end();
  }

  private static boolean stream(Sample sample, ChatJson json, EventStream events)
      throws ClientGoneException, InterruptedException {
    boolean begun = false;
    boolean calls = false;
    Optional<Sample.Delta> delta;
    while ((delta = sample.next()).isPresent()) {
      // Only now: what fails before the first token still gets an error of its own.
      if (!begun) {
        events.send(json.begin(sample.index()));
        begun = true;
      }
      calls |= delta.get().part() instanceof AnswerPart.Call;
      events.send(json.delta(sample.index(), delta.get()));
    }
    sample.settle();
    if (!begun) {
      events.send(json.begin(sample.index()));
    }
    events.send(json.end(sample, calls));
    return true;
  }

  /** The answer that a vote has chosen, when all samples are there. */
  private static void streamWinner(
      ChatCall call,
      Answer winner,
      ObjectNode votes,
      ObjectNode usage,
      ChatJson json,
      EventStream events)
      throws ClientGoneException {
    events.send(json.begin(0));
    for (Sample.Delta delta : winner.deltas()) {
      events.send(json.delta(0, delta));
    }
    ObjectNode last = json.end(winner);
    last.set("tiefsee", votes);
    events.send(last);
    end(call, usage, json, events);
  }
}
