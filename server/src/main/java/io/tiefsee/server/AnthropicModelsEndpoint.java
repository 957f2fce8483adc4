package io.tiefsee.server;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /anthropic/v1/models} and one of them by its name, as Anthropic's API has them. */
final class AnthropicModelsEndpoint implements Endpoint {
  private final Models models;
  private final String created = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();

  AnthropicModelsEndpoint(Models models) {
    this.models = models;
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    Optional<String> name = exchange.param("name");
    exchange.json(200, name.isPresent() ? entry(models.find(name)) : list());
  }

  private ObjectNode list() {
    List<Model> all = models.all();
    ObjectNode body = Json.object();
    ArrayNode data = body.putArray("data");
    all.forEach(model -> data.add(entry(model)));
    body.put("has_more", false);
    return body.put("first_id", all.getFirst().name()).put("last_id", all.getLast().name());
  }

  private ObjectNode entry(Model model) {
    ObjectNode entry = Json.object().put("type", "model").put("id", model.name());
    return entry.put("display_name", model.name()).put("created_at", created);
  }
}
