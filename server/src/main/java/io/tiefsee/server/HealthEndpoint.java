package io.tiefsee.server;

import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /health}: whether the server answers, and with which models in memory; 503 while it
 * still starts.
 */
final class HealthEndpoint implements Endpoint {
  private final Models models;
  private final BooleanSupplier ready;

  HealthEndpoint(Models models, BooleanSupplier ready) {
    this.models = models;
    this.ready = ready;
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    boolean ok = ready.getAsBoolean();
    ObjectNode body = Json.object().put("status", ok ? "ok" : "loading");
    long loaded = models.all().stream().filter(m -> m.state() == Model.State.LOADED).count();
    body.put("models", models.all().size()).put("loaded", loaded);
    exchange.json(ok ? 200 : 503, body);
  }
}
