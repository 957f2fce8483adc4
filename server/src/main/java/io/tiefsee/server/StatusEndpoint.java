package io.tiefsee.server;

import io.tiefsee.engine.EngineStatus;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /tiefsee/v1/status}: how the server stands, for monitors. */
final class StatusEndpoint implements Endpoint {
  private final Models models;
  private final Books books;
  private final long began = System.nanoTime();

  StatusEndpoint(Models models, Books books) {
    this.models = models;
    this.books = books;
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    ObjectNode body = Json.object();
    body.put(
        "version",
        Optional.ofNullable(Server.class.getPackage().getImplementationVersion()).orElse(""));
    body.put("uptime_seconds", (System.nanoTime() - began) / 1_000_000_000);
    body.put("currency", books.currency());
    body.put("energy_method", books.method());
    body.put("watts", books.watts());
    body.put("cost_today", books.costToday());
    ArrayNode list = body.putArray("models");
    models.all().forEach(m -> list.add(entry(m)));
    exchange.json(200, body);
  }

  private ObjectNode entry(Model model) {
    ObjectNode entry = Json.object().put("id", model.name());
    entry.put("state", model.state().name().toLowerCase(Locale.ROOT));
    entry.put("memory_bytes", model.bytes()).put("context_length", model.contextLength());
    entry.put("requests", books.requests(model.name()));
    entry.put("cost_today", books.costToday(model.name()));
    model.engine().ifPresent(engine -> put(entry, engine.status()));
    return entry;
  }

  private static void put(ObjectNode entry, EngineStatus status) {
    entry.put("running", status.running()).put("waiting", status.waiting());
    entry.put("slots", status.slots());
    entry.putObject("kv_pages").put("total", status.pagesTotal()).put("free", status.pagesFree());
    entry
        .putObject("tokens_per_second")
        .put("prompt", status.promptTokensPerSecond())
        .put("generation", status.tokensPerSecond());
    entry
        .putObject("cache")
        .put("hit_tokens", status.prefixHitTokens())
        .put("miss_tokens", status.prefixMissTokens())
        .put("disk_bytes", status.diskBytes());
  }
}
