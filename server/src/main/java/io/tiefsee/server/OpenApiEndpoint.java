package io.tiefsee.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** {@code GET /openapi.json}: what the server answers, for programs that read such documents. */
final class OpenApiEndpoint implements Endpoint {
  private final byte[] document = read();

  static byte[] read() {
    try (InputStream in = OpenApiEndpoint.class.getResourceAsStream("openapi.json")) {
      return Objects.requireNonNull(in, "openapi.json").readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void handle(Exchange exchange) throws ClientGoneException {
    exchange.bytes(200, "application/json; charset=utf-8", document);
  }
}
