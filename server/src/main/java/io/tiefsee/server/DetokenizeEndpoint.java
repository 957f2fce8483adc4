package io.tiefsee.server;

import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /detokenize}: the text as {@code content} (llama-server) and {@code prompt} (vLLM).
 */
final class DetokenizeEndpoint implements Endpoint {
  private final Models models;

  DetokenizeEndpoint(Models models) {
    this.models = models;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    Fields fields = exchange.json();
    Model model = models.find(fields.string("model"));
    int[] tokens = TextInput.tokens(fields, "tokens");
    String text;
    try (Model.Lease lease = models.use(model)) {
      text = lease.tokenizer().decode(tokens);
    }
    exchange.json(
        200, JsonMapper.shared().createObjectNode().put("content", text).put("prompt", text));
  }
}
