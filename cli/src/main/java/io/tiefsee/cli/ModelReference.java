package io.tiefsee.cli;

import io.tiefsee.hub.HubRef;
import io.tiefsee.hub.ModelStore;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What {@code --model REF} means: a path, what was pulled, or the embedded model, in this order.
 */
final class ModelReference {
  private ModelReference() {}

  /**
   * Where the model lies.
   *
   * @throws BadInput if it is a model of the hub that was not pulled yet
   */
  static Path path(String ref) {
    Path path;
    try {
      path = Path.of(ref);
    } catch (InvalidPathException e) {
      throw new BadInput("'" + ref + "' is no model: it cannot be a path", e);
    }
    if (Files.exists(path)) {
      return path;
    }
    if (ref.equals(EmbeddedModel.NAME)) {
      return EmbeddedModel.find()
          .orElseThrow(() ->
              new BadInput(
                  "no model is given, and the embedded one is not there: bring one with"
                      + " tiefsee pull r1-distill-qwen-1.5b, and name it with --model"));
    }
    return HubRef.parse(ref)
        .map(hub ->
            store()
                .find(hub)
                .orElseThrow(() -> new BadInput(ref + " is not here yet: tiefsee pull " + ref)))
        .orElse(path);
  }

  static ModelStore store() {
    return ModelStore.ofUser(System.getenv());
  }

  /**
   * A model of the hub.
   *
   * @throws BadInput if the text is none
   */
  static HubRef hub(String ref) {
    return HubRef.parse(ref)
        .orElseThrow(() ->
            new BadInput(
                "'"
                    + ref
                    + "' is no model of the hub: write hf:OWNER/REPO[:QUANT], or one of "
                    + String.join(", ", HubRef.shortNames().keySet())));
  }
}
