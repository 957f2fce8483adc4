package io.tiefsee.server;

import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The web page: {@code /} and the files below {@code /page/}, from the class path. They need no API
 * key, since they hold nothing but the page itself. The page's views have addresses of their own,
 * {@code /monitor} for instance, which lead to the page. Files are read once; thread-safe.
 */
public final class StaticFiles implements Endpoint {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "woff2", "font/woff2",
          "md", "text/markdown; charset=utf-8",
          "txt", "text/plain; charset=utf-8");

  /**
   * Nothing but the page's own files may be loaded, run or called: what a model writes cannot reach
   * out, even if it got past the page's own cleaning.
   */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
          + " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none';"
          + " require-trusted-types-for 'script'; trusted-types dompurify";

  /** Headers of each answer, by name. */
  public static final Map<String, String> HEADERS = headers();

  /** Addresses that lead to a view of the page. */
  static final List<String> VIEWS = List.of("/compare", "/monitor", "/training");

  private final Map<String, PageFile> known = new ConcurrentHashMap<>();

  private static Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    // The browser asks each time whether a file is still the same: a new version shows at once.
    headers.put("Cache-Control", "no-cache");
    return Map.copyOf(headers);
  }

  /** Registers the page's addresses. */
  void addTo(Routes routes) {
    routes.open(HttpMethod.GET, "/", this).open(HttpMethod.GET, "/page/*", this);
    VIEWS.forEach(view -> routes.open(HttpMethod.GET, view, this));
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    String path = exchange.path();
    if (VIEWS.contains(path)) {
      exchange.setHeader("Location", "./#" + path).bytes(302, "", new byte[0]);
      return;
    }
    PageFile file =
        at(path)
            .orElseThrow(
                () -> new ApiException(ApiException.Kind.NOT_FOUND, "there is nothing at " + path));
    HEADERS.forEach(exchange::setHeader);
    exchange.setHeader("ETag", file.etag());
    if (exchange.header("If-None-Match").filter(file::matches).isPresent()) {
      exchange.bytes(304, "", new byte[0]);
    } else {
      exchange.bytes(200, file.type(), file.content());
    }
  }

  /**
   * The file at a path of the server.
   *
   * @param path {@code /} or {@code /page/…}, without the query
   * @return empty if there is none
   */
  public Optional<PageFile> at(String path) {
    if (path.equals("/")) {
      return at("/page/index.html");
    }
    return path.startsWith("/page/") ? named(path.substring("/page/".length())) : Optional.empty();
  }

  private Optional<PageFile> named(String name) {
    PageFile found = known.get(name);
    if (found != null) {
      return Optional.of(found);
    }
    for (String part : name.split("/", -1)) {
      if (!NAME.matcher(part).matches()) {
        return Optional.empty();
      }
    }
    Optional<PageFile> read = read(name);
    read.ifPresent(file -> known.put(name, file));
    return read;
  }

  private static Optional<PageFile> read(String name) {
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    String type = TYPES.get(extension);
    if (type == null) {
      return Optional.empty();
    }
    try (InputStream in = StaticFiles.class.getResourceAsStream("page/" + name)) {
      return in == null ? Optional.empty() : Optional.of(PageFile.of(type, in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
