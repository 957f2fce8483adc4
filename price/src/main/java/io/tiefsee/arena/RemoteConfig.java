package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Contestants behind an OpenAI-compatible endpoint: one for each budget.
 *
 * @param name in the report; empty: the model and the host
 * @param url up to and with the version: {@code https://api.deepseek.com/v1}
 * @param model as the endpoint calls it
 * @param keyEnv the environment variable that holds the key; empty: none is sent
 * @param price the price list in the price book; empty: that of the model, if there is one
 * @param budgets tokens of thoughts, sent as {@code budgetKey}; 0: none is sent
 * @param k how many answers vote
 * @param parallel requests at once
 * @param requestsPerMinute 0: no limit
 * @param spendingCap of all requests to this endpoint, in the price book's currency
 * @param timeoutSeconds of one request
 * @param retries of a request that failed in a way that may pass
 * @param sampling whether temperature, top-p and seed are sent; some models refuse them
 */
public record RemoteConfig(
    String name,
    String url,
    String model,
    String keyEnv,
    String price,
    List<Integer> budgets,
    List<Integer> k,
    int parallel,
    double requestsPerMinute,
    Optional<BigDecimal> spendingCap,
    int timeoutSeconds,
    int retries,
    String budgetKey,
    String tokensKey,
    boolean sampling) {
  public static final RemoteConfig DEFAULTS =
      new RemoteConfig(
          "",
          "",
          "",
          "",
          "",
          List.of(0),
          List.of(1),
          Endpoint.Limits.DEFAULTS.parallel(),
          Endpoint.Limits.DEFAULTS.requestsPerMinute(),
          Endpoint.Limits.DEFAULTS.spendingCap(),
          Endpoint.Limits.DEFAULTS.timeoutSeconds(),
          Endpoint.Limits.DEFAULTS.retries(),
          Endpoint.Dialect.DEFAULTS.budgetKey(),
          Endpoint.Dialect.DEFAULTS.tokensKey(),
          Endpoint.Dialect.DEFAULTS.sampling());

  public RemoteConfig {
    LocalConfig.checkLists(budgets, k);
    if (!url.isEmpty()) {
      URI ignored = Endpoint.base(url);
    }
    if (keyEnv.startsWith("sk-")) {
      throw new BadInput("key_env names an environment variable; a key does not belong into files");
    }
    Endpoint.Limits ignored =
        new Endpoint.Limits(parallel, requestsPerMinute, spendingCap, timeoutSeconds, retries);
  }

  /**
   * The endpoint.
   *
   * @throws BadInput if there is no address or no model
   */
  public Endpoint endpoint() {
    if (url.isEmpty() || model.isEmpty()) {
      throw new BadInput("a remote contestant needs url and model");
    }
    return new Endpoint(
        Endpoint.base(url),
        model,
        keyEnv,
        new Endpoint.Limits(parallel, requestsPerMinute, spendingCap, timeoutSeconds, retries),
        new Endpoint.Dialect(budgetKey, tokensKey, sampling));
  }

  String title() {
    return name.isEmpty() ? model + " at " + Endpoint.base(url).getHost() : name;
  }
}
