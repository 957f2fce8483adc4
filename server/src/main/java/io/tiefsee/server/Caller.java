package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Who sends requests, and what is left of the limits of their key. Limits by the minute are buckets
 * that fill up evenly: a minute's worth may be used at once. Tokens are charged when they are
 * known, so the bucket may be overdrawn by a request, and the next one then waits. Thread-safe.
 */
public final class Caller {
  private static final double NANOS_PER_MINUTE = 60e9;

  private final ApiKey key;
  private final String scope;
  private final LongSupplier clock;
  private double requests;
  private double tokens;
  private long filled;
  private int running;

  private Caller(ApiKey key, String scope, LongSupplier clock) {
    this.key = key;
    this.scope = scope;
    this.clock = clock;
    requests = key.requestsPerMinute();
    tokens = key.tokensPerMinute();
    filled = clock.getAsLong();
  }

  /**
   * The owner of a key.
   *
   * @param clock in nanoseconds
   */
  static Caller of(ApiKey key, LongSupplier clock) {
    return new Caller(key, key.name(), clock);
  }

  /** Everybody, on a server without keys. */
  static Caller anyone() {
    return new Caller(ApiKey.DEFAULTS, "", System::nanoTime);
  }

  /** Whose it is; empty on a server without keys. Prefixes are shared only within it. */
  public String name() {
    return scope;
  }

  ApiKey key() {
    return key;
  }

  /**
   * Begins a request.
   *
   * @throws ApiException 429 where a limit is reached, with the time after which it no longer is
   */
  synchronized void begin() {
    fill();
    if (key.concurrency() > 0 && running >= key.concurrency()) {
      throw ApiException.retry(
          Kind.RATE_LIMITED,
          "this key may have " + key.concurrency() + " requests at once",
          Duration.ofSeconds(1));
    }
    if (key.requestsPerMinute() > 0 && requests < 1) {
      throw exceeded(key.requestsPerMinute(), "requests", 1 - requests);
    }
    if (key.tokensPerMinute() > 0 && tokens <= 0) {
      throw exceeded(key.tokensPerMinute(), "tokens", 1 - tokens);
    }
    requests--;
    running++;
  }

  /**
   * Whether there is money left.
   *
   * @throws ApiException 402 where the key's budget is spent
   */
  void checkBudget(BigDecimal spentToday) {
    if (key.budgetPerDay().filter(most -> spentToday.compareTo(most) >= 0).isPresent()) {
      throw new ApiException(Kind.BUDGET_SPENT, "the budget of this key is spent for today");
    }
  }

  private static ApiException exceeded(int perMinute, String what, double missing) {
    return ApiException.retry(
        Kind.RATE_LIMITED,
        "this key may have " + perMinute + " " + what + " a minute",
        Duration.ofNanos((long) (missing / perMinute * NANOS_PER_MINUTE)));
  }

  private void fill() {
    long now = clock.getAsLong();
    double minutes = (now - filled) / NANOS_PER_MINUTE;
    filled = now;
    requests = Math.min(key.requestsPerMinute(), requests + minutes * key.requestsPerMinute());
    tokens = Math.min(key.tokensPerMinute(), tokens + minutes * key.tokensPerMinute());
  }

  /** Counts what a request took. */
  public synchronized void charge(int used) {
    tokens -= used;
  }

  /** The request is over. */
  synchronized void end() {
    running--;
  }
}
