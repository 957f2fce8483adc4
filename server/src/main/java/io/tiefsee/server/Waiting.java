package io.tiefsee.server;

import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** What a comment in a silent stream says of how long it will take. Thread-safe. */
final class Waiting implements Supplier<String> {
  private final Model model;
  private volatile List<Sample> samples = List.of();

  Waiting(Model model) {
    this.model = model;
  }

  /** The model is loaded, and these are asked for. */
  void samples(List<Sample> asked) {
    samples = List.copyOf(asked);
  }

  /** As JSON: loading, the place in the queue, or how far the prompt is. */
  @Override
  public String get() {
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
