package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;

/**
 * An OpenAI-compatible endpoint.
 *
 * @param base up to and with the version: {@code https://api.deepseek.com/v1}
 * @param model as the endpoint calls it
 * @param keyEnv the environment variable that holds the key; empty: no key is sent
 */
public record Endpoint(URI base, String model, String keyEnv, Limits limits, Dialect dialect) {
  /**
   * What is asked of the endpoint at most.
   *
   * @param parallel requests at once
   * @param requestsPerMinute 0: no limit
   * @param spendingCap in the price book's currency; empty: none
   * @param timeoutSeconds of one request
   * @param retries of a request that failed in a way that may pass
   */
  public record Limits(
      int parallel,
      double requestsPerMinute,
      Optional<BigDecimal> spendingCap,
      int timeoutSeconds,
      int retries) {
    public static final Limits DEFAULTS = new Limits(4, 0, Optional.empty(), 1800, 6);

    public Limits {
      if (parallel < 1 || parallel > 1024) {
        throw new BadInput("parallel is " + parallel + ", but must be 1 to 1024");
      }
      if (!(requestsPerMinute >= 0)) {
        throw new BadInput("requests_per_minute is a number from 0 (no limit) on");
      }
      if (timeoutSeconds < 1) {
        throw new BadInput("timeout_seconds is at least 1");
      }
      if (retries < 0 || retries > 100) {
        throw new BadInput("retries is " + retries + ", but must be 0 to 100");
      }
    }
  }

  /**
   * What endpoints name differently.
   *
   * @param budgetKey of the thinking budget in tokens
   * @param tokensKey of the most tokens of an answer
   * @param sampling whether temperature, top-p and seed may be sent; some models refuse them
   */
  public record Dialect(String budgetKey, String tokensKey, boolean sampling) {
    public static final Dialect DEFAULTS = new Dialect("thinking_budget", "max_tokens", true);
  }

  /**
   * Checks the address.
   *
   * @throws BadInput if it is no http or https address
   */
  public static URI base(String url) {
    try {
      URI uri = new URI(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!web || uri.getHost() == null) {
        throw new BadInput("url is an address like http://127.0.0.1:8080/v1, not '" + url + "'");
      }
      if (uri.getUserInfo() != null) {
        throw new BadInput("url must not hold a key: name an environment variable with key_env");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new BadInput("url is an address like http://127.0.0.1:8080/v1, not '" + url + "'", e);
    }
  }

  /**
   * The key.
   *
   * @param environment of the process
   * @throws BadInput if a variable is named that is not set
   */
  Optional<String> key(Map<String, String> environment) {
    if (keyEnv.isEmpty()) {
      return Optional.empty();
    }
    String key = environment.getOrDefault(keyEnv, "").strip();
    if (key.isEmpty()) {
      throw new BadInput(
          "the environment variable %s, which is to hold the key of %s, is not set"
              .formatted(keyEnv, base.getHost()));
    }
    return Optional.of(key);
  }
}
