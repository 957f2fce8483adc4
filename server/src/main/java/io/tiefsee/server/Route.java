package io.tiefsee.server;

import io.vertx.core.http.HttpMethod;
import java.util.List;

/**
 * A method and a path, and who answers there.
 *
 * @param path as documented; {@code :name} stands for a parameter
 * @param aliases other paths of the same endpoint
 * @param open whether no API key is asked for, even where keys are set
 */
public record Route(
    HttpMethod method,
    String path,
    List<String> aliases,
    boolean open,
    ErrorFormat errors,
    Endpoint endpoint) {

  /** Where requests that no route takes are answered. */
  static final Route NONE =
      new Route(HttpMethod.GET, "none", List.of(), true, ErrorFormat.OPENAI, exchange -> {});
}
