package io.tiefsee.server;

/** Answers requests of one route. */
@FunctionalInterface
public interface Endpoint {
  /**
   * Answers one request, on a virtual thread of its own: it may block.
   *
   * @throws ApiException for the client
   * @throws io.tiefsee.tensor.BadInput becomes an error 400
   * @throws ClientGoneException if nobody listens any more
   */
  void handle(Exchange exchange) throws Exception;
}
