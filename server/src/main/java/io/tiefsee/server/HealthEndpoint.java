package io.tiefsee.server;

import tools.jackson.databind.node.ObjectNode;

/** {@code GET /health}: whether the server answers, and with which models in memory. */
final class HealthEndpoint implements Endpoint {
  private final Models models;

  HealthEndpoint(Models models) {
    this.models = models;
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    ObjectNode body = Json.object().put("status", "ok");
    long loaded = models.all().stream().filter(m -> m.state() == Model.State.LOADED).count();
    exchange.json(200, body.put("models", models.all().size()).put("loaded", loaded));
  }
}
