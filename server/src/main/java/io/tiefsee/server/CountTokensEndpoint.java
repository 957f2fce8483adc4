package io.tiefsee.server;

import tools.jackson.databind.json.JsonMapper;

/** {@code POST /v1/messages/count_tokens}: how long a prompt of Anthropic's API is. */
final class CountTokensEndpoint implements Endpoint {
  private final Models models;

  CountTokensEndpoint(Models models) {
    this.models = models;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    MessagesCall call = MessagesCall.read(exchange.json(), false);
    int tokens;
    try (Model.Lease lease = models.use(models.find(call.model()))) {
      tokens = Prompt.of(call.request(), lease).tokens().length;
    }
    exchange.json(200, JsonMapper.shared().createObjectNode().put("input_tokens", tokens));
  }
}
