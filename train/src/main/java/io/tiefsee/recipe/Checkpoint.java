package io.tiefsee.recipe;

import io.tiefsee.config.Durable;
import io.tiefsee.format.SafetensorsFile;
import io.tiefsee.format.SafetensorsWriter;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * One checkpoint: a folder with the tensors in {@code state.safetensors}, and {@code
 * checkpoint.json}, which says what they are and is written last.
 *
 * @param stage whose it is
 * @param step steps done
 * @param config fingerprint of the configuration
 * @param counters whole numbers of the state
 * @param bytes of the tensors' file
 * @param sha256 of the tensors' file
 */
record Checkpoint(
    String stage, long step, String config, Map<String, Long> counters, long bytes, String sha256) {
  private static final String TENSORS = "state.safetensors";
  private static final String ABOUT = "checkpoint.json";
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  Checkpoint {
    counters = Map.copyOf(counters);
  }

  /**
   * Writes into an empty folder, down to the disk.
   *
   * @throws BadInput if the tensors cannot be written
   */
  static void write(Path folder, String stage, long step, String config, StageState state)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    state
        .tensors()
        .forEach((name, data) ->
            writer.tensor(
                TensorInfo.of(name, QuantType.F32, List.of(data.byteSize() / 4)),
                sink -> sink.write(data)));
    Path tensors = folder.resolve(TENSORS);
    writer.write(tensors);
    Map<String, Long> counters = new TreeMap<>();
    state.counters().forEach((name, c) -> counters.put(name, c.get().getAsLong()));
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("format", FORMAT);
    about.put("stage", stage);
    about.put("step", step);
    about.put("config", config);
    about.put("counters", counters);
    about.put("bytes", Files.size(tensors));
    about.put("sha256", sha256(tensors));
    Path json = folder.resolve(ABOUT);
    Files.write(json, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(about));
    Durable.sync(json);
    Durable.sync(folder);
  }

  /**
   * Reads what a folder says of itself.
   *
   * @throws BadInput if it is damaged
   */
  static Checkpoint read(Path folder) {
    Path json = folder.resolve(ABOUT);
    try {
      JsonNode about = JSON.readTree(Files.readAllBytes(json));
      if (about.path("format").asInt(0) != FORMAT) {
        throw new BadInput(ABOUT + " is not of format " + FORMAT);
      }
      Map<String, Long> counters = new LinkedHashMap<>();
      about
          .path("counters")
          .properties()
          .forEach(e -> counters.put(e.getKey(), whole(e.getValue())));
      return new Checkpoint(
          about.path("stage").asString(""),
          whole(about.path("step")),
          about.path("config").asString(""),
          counters,
          whole(about.path("bytes")),
          about.path("sha256").asString(""));
    } catch (JacksonException e) {
      throw new BadInput(ABOUT + " is no valid JSON", e);
    } catch (IOException e) {
      throw new BadInput(ABOUT + " cannot be read: " + BadInput.reason(e), e);
    }
  }

  private static long whole(JsonNode n) {
    if (!n.isIntegralNumber()) {
      throw new BadInput(ABOUT + " lacks a number");
    }
    return n.longValue();
  }

  /**
   * Copies the tensors and counters into a state, after all of them have been verified: either
   * everything is taken over or nothing.
   *
   * @throws BadInput if the folder is damaged or holds another state
   */
  void restore(Path folder, StageState state) {
    Path file = folder.resolve(TENSORS);
    try {
      if (Files.size(file) != bytes) {
        throw new BadInput(TENSORS + " has " + Files.size(file) + " of " + bytes + " bytes");
      }
      if (!sha256(file).equals(sha256)) {
        throw new BadInput(TENSORS + " has another checksum than when it was written");
      }
    } catch (IOException e) {
      throw new BadInput(TENSORS + " cannot be read: " + BadInput.reason(e), e);
    }
    if (!counters.keySet().equals(state.counters().keySet())) {
      throw new BadInput("it counts " + counters.keySet() + ", not " + state.counters().keySet());
    }
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      if (stored.tensors().size() != state.tensors().size()) {
        throw new BadInput(
            "it has "
                + stored.tensors().size()
                + " tensors, but this stage keeps "
                + state.tensors().size());
      }
      Map<MemorySegment, MemorySegment> copies = new IdentityHashMap<>();
      state.tensors().forEach((name, to) -> copies.put(to, tensor(stored, name, to.byteSize())));
      copies.forEach(MemorySegment::copyFrom);
      counters.forEach((name, value) -> state.counter(name).set().accept(value));
      state.restored();
    }
  }

  private static MemorySegment tensor(SafetensorsFile stored, String name, long bytes) {
    MemorySegment data =
        stored.data(name).orElseThrow(() -> new BadInput("it has no tensor " + name));
    if (data.byteSize() != bytes) {
      throw new BadInput("tensor " + name + " has " + data.byteSize() + " bytes, not " + bytes);
    }
    return data;
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = newSha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      byte[] piece = new byte[1 << 20];
      while (in.read(piece) >= 0) {
        continue; // the digest sees what passes
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
