package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Limits of a key, by a clock that stands still. */
class CallerTest {
  private long now;

  private Caller caller(int requests, int tokens, int concurrency) {
    ApiKey key = new ApiKey("ada", "0".repeat(64), requests, tokens, concurrency, Optional.empty());
    return Caller.of(key, () -> now);
  }

  private static ApiException refused(Caller caller) {
    return catchThrowableOfType(ApiException.class, caller::begin);
  }

  @Test
  void requestsComeBackEvenly() {
    Caller caller = caller(2, 0, 0);
    caller.begin();
    caller.begin();
    ApiException e = refused(caller);
    assertThat(e.kind()).isEqualTo(ApiException.Kind.RATE_LIMITED);
    assertThat(e.retryAfter().orElseThrow()).hasSeconds(30);
    now += TimeUnit.SECONDS.toNanos(31);
    caller.begin();
    assertThat(refused(caller)).isNotNull();
  }

  @Test
  void tokensMayBeOverdrawnOnce() {
    Caller caller = caller(0, 600, 0);
    caller.begin();
    caller.charge(1199);
    ApiException e = refused(caller);
    assertThat(e.getMessage()).contains("600 tokens a minute");
    assertThat(e.retryAfter().orElseThrow()).hasSeconds(60);
    now += TimeUnit.SECONDS.toNanos(61);
    caller.begin();
  }

  @Test
  void aBudgetIsSpentWhenItIsReached() {
    ApiKey key = new ApiKey("ada", "0".repeat(64), 0, 0, 0, Optional.of(new BigDecimal("0.50")));
    Caller caller = Caller.of(key, () -> now);
    caller.checkBudget(new BigDecimal("0.4999"));
    ApiException e =
        catchThrowableOfType(ApiException.class, () -> caller.checkBudget(new BigDecimal("0.5")));
    assertThat(e.kind().status()).isEqualTo(402);
  }

  @Test
  void onlySoManyAtOnce() {
    Caller caller = caller(0, 0, 1);
    caller.begin();
    assertThat(refused(caller)).isNotNull();
    caller.end();
    caller.begin();
  }
}
