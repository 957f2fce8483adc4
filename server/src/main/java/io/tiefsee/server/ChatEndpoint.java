package io.tiefsee.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** {@code POST /v1/chat/completions}. */
final class ChatEndpoint implements Endpoint {
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
    ChatCall call = ChatCall.read(exchange.json(), dialect);
    Model model = models.find(call.model());
    if (call.stream()) {
      exchange.events().keepAlive(keepAliveMillis, () -> waiting(model));
    }
    try (Completion completion = Completion.start(call.request(), models.use(model), exchange)) {
      ChatJson json =
          new ChatJson(dialect, model.name(), completion.lease().tokenizer(), call.logProbs());
      if (call.stream()) {
        stream(call, completion, json, exchange.events());
      } else {
        List<Answer> answers = new ArrayList<>();
        for (Sample sample : completion.samples()) {
          answers.add(Answer.of(sample));
          sample.settle();
        }
        exchange.json(200, json.whole(answers, ChatJson.usage(completion.samples())));
      }
    }
  }

  /** What a keep-alive comment says. */
  private static String waiting(Model model) {
    return switch (model.state()) {
      case LOADING ->
          ChatJson.object().put("state", "loading").put("progress", model.progress()).toString();
      case LOADED, UNLOADED -> ChatJson.object().toString();
    };
  }

  private static void stream(
      ChatCall call, Completion completion, ChatJson json, EventStream events) throws Exception {
    together(
        completion.samples().stream()
            .<Callable<Boolean>>map(sample -> () -> stream(sample, json, events))
            .toList());
    if (call.includeUsage()) {
      events.send(json.usageChunk(ChatJson.usage(completion.samples())).toString());
    }
    events.send("[DONE]");
    events.end();
  }

  private static boolean stream(Sample sample, ChatJson json, EventStream events)
      throws ClientGoneException, InterruptedException {
    events.send(json.begin(sample.index()).toString());
    boolean calls = false;
    Optional<Sample.Delta> delta;
    while ((delta = sample.next()).isPresent()) {
      calls |= delta.get().part() instanceof AnswerPart.Call;
      events.send(json.delta(sample.index(), delta.get()).toString());
    }
    sample.settle();
    events.send(json.end(sample.index(), sample.finishReason(), calls).toString());
    return true;
  }

  /** Does several things at once; the first failure counts. */
  private static void together(List<Callable<Boolean>> tasks) throws Exception {
    if (tasks.size() == 1) {
      boolean ignored = tasks.getFirst().call();
      return;
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> done : threads.invokeAll(tasks)) {
        boolean ignored = done.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
