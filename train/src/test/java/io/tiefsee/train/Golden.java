package io.tiefsee.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Reference gradients and losses of the tiny models, made by PyTorch (see the README of the
 * engine's test resources). Models and expectations are the engine's; the gradients lie here.
 *
 * @param model folder of the model and of expected.json
 * @param gradients folder that "file" entries of full_gradients refer to
 */
record Golden(Path model, Path gradients) {
  private static final Path ENGINE = Path.of("../engine/src/test/resources/golden");
  private static final Path OWN = Path.of("src/test/resources/golden");

  static Golden of(String name) {
    return new Golden(ENGINE.resolve(name), OWN.resolve(name));
  }

  /** A model that is too large for the repository; may not be there. */
  static Golden shared(String name) {
    Path folder = Path.of(System.getProperty("tiefsee.shared", "../../shared"), "golden", name);
    return new Golden(folder, folder);
  }

  boolean isThere() {
    return Files.exists(model.resolve("expected.json"));
  }

  JsonNode training() {
    return new ObjectMapper()
        .readTree(model.resolve("expected.json").toFile())
        .required("training");
  }

  float[] gradient(JsonNode entry) {
    try {
      byte[] bytes = Files.readAllBytes(gradients.resolve(entry.get("file").asString()));
      float[] values = new float[bytes.length / 4];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  @Override
  public String toString() {
    return model.getFileName().toString();
  }
}
