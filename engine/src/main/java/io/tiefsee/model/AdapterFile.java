package io.tiefsee.model;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An adapter to load with a model.
 *
 * @param path as PEFT stores it: a folder, or its adapter_model.safetensors
 * @param factor of its changes; 1: as they were learnt
 */
public record AdapterFile(Path path, float factor) {
  public AdapterFile {
    if (!Float.isFinite(factor)) {
      throw new BadInput("the factor of the adapter " + path + " is " + factor);
    }
  }

  /**
   * Reads {@code FILE} or {@code FILE=FACTOR}.
   *
   * @throws BadInput if the factor is no number
   */
  public static AdapterFile parse(String text) {
    int equals = text.lastIndexOf('=');
    if (equals < 0 || Files.exists(Path.of(text))) {
      return new AdapterFile(Path.of(text), 1);
    }
    try {
      float factor = Float.parseFloat(text.substring(equals + 1));
      return new AdapterFile(Path.of(text.substring(0, equals)), factor);
    } catch (NumberFormatException e) {
      throw new BadInput("after = the adapter " + text + " has no number, as in FILE=0.5", e);
    }
  }
}
