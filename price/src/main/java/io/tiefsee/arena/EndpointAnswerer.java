package io.tiefsee.arena;

import io.tiefsee.price.TokenCount;
import io.tiefsee.tensor.BadInput;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Asks an OpenAI-compatible endpoint, by {@code POST /chat/completions} without streaming. */
public final class EndpointAnswerer implements Answerer {
  /** Before the first repetition; a server that restarts needs about a minute. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final Endpoint endpoint;
  private final Protocol protocol;
  private final Billing billing;
  private final Purse purse;
  private final HttpCaller caller;
  private final boolean isTiefsee;

  private EndpointAnswerer(
      Endpoint endpoint, Protocol protocol, Billing billing, Purse purse, HttpCaller caller)
      throws InterruptedException {
    this.endpoint = endpoint;
    this.protocol = protocol;
    this.billing = billing;
    this.purse = purse;
    this.caller = caller;
    this.isTiefsee = isTiefsee(caller.get("/models"), endpoint.model());
  }

  /**
   * Makes sure that the endpoint is there and takes the key.
   *
   * @param environment where the key is
   * @throws BadInput if it is not, or if a spending cap cannot be watched for want of prices
   */
  static EndpointAnswerer open(
      Endpoint endpoint,
      Protocol protocol,
      Map<String, String> environment,
      Billing billing,
      Purse purse)
      throws InterruptedException {
    return open(endpoint, protocol, environment, billing, purse, FIRST_PAUSE);
  }

  static EndpointAnswerer open(
      Endpoint endpoint,
      Protocol protocol,
      Map<String, String> environment,
      Billing billing,
      Purse purse,
      Duration firstPause)
      throws InterruptedException {
    HttpCaller caller = new HttpCaller(endpoint, endpoint.key(environment), firstPause);
    try {
      EndpointAnswerer answerer = new EndpointAnswerer(endpoint, protocol, billing, purse, caller);
      answerer.checkCap();
      return answerer;
    } catch (RuntimeException | InterruptedException e) {
      caller.close();
      throw e;
    }
  }

  private void checkCap() {
    boolean priced = isTiefsee || billing.hasList(Instant.now());
    if (endpoint.limits().spendingCap().isPresent() && !priced) {
      throw new BadInput(
          "a spending cap for %s needs its price: name a list of the price book with price"
              .formatted(endpoint.base()));
    }
  }

  /** The models' list of a Tiefsee says more of its models than others do. */
  private static boolean isTiefsee(Optional<JsonNode> models, String model) {
    return models.stream()
        .flatMap(m -> m.path("data").valueStream())
        .anyMatch(m -> m.has("tiefsee") && m.path("id").asString("").equals(model));
  }

  @Override
  public int parallel() {
    return endpoint.limits().parallel();
  }

  @Override
  public Reply answer(Ask ask) throws InterruptedException {
    purse.open();
    Optional<Bill> bill = Optional.empty();
    try {
      long began = System.nanoTime();
      ChatReply reply = caller.post("/chat/completions", body(ask), ChatReply::of);
      double seconds = (System.nanoTime() - began) / 1e9;
      bill = billing.bill(reply.receipt().flatMap(Bill::ofReceipt), reply.tokens(), Instant.now());
      return new Reply(
          reply.thinking(),
          reply.answer(),
          reply.truncated(),
          reply.tokens().orElse(new TokenCount(0, 0, 0, 0)),
          seconds,
          bill);
    } finally {
      purse.close(bill.map(Bill::cost));
    }
  }

  private Map<String, Object> body(Ask ask) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", endpoint.model());
    body.put("messages", List.of(Map.of("role", "user", "content", ask.problem().question())));
    body.put("stream", false);
    Endpoint.Dialect dialect = endpoint.dialect();
    body.put(dialect.tokensKey(), protocol.maxTokens());
    if (dialect.sampling()) {
      body.put("temperature", protocol.temperature());
      body.put("top_p", protocol.topP());
      body.put("seed", ask.seed());
    }
    if (protocol.thinkingBudget() > 0) {
      body.put(dialect.budgetKey(), protocol.thinkingBudget());
    }
    if (isTiefsee) {
      body.put("receipt", true);
      // Else the model's own defaults would come on top of the protocol.
      body.put("top_k", 0);
      body.put("min_p", 0);
    }
    return body;
  }

  @Override
  public void close() {
    caller.close();
  }
}
