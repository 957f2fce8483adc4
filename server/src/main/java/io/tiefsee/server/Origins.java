package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which web pages may call the server. A browser sends what a page asks it to, from inside of the
 * user's machine; so requests of foreign pages are refused unless their origin is allowed. A server
 * without keys that listens on loopback only answers to loopback's names, lest a page of a domain
 * that resolves to it counts as its own.
 */
final class Origins {
  private static final String ANY = "*";

  /** All of 127.0.0.0/8, but no domain that begins like it. */
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "(.+\\.)?localhost|127(\\.\\d{1,3}){1,3}|::1|\\[::1]", Pattern.CASE_INSENSITIVE);

  private final List<String> allowed;
  private final boolean loopbackOnly;

  /**
   * @param allowed origins like {@code https://example.org}; {@code *} for all
   * @param loopbackOnly whether only loopback's names are answered to
   */
  Origins(List<String> allowed, boolean loopbackOnly) {
    this.allowed = allowed;
    this.loopbackOnly = loopbackOnly;
  }

  /** Whether an address is this machine's own. */
  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host).matches();
  }

  /**
   * Refuses what a page of another origin has sent; tells browsers that an allowed one may read the
   * answer.
   *
   * @throws ApiException 403
   */
  void check(HttpServerRequest request) {
    Optional<HostAndPort> authority = Optional.ofNullable(request.authority());
    if (loopbackOnly && !authority.map(a -> isLoopback(a.host())).orElse(true)) {
      throw new ApiException(
          Kind.FORBIDDEN, "the server listens on this machine only: call it localhost");
    }
    Optional<String> origin = Optional.ofNullable(request.getHeader("Origin"));
    if (origin.isEmpty()) {
      return;
    }
    if (allowed.contains(ANY) || allowed.contains(origin.get())) {
      allow(request, origin.get());
    } else if (!origin.get().replaceFirst("^https?://", "").equals(authority(authority))) {
      throw new ApiException(
          Kind.FORBIDDEN, "pages of " + origin.get() + " may not call this server (--cors-origin)");
    }
  }

  private static String authority(Optional<HostAndPort> authority) {
    return authority.map(HostAndPort::toString).orElse("");
  }

  private static void allow(HttpServerRequest request, String origin) {
    MultiMap headers = request.response().headers();
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Expose-Headers", "X-Tiefsee-Cost, X-Tiefsee-Joules, Retry-After");
    headers.set("Vary", "Origin");
    Optional.ofNullable(request.getHeader("Access-Control-Request-Headers"))
        .ifPresent(wanted -> {
          headers.set("Access-Control-Allow-Headers", wanted);
          headers.set("Access-Control-Allow-Methods", "GET, POST, DELETE");
          headers.set("Access-Control-Max-Age", "3600");
        });
  }
}
