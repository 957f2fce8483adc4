package io.tiefsee.server;

import io.tiefsee.engine.SamplingParams;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /v1/models} and {@code GET /v1/models/NAME}. */
final class ModelsEndpoint implements Endpoint {
  private final Models models;
  private final long created = Instant.now().getEpochSecond();

  ModelsEndpoint(Models models) {
    this.models = models;
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    Optional<String> name = exchange.param("name");
    if (name.isPresent()) {
      exchange.json(200, entry(models.find(name)));
      return;
    }
    ObjectNode body = Json.object().put("object", "list");
    ArrayNode data = body.putArray("data");
    models.all().forEach(m -> data.add(entry(m)));
    exchange.json(200, body);
  }

  private ObjectNode entry(Model model) {
    ObjectNode entry = Json.object();
    entry.put("id", model.name()).put("object", "model").put("created", created);
    entry.put("owned_by", "tiefsee");
    ObjectNode own = entry.putObject("tiefsee");
    own.put("state", model.state().name().toLowerCase(Locale.ROOT));
    own.put("memory_bytes", model.bytes()).put("context_length", model.contextLength());
    own.put("thinks", model.thinks());
    ArrayNode aliases = own.putArray("aliases");
    models.aliases(model).forEach(aliases::add);
    SamplingParams defaults = model.defaults();
    own.putObject("defaults")
        .put("temperature", defaults.temperature())
        .put("top_p", defaults.topP())
        .put("top_k", defaults.topK());
    return entry;
  }
}
