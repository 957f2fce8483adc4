package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.model.FfnSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.train.Schedule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StageConfigTest {
  private static final String TEXT =
      """
      name = "try"
      seed = 7

      [model]
      layers = 2
      dense_layers = 1
      dim = 64

      [[tasks]]
      name = "countdown"
      level = 3

      [[tasks]]
      name = "arithmetic"
      weight = 0.5

      [sft]
      steps = 40
      optimiser.learning_rate = 2e-3

      [grpo]
      group = 4
      overlong = "filter"
      [grpo.optimiser]
      shape = "linear"

      [grpo2]
      steps = 5

      [output]
      type = "q8_0"
      """;

  private static StageConfig parse(String text, String... overrides) {
    return StageConfig.parse("my.toml", text, List.of(overrides));
  }

  @Test
  void whatIsGivenReplacesTheDefaults() {
    StageConfig c = parse(TEXT);
    assertThat(c.seed()).isEqualTo(7);
    assertThat(c.model().layers()).isEqualTo(2);
    assertThat(c.model().heads()).isEqualTo(ModelConfig.DEFAULTS.heads());
    assertThat(c.tasks())
        .containsExactly(new TaskConfig("countdown", 3, 1), new TaskConfig("arithmetic", 1, 0.5));
    assertThat(c.sft().optimiser().learningRate()).isEqualTo(2e-3);
    assertThat(c.grpo().overlong()).isEqualTo(GrpoConfig.Overlong.FILTER);
    assertThat(c.grpo().optimiser().shape()).isEqualTo(Schedule.Shape.LINEAR);
    assertThat(c.output().type()).isEqualTo(QuantType.Q8_0);
  }

  @Test
  void theSecondRoundTakesOverFromTheFirst() {
    StageConfig c = parse(TEXT);
    assertThat(c.grpo2().steps()).isEqualTo(5);
    assertThat(c.grpo2().group()).isEqualTo(4);
    assertThat(c.grpo2().optimiser().shape()).isEqualTo(Schedule.Shape.LINEAR);
    assertThat(c.sft2()).isEqualTo(c.sft());
  }

  @Test
  void theCommandLineWins() {
    StageConfig c =
        parse(TEXT, "grpo.group=16", "sft.optimiser.shape = constant", "name=a b", "seed=-1");
    assertThat(c.grpo().group()).isEqualTo(16);
    assertThat(c.grpo2().group()).isEqualTo(16);
    assertThat(c.sft().optimiser().shape()).isEqualTo(Schedule.Shape.CONSTANT);
    assertThat(c.name()).isEqualTo("a b");
    assertThat(c.seed()).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "layers = 2 | layers = 0 | my.toml:5: layers is at least 1, not 0",
        "dim = 64 | dimm = 64 | my.toml:7: there is no key model.dimm; did you mean dim?",
        "dim = 64 | dim = 6.5 | my.toml:7: model.dim is a whole number, not 6.5",
        "level = 3 | level = 0 | my.toml:11: level is at least 1, not 0",
        "weight = 0.5 | weigth = 0.5 | my.toml:15: there is no key tasks[1].weigth; did you mean"
            + " weight?",
        "steps = 40 | steps = \"40\" | my.toml:18: sft.steps is a whole number, not \"40\"",
        "learning_rate = 2e-3 | learning_rate = 0.0 | my.toml:19: learning_rate is above 0, not 0",
        "\"filter\" | \"drop\" | my.toml:23: grpo.overlong is one of \"keep\", \"filter\","
            + " \"punish\", not \"drop\"",
        "[grpo.optimiser] | [grpo.optimizer] | my.toml:24: there is no key grpo.optimizer; did you"
            + " mean optimiser?",
        "group = 4 | group = true | my.toml:22: grpo.group is a whole number, not true",
        "seed = 7 | seed = = 7 | my.toml:2 is no valid TOML",
        "[model] | [modell] | my.toml:4: there is no key modell; did you mean model?",
        "name = \"try\" | name = \"\" | my.toml:1: name of the model is missing",
        "name = \"try\" | name = \"org/model\" | my.toml:1: name is a plain file name, not a path:"
            + " org/model",
        "name = \"try\" | name = \"..\" | my.toml:1: name is not .., which the run's folder needs",
        "name = \"try\" | name = \"models\" | my.toml:1: name is not models, which the run's"
            + " folder",
      })
  void aMistakeIsNamedWithItsLine(String right, String wrong, String message) {
    assertThat(TEXT).contains(right);
    assertThatThrownBy(() -> parse(TEXT.replaceFirst("\\Q" + right + "\\E", wrong)))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "grpo.groop=3 | --set grpo.groop=3: there is no key grpo.groop; did you mean group?",
        "grpo | --set grpo is not KEY=VALUE, like grpo.steps=60",
        "seed.x=1 | --set seed.x=1: seed is no table",
        "sft.batch=0 | --set sft.batch=0: batch is at least 1, not 0",
        "grpo.clip_low=0 | --set grpo.clip_low=0: clip_low is above 0, not 0",
        "grpo.clip_low=1 | --set grpo.clip_low=1: clip_low is below 1, not 1",
        "manner.lines=-1 | --set manner.lines=-1: lines is at least 1, not -1",
        "manner.slip=1.5 | --set manner.slip=1.5: slip lies within 0 and 1, not at 1.5",
        "sft.optimiser.eps=1e-50 | --set sft.optimiser.eps=1e-50: eps is above 1.0E-37, not"
            + " 1.0E-50",
        "sft.optimiser={learning_rate=1.0, decay=2.0} | --set sft.optimiser={learning_rate=1.0,"
            + " decay=2.0}: decay times learning_rate is at most 1, not 2.0",
        "model.shared_hidden=100 | --set model.shared_hidden=100: shared_hidden is a multiple of"
            + " expert_hidden, as the file formats want it: 100 is none of 96",
      })
  void soIsOneOfTheCommandLine(String override, String message) {
    assertThatThrownBy(() -> parse(TEXT, override))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void whatInheritsIsJudgedByWhatItInherits() {
    StageConfig c = parse("[grpo]\nprompts = 32\n[grpo2]\nminibatches = 30\n");
    assertThat(c.grpo2().minibatches()).isEqualTo(30);
    assertThatThrownBy(() -> parse("[grpo]\nprompts = 8\n[grpo2]\nminibatches = 9\n"))
        .isInstanceOf(BadInput.class)
        .hasMessage("my.toml:4: minibatches lies within 1 and 8, not at 9");
  }

  @Test
  void denseArchitecturesIgnoreExperts() {
    StageConfig c =
        parse(TEXT, "model.architecture=qwen3", "model.shared_hidden=100", "model.experts_used=99");
    assertThat(c.model().spec("dense", 300).ffn())
        .hasSize(2)
        .allMatch(FfnSpec.Dense.class::isInstance);
    assertThat(parse(TEXT).model().spec("experts", 300).ffn().getLast())
        .isInstanceOf(FfnSpec.Moe.class);
  }

  @Test
  void theFingerprintTellsConfigurationsApart() {
    String print = parse(TEXT).fingerprint();
    assertThat(parse(TEXT.replace("seed = 7", "seed = 7 # a comment")).fingerprint())
        .isEqualTo(print);
    assertThat(parse(TEXT, "grpo2.steps=6").fingerprint()).isNotEqualTo(print);
  }
}
