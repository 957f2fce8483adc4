package io.tiefsee.arena;

import io.tiefsee.price.TokenCount;
import java.util.Optional;

/** What an endpoint asks for tokens. */
@FunctionalInterface
public interface Prices {
  /** Of an endpoint whose prices are not known. */
  Prices UNKNOWN = tokens -> Optional.empty();

  Optional<Bill> bill(TokenCount tokens);
}
