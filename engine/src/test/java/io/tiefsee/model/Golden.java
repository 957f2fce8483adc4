package io.tiefsee.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads the reference outputs; their layout is described in golden/README.md. */
public final class Golden {
  public static final Path ROOT = Path.of("src/test/resources/golden");

  private Golden() {}

  /** A model with the folder of its expected outputs. */
  public record Case(Path model, Path expected) {
    public JsonNode json() {
      return new ObjectMapper().readTree(expected.resolve("expected.json").toFile());
    }

    @Override
    public String toString() {
      return model.getFileName().toString();
    }
  }

  /** Every Hugging Face folder and every GGUF file. */
  public static List<Case> models() {
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> folders = Files.list(ROOT);
        Stream<Path> ggufs = Files.list(ROOT.resolve("gguf"))) {
      folders
          .filter(f -> Files.exists(f.resolve("config.json")))
          .sorted()
          .forEach(f -> cases.add(new Case(f, f)));
      ggufs
          .filter(f -> f.toString().endsWith(".gguf"))
          .sorted()
          .forEach(f -> cases.add(new Case(f, expectedOf(f))));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return cases;
  }

  private static Path expectedOf(Path gguf) {
    String name = gguf.getFileName().toString();
    return gguf.resolveSibling(name.substring(0, name.length() - 5) + "_expected");
  }

  public static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  public static float[] floats(Path file) {
    try {
      var floats =
          ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[floats.remaining()];
      floats.get(values);
      return values;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
