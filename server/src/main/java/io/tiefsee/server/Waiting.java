package io.tiefsee.server;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps the connection of a request alive while its answer is not there. A stream gets comments
 * from the start, which say how long it will take; an answer that is given whole gets empty lines,
 * but not before it is sure that there will be one. Thread-safe.
 */
final class Waiting {
  private final Exchange exchange;
  private final Model model;
  private final boolean stream;
  private final long millis;
  private volatile List<Sample> samples = List.of();

  private Waiting(Exchange exchange, Model model, boolean stream, long millis) {
    this.exchange = exchange;
    this.model = model;
    this.stream = stream;
    this.millis = millis;
  }

  /**
   * A request begins to wait for its model.
   *
   * @param stream whether it is answered by server-sent events
   * @param millis of silence after which something is sent
   */
  static Waiting begin(Exchange exchange, Model model, boolean stream, long millis) {
    Waiting waiting = new Waiting(exchange, model, stream, millis);
    if (stream) {
      exchange.events().keepAlive(millis, waiting::comment);
    }
    return waiting;
  }

  /** The model is loaded, and the engine has taken the request. */
  void accepted(List<Sample> asked) {
    samples = List.copyOf(asked);
    if (!stream) {
      exchange.keepAlive(millis);
    }
  }

  /** As JSON: loading, the place in the queue, or how far the prompt is. */
  private String comment() {
    ObjectNode says = Json.object();
    if (samples.isEmpty()) {
      if (model.state() == Model.State.LOADING) {
        says.put("state", "loading").put("progress", model.progress());
      }
    } else if (samples.getFirst().queuePosition() > 0) {
      says.put("queue_position", samples.getFirst().queuePosition());
    } else {
      says.put("prompt_progress", samples.getFirst().promptProgress());
    }
    return says.toString();
  }
}
