package io.tiefsee.recipe;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.config.ConfigValues;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run is: a TOML file with a table for each stage and for what they share. What is not given
 * has a default; what is not known is an error.
 *
 * @param name of the model that comes out, and so of files in the run's folder
 * @param seed of everything random
 * @param zero reinforcement learning without the cold start: R1-Zero (DeepSeek-R1, section 2.2)
 * @param model that learns
 * @param student that distillation makes
 * @param tasks that are learnt and scored
 * @param manner how the demonstrator of the cold start searches
 * @param sft cold start
 * @param grpo reinforcement learning
 * @param reject rejection sampling
 * @param sft2 learning from what was kept, {@code [sft]} being its defaults
 * @param grpo2 the last reinforcement learning, {@code [grpo]} being its defaults
 * @param distill a student
 * @param lora adapters instead of all weights
 * @param eval scores
 * @param output what a run leaves
 */
public record StageConfig(
    String name,
    long seed,
    boolean zero,
    ModelConfig model,
    ModelConfig student,
    List<TaskConfig> tasks,
    Manner manner,
    SftConfig sft,
    GrpoConfig grpo,
    RejectConfig reject,
    SftConfig sft2,
    GrpoConfig grpo2,
    DistillConfig distill,
    LoraConfig lora,
    EvalConfig eval,
    OutputConfig output) {
  public static final StageConfig DEFAULTS =
      new StageConfig(
          "tiefsee",
          1,
          false,
          ModelConfig.DEFAULTS,
          ModelConfig.STUDENT,
          List.of(TaskConfig.DEFAULTS),
          Manner.DEFAULT,
          SftConfig.DEFAULTS,
          GrpoConfig.DEFAULTS,
          RejectConfig.DEFAULTS,
          SftConfig.DEFAULTS,
          GrpoConfig.DEFAULTS,
          DistillConfig.DEFAULTS,
          LoraConfig.DEFAULTS,
          EvalConfig.DEFAULTS,
          OutputConfig.DEFAULTS);

  /** Those that come with the program. */
  public static final List<String> PRESETS = List.of("embedded", "countdown", "toy", "lora");

  public StageConfig {
    tasks = List.copyOf(tasks);
    if (name.isBlank()) {
      throw new BadInput("name of the model is missing");
    }
    RunFolder.checkName(name);
    if (tasks.isEmpty()) {
      throw new BadInput("tasks are missing: name at least one in [[tasks]]");
    }
  }

  /**
   * Reads a file.
   *
   * @param overrides {@code key=value} each, like {@code grpo.steps=60}
   * @throws BadInput with file and line, at the first thing that is wrong
   */
  public static StageConfig load(Path file, List<String> overrides) {
    return of(ConfigSource.of(file, overrides));
  }

  /** As {@link #load}, of a text. */
  public static StageConfig parse(String name, String text, List<String> overrides) {
    return of(ConfigSource.of(name, text, overrides));
  }

  /**
   * One of {@link #PRESETS}.
   *
   * @throws BadInput if there is none of that name
   */
  public static StageConfig preset(String name, List<String> overrides) {
    try (InputStream in = StageConfig.class.getResourceAsStream(name + ".toml")) {
      if (in == null || !PRESETS.contains(name)) {
        throw new BadInput(
            "there is no preset " + name + "; there are " + String.join(", ", PRESETS));
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return parse("preset " + name, text, overrides);
    } catch (IOException e) {
      throw new BadInput("preset " + name + " cannot be read: " + BadInput.reason(e), e);
    }
  }

  private static StageConfig of(ConfigSource source) {
    // Without the tables that inherit: they are judged by what they inherit, not by the defaults.
    ObjectNode others = source.root().deepCopy();
    others.remove(List.of("sft2", "grpo2"));
    StageConfig first =
        new ConfigReader(new ConfigSource(source.name(), others, source.places()))
            .read(StageConfig.class, DEFAULTS);
    StageConfig inherited =
        new StageConfig(
            first.name,
            first.seed,
            first.zero,
            first.model,
            first.student,
            first.tasks,
            first.manner,
            first.sft,
            first.grpo,
            first.reject,
            first.sft,
            first.grpo,
            first.distill,
            first.lora,
            first.eval,
            first.output);
    return new ConfigReader(source).read(StageConfig.class, inherited);
  }

  /** Every value, by table and key as in a file, in a fixed order. */
  public Map<String, Object> values() {
    return ConfigValues.of(this);
  }

  /** Differs between configurations that lead to different weights or logs. */
  public String fingerprint() {
    byte[] json = new ObjectMapper().writeValueAsBytes(values());
    return HexFormat.of().formatHex(Checkpoint.newSha256().digest(json));
  }
}
