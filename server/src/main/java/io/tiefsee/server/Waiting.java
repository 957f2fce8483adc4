package io.tiefsee.server;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a comment in a silent stream says of how long it will take. */
final class Waiting {
  private Waiting() {}

  /**
   * As JSON: loading, the place in the queue, or how far the prompt is.
   *
   * @param samples that were asked for; none while the model is loaded
   */
  static String of(Model model, List<Sample> samples) {
    ObjectNode says = JsonMapper.shared().createObjectNode();
    if (samples.isEmpty() && model.state() == Model.State.LOADING) {
      says.put("state", "loading").put("progress", model.progress());
    } else if (!samples.isEmpty() && samples.getFirst().queuePosition() > 0) {
      says.put("queue_position", samples.getFirst().queuePosition());
    } else if (!samples.isEmpty()) {
      says.put("prompt_progress", samples.getFirst().promptProgress());
    }
    return says.toString();
  }
}
