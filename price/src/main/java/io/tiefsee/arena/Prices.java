package io.tiefsee.arena;

import io.tiefsee.price.TokenCount;
import java.time.Instant;
import java.util.Optional;

/** What an endpoint asks for tokens. */
@FunctionalInterface
public interface Prices {
  /** Of an endpoint whose prices are not known. */
  Prices UNKNOWN = (tokens, at) -> Optional.empty();

  /**
   * @param at when; prices may depend on the time of day
   */
  Optional<Bill> bill(TokenCount tokens, Instant at);
}
