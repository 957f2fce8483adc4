package io.tiefsee.server;

import io.tiefsee.price.Elsewhere;
import io.tiefsee.price.TokenCount;
import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.tensor.BadInput;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.BiFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that the page needs besides the APIs: its files, the logs of training runs, the last arena,
 * and endpoints elsewhere with their prices.
 */
final class PageData implements AutoCloseable {
  private final Optional<Path> arena;
  private final BiFunction<String, TokenCount, Optional<Elsewhere>> prices;

  private final RunLogs runs;
  private final RemoteProxy remotes;

  /**
   * @param prices what tokens of another provider's model cost
   * @throws BadInput if the file of endpoints elsewhere is broken
   */
  PageData(ServerOptions options, BiFunction<String, TokenCount, Optional<Elsewhere>> prices) {
    this.arena = path(options.arena());
    this.prices = prices;
    this.runs = new RunLogs(path(options.runs()), Clock.systemUTC());
    this.remotes = new RemoteProxy(path(options.remotes()).map(Remotes::read).orElse(Remotes.NONE));
  }

  private static Optional<Path> path(String option) {
    return option.isEmpty() ? Optional.empty() : Optional.of(Path.of(option));
  }

  void addTo(Routes routes) {
    new StaticFiles().addTo(routes);
    runs.addTo(routes);
    remotes.addTo(routes);
    routes
        .own(HttpMethod.GET, "/tiefsee/v1/arena", this::arena)
        .own(HttpMethod.POST, "/tiefsee/v1/price", this::price);
  }

  /** The report as it stands in the file now. */
  private void arena(Exchange exchange) throws IOException, ClientGoneException {
    Path file = arena.filter(Files::isRegularFile).orElseThrow(PageData::noArena);
    JsonNode report;
    try {
      report = JsonMapper.shared().readTree(Files.readAllBytes(file));
    } catch (JacksonException e) {
      throw new BadInput("the arena's report is no valid JSON; run tiefsee arena again", e);
    }
    exchange.json(200, report);
  }

  private static ApiException noArena() {
    return new ApiException(Kind.NOT_FOUND, "there is no arena here: serve --arena FILE names one");
  }

  private void price(Exchange exchange) throws ClientGoneException {
    Fields fields = exchange.json();
    String model =
        fields.string("model").orElseThrow(() -> fields.invalid("model", "must be given"));
    TokenCount tokens = tokens(fields.node().path("usage"));
    Elsewhere price =
        prices
            .apply(model, tokens)
            .orElseThrow(
                () -> new ApiException(Kind.NOT_FOUND, "the price book has no prices of " + model));
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("total", price.total()).put("currency", price.currency()).put("name", price.name());
    exchange.json(200, body);
  }

  @Override
  public void close() {
    remotes.close();
  }

  /** Of a usage object as OpenAI or DeepSeek writes it. */
  private static TokenCount tokens(JsonNode usage) {
    int prompt = usage.path("prompt_tokens").asInt(0);
    int cached =
        usage
            .path("prompt_cache_hit_tokens")
            .asInt(usage.path("prompt_tokens_details").path("cached_tokens").asInt(0));
    int completion = usage.path("completion_tokens").asInt(0);
    int thinking = usage.path("completion_tokens_details").path("reasoning_tokens").asInt(0);
    int hit = Math.clamp(cached, 0, Math.max(0, prompt));
    int thoughts = Math.clamp(thinking, 0, Math.max(0, completion));
    return new TokenCount(
        hit, Math.max(0, prompt) - hit, thoughts, Math.max(0, completion) - thoughts);
  }
}
