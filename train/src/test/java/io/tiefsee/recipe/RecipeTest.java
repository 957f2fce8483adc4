package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.config.JsonLines;
import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.Parameter;
import io.tiefsee.train.TrainableModel;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class RecipeTest {
  @TempDir private Path temp = Path.of("");
  private int folders;

  /** Runs until {@code calls} questions for a stop were answered with no; whether it was whole. */
  private boolean run(
      String folder, StageConfig config, int threads, int calls, Predicate<Recipe> way) {
    AtomicInteger asked = new AtomicInteger();
    Recipe.Setting setting =
        new Recipe.Setting(
            Isa.best(), threads, StageRunner.View.NONE, () -> asked.getAndIncrement() >= calls);
    try (RunFolder run = RunFolder.open(temp.resolve(folder), "r1", config, n -> {})) {
      return way.test(new Recipe(config, run, setting));
    }
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(temp.resolve(file));
  }

  private Map<String, String> mtpWeights(String file) {
    Map<String, String> found = new TreeMap<>();
    try (TrainableModel model = TrainableModel.load(temp.resolve(file))) {
      for (Parameter p : model.parameters()) {
        if (p.name().startsWith("blk." + model.spec().layers() + ".")) {
          found.put(p.name(), Arrays.toString(p.values().toArray(ValueLayout.JAVA_FLOAT)));
        }
      }
    }
    return found;
  }

  /** Lines of the log without what the clock says. */
  private List<String> log(String folder) {
    List<String> lines = new ArrayList<>();
    for (JsonNode n : JsonLines.read(temp.resolve(folder).resolve("log.jsonl"))) {
      lines.add(
          n.toString()
              .replaceAll("\"time\":\"[^\"]*\",?", "")
              .replaceAll("\"[a-z_]*(tokens/s|seconds)\":[-0-9.eE]+,?", ""));
    }
    return lines;
  }

  @Test
  void stoppedAndKilledItEndsWithTheSameWeights() throws Exception {
    StageConfig config = RecipeMain.twoStages();
    assertThat(run("whole", config, 1, Integer.MAX_VALUE, Recipe::r1)).isTrue();
    byte[] sft = bytes("whole/models/sft.gguf");
    byte[] grpo = bytes("whole/models/grpo.gguf");
    byte[] mtp = bytes("whole/models/grpo.mtp.gguf");
    assertThat(grpo).isNotEqualTo(sft);
    // Reinforcement learning leaves the module of multi-token prediction as it is.
    assertThat(mtpWeights("whole/models/grpo.gguf"))
        .isNotEmpty()
        .isEqualTo(mtpWeights("whole/models/sft.gguf"));

    // Stopped in order, in both stages and in between, and with other threads.
    for (int calls : new int[] {3, 7, 15, 2, 6, 1}) {
      run("stopped", config, 1 + calls % 2, calls, Recipe::r1);
    }
    assertThat(run("stopped", config, 2, Integer.MAX_VALUE, Recipe::r1)).isTrue();
    assertThat(bytes("stopped/models/sft.gguf")).isEqualTo(sft);
    assertThat(bytes("stopped/models/grpo.gguf")).isEqualTo(grpo);
    assertThat(bytes("stopped/models/grpo.mtp.gguf")).isEqualTo(mtp);
    assertThat(log("stopped")).isEqualTo(log("whole"));

    // Killed without a word.
    Random random = new Random(3);
    for (int i = 0; i < 5; i++) {
      Process p = RecipeMain.start(temp.resolve("killed"));
      RecipeMain.waitUntilAtWork(p, temp.resolve("killed"), random.nextInt(150));
      p.destroyForcibly().waitFor();
    }
    Process last = RecipeMain.start(temp.resolve("killed"));
    String said = new String(last.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(last.waitFor()).as(said).isZero();
    assertThat(bytes("killed/models/sft.gguf")).isEqualTo(sft);
    assertThat(bytes("killed/models/grpo.gguf")).isEqualTo(grpo);
    assertThat(bytes("killed/models/grpo.mtp.gguf")).isEqualTo(mtp);
    assertThat(bytes("killed/small.gguf")).isEqualTo(bytes("whole/small.gguf"));
    assertThat(log("killed")).isEqualTo(log("whole"));
  }

  @Test
  void theFinalModelIsQuantisedAndHasAllThatChattingNeeds() {
    StageConfig config =
        RecipeMain.config("reject.steps=0", "distill.sft.steps=0", "grpo.steps=1", "sft.steps=2");
    assertThat(run("final", config, 1, Integer.MAX_VALUE, Recipe::r1)).isTrue();
    Path file = temp.resolve("final/small.gguf");
    RunModels models = RunModels.of(file, false);
    assertThat(models.tokenizer().endOfGeneration()).isNotEmpty();
    try (TrainableModel model = TrainableModel.load(file)) {
      assertThat(model.spec().architecture()).isEqualTo("deepseek2");
      assertThat(model.spec().mtp()).isTrue();
    }
    assertThat(temp.resolve("final/small.mtp.gguf")).exists();
    String log = String.join("", log("final"));
    assertThat(log).contains("\"mtp_loss\":").contains("\"mtp_acceptance\":");
    assertThat(file.toFile().length())
        .isLessThan(temp.resolve("final/models/grpo.gguf").toFile().length() / 2);
  }

  @Test
  void aModelThatSolvesNothingEndsInWordsAndKeepsWhatWasLearnt() {
    StageConfig config = RecipeMain.config("sft.steps=1", "grpo.steps=0", "reject.steps=1");
    assertThatThrownBy(() -> run("hopeless", config, 1, Integer.MAX_VALUE, Recipe::r1))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("reject kept no answer");
    assertThat(temp.resolve("hopeless/models/sft.gguf")).exists();
  }

  @Test
  void aStageThatLacksItsModelSaysSo() {
    StageConfig config = RecipeMain.config();
    assertThatThrownBy(() -> run("a", config, 1, 9, Recipe::grpo))
        .hasMessageContaining("name it as model.from, or set zero = true");
    assertThatThrownBy(() -> run("b", config, 1, 9, Recipe::reject))
        .hasMessageContaining("name it as model.from");
    assertThatThrownBy(() -> run("c", config, 1, 9, Recipe::distill))
        .hasMessageContaining("name it as distill.teacher");
  }

  private void refused(String message, Predicate<Recipe> way, String... overrides) {
    String folder = "refused" + folders++;
    assertThatThrownBy(() -> run(folder, RecipeMain.config(overrides), 1, 9, way))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
    assertThat(temp.resolve(folder).resolve("log.jsonl")).isEmptyFile();
  }

  @Test
  void whatCannotComeToItsEndIsRefusedBeforeTheFirstStep() throws IOException {
    refused("sft.steps is 0: there is nothing to do", Recipe::sft, "sft.steps=0");
    refused("grpo.steps is 0: there", Recipe::grpo, "grpo.steps=0", "zero=true");
    refused("r1 has nothing to do", Recipe::r1, "sft.steps=0", "grpo.steps=0", "reject.steps=2");
    refused("r1 has nothing to do", Recipe::r1, "zero=true", "grpo.steps=0");
    refused(
        "grpo.optimiser.micro_tokens is 64, but a prompt with its answer has up to ",
        Recipe::r1,
        "grpo.optimiser.micro_tokens=64",
        "grpo.max_tokens=100");
    refused(
        "eval.problems or eval.quick_problems is too much: countdown, level 1, has no 9999",
        Recipe::r1,
        "eval.problems=9999");
    refused(
        "nobody writes worked examples for the task dates",
        Recipe::r1,
        "zero=true",
        "tasks=[{name=\"dates\"}]");
    refused("the only task is other", Recipe::r1, "tasks=[{name=\"other\"}]");
  }

  @Test
  void theSecondRoundMayBeLeftOut() {
    StageConfig config =
        RecipeMain.config("sft.steps=1", "grpo.steps=1", "sft2.steps=0", "grpo2.steps=0");
    RunModels models = RunModels.fromNothing(config);
    assertThat(new RunChecks(config, models, 9).r1()).isEqualTo("grpo");
    StageConfig without = RecipeMain.config("grpo.steps=0");
    assertThat(new RunChecks(without, models, 9).r1()).isEqualTo("sft2");
  }

  @Test
  void aBrokenLineOfADataSetIsNamed() throws IOException {
    Path data = temp.resolve("rows.jsonl");
    Files.writeString(
        data, "{\"prompt\":\"a\",\"thinking\":\"b\",\"answer\":\"c\"}\n{\"prompt\":3}\n");
    StageConfig config = RecipeMain.config("sft.data=\"" + data + "\"");
    assertThatThrownBy(() -> run("data", config, 1, 9, Recipe::sft))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("rows.jsonl")
        .hasMessageContaining("2");
  }
}
