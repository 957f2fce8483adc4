package io.tiefsee.server;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;

/** All routes of a server, in the order in which they are tried. */
public final class Routes {
  private final List<Route> routes = new ArrayList<>();

  /** An endpoint of the standard APIs: the same under /v1, /beta and the bare path. */
  public Routes api(HttpMethod method, String path, Endpoint endpoint) {
    return add(
        new Route(
            method,
            "/v1" + path,
            List.of(path, "/beta" + path),
            false,
            ErrorFormat.OPENAI,
            endpoint));
  }

  /** An endpoint of Anthropic's API: also under /anthropic, and with its errors. */
  public Routes anthropic(HttpMethod method, String path, Endpoint endpoint) {
    return add(
        new Route(
            method, path, List.of("/anthropic" + path), false, ErrorFormat.ANTHROPIC, endpoint));
  }

  /** An endpoint of Anthropic's API whose path is taken by OpenAI's: only under /anthropic. */
  public Routes onlyAnthropic(HttpMethod method, String path, Endpoint endpoint) {
    return add(
        new Route(method, "/anthropic" + path, List.of(), false, ErrorFormat.ANTHROPIC, endpoint));
  }

  /** An endpoint with one path. */
  public Routes own(HttpMethod method, String path, Endpoint endpoint) {
    return add(new Route(method, path, List.of(), false, ErrorFormat.OPENAI, endpoint));
  }

  /** An endpoint that asks for no key. */
  public Routes open(HttpMethod method, String path, Endpoint endpoint) {
    return add(new Route(method, path, List.of(), true, ErrorFormat.OPENAI, endpoint));
  }

  public Routes add(Route route) {
    routes.add(route);
    return this;
  }

  public List<Route> all() {
    return List.copyOf(routes);
  }
}
