package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.config.JsonLines;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.Lora;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.TrainableModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The recipe's stages with adapters of a quantised model. */
final class LoraRecipeTest {
  private static final String WEIGHTS = "adapter_model.safetensors";

  @TempDir private static Path shared = Path.of("");
  private static Path base = Path.of("");
  @TempDir private Path temp = Path.of("");

  @BeforeAll
  static void makeTheBase() {
    StageConfig config = RecipeMain.config("sft.steps=1", "model.next_tokens=0", "eval.problems=1");
    assertThat(run(shared.resolve("run"), config, 1, Integer.MAX_VALUE, Recipe::sft)).isTrue();
    base = shared.resolve("run/small.gguf");
  }

  private String[] overrides(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.from=\"" + base + "\"",
                "lora.rank=4",
                "lora.base=\"f32\"",
                "lora.targets=[\"q_a_proj\",\"q_b_proj\",\"kv_b_proj\",\"o_proj\",\"up_proj\"]",
                "sft.steps=8",
                "sft.batch=2",
                "grpo.steps=4",
                "eval.problems=1",
                "eval.every=0",
                "output.checkpoint_every=2",
                "reject.steps=0",
                "distill.sft.steps=0"));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private StageConfig config(String... more) {
    return RecipeMain.config(overrides(more));
  }

  private boolean run(
      String folder, StageConfig config, int threads, int calls, Predicate<Recipe> way) {
    return run(temp.resolve(folder), config, threads, calls, way);
  }

  private static boolean run(
      Path folder, StageConfig config, int threads, int calls, Predicate<Recipe> way) {
    AtomicInteger asked = new AtomicInteger();
    Recipe.Setting setting =
        new Recipe.Setting(
            Isa.best(), threads, StageRunner.View.NONE, () -> asked.getAndIncrement() >= calls);
    try (RunFolder run = RunFolder.open(folder, "r1", config, n -> {})) {
      return way.test(new Recipe(config, run, setting));
    }
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(temp.resolve(file));
  }

  @Test
  void stoppedAndKilledItEndsWithTheSameAdapters() throws Exception {
    byte[] before = Files.readAllBytes(base);
    assertThat(run("whole", config(), 1, Integer.MAX_VALUE, Recipe::r1)).isTrue();
    byte[] sft = bytes("whole/models/sft/" + WEIGHTS);
    byte[] grpo = bytes("whole/models/grpo/" + WEIGHTS);
    assertThat(grpo).isNotEqualTo(sft).hasSameSizeAs(sft);
    assertThat(bytes("whole/small-lora/" + WEIGHTS)).isEqualTo(grpo);
    assertThat(temp.resolve("whole/small.gguf")).doesNotExist();
    assertThat(Files.readAllBytes(base)).isEqualTo(before);

    for (int calls : new int[] {3, 8}) {
      run("stopped", config(), 1, calls, Recipe::r1);
    }
    assertThat(run("stopped", config(), 2, Integer.MAX_VALUE, Recipe::r1)).isTrue();
    assertThat(bytes("stopped/models/sft/" + WEIGHTS)).isEqualTo(sft);
    assertThat(bytes("stopped/models/grpo/" + WEIGHTS)).isEqualTo(grpo);

    Path killed = temp.resolve("killed");
    Random random = new Random(5);
    for (int i = 0; i < 5; i++) {
      Process p = RecipeMain.start(killed, overrides());
      RecipeMain.waitUntilAtWork(p, killed, random.nextInt(80));
      p.destroyForcibly().waitFor();
    }
    assertThat(ended(RecipeMain.start(killed, overrides()))).contains("over true");
    assertThat(bytes("killed/models/sft/" + WEIGHTS)).isEqualTo(sft);
    assertThat(bytes("killed/models/grpo/" + WEIGHTS)).isEqualTo(grpo);
  }

  /** What a process said until its end. */
  private static String ended(Process p) throws Exception {
    String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    p.waitFor();
    return said;
  }

  /** A limit on the size of files stands for the full disk: writing fails in the same place. */
  @Test
  void aFullDiskLeavesTheLastGoodCheckpoint() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "limits are set with a shell");
    assertThat(run("whole", config(), 1, Integer.MAX_VALUE, Recipe::r1)).isTrue();
    run("full", config(), 1, 3, Recipe::r1);
    Path full = temp.resolve("full");
    Path good = full.resolve("checkpoints/sft-00000003");
    byte[] state = Files.readAllBytes(good.resolve("state.safetensors"));
    Process limited =
        RecipeMain.start(
            List.of("/bin/sh", "-c", "ulimit -f 32; exec \"$@\"", "sh"), full, overrides());
    assertThat(ended(limited))
        .contains("BadInput: checkpoint " + full.resolve("checkpoints/sft-00000004"))
        .contains("cannot be written: ")
        .contains("; the last good one is " + good);
    assertThat(good.resolve("state.safetensors")).hasBinaryContent(state);
    assertThat(full.resolve("checkpoints/sft-00000004")).doesNotExist();
    assertThat(ended(RecipeMain.start(full, overrides()))).contains("over true");
    assertThat(bytes("full/models/grpo/" + WEIGHTS))
        .isEqualTo(bytes("whole/models/grpo/" + WEIGHTS));
  }

  @Test
  void whatExplodesEndsTheStageAndLeavesTheOneBefore() throws Exception {
    String[] ratio = {"grpo.max_ratio=1.0000001", "grpo.minibatches=2"};
    assertThatThrownBy(() -> run("ratio", config(ratio), 1, Integer.MAX_VALUE, Recipe::r1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("the probability of a token is ")
        .hasMessageContaining("above the limit of 1.0000001, so its minibatch was not learnt from");
    assertThat(temp.resolve("ratio/models/sft/" + WEIGHTS)).exists();
    assertThat(temp.resolve("ratio/models/grpo")).doesNotExist();

    // Finite adapters, but W + alpha / rank · B · A is not.
    String[] huge = {"lora.alpha=1e37", "output.checkpoint_every=1"};
    assertThatThrownBy(() -> run("huge", config(huge), 1, Integer.MAX_VALUE, Recipe::r1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("with a smaller learning rate");
    assertThat(temp.resolve("huge/models/sft")).doesNotExist();
  }

  @Test
  void itGoesOnWithAnAdapterScoresBeforeAndMerges() {
    StageConfig first = config("grpo.steps=0", "sft.steps=3");
    assertThat(run("first", first, 1, Integer.MAX_VALUE, Recipe::sft)).isTrue();
    Path adapter = temp.resolve("first/small-lora");
    StageConfig second =
        config(
            "lora.from=\"" + adapter + "\"",
            "lora.merge=true",
            "output.type=\"f32\"",
            "eval.before=true",
            "grpo.steps=2");
    assertThat(run("second", second, 1, Integer.MAX_VALUE, Recipe::grpo)).isTrue();
    List<String> scored = new ArrayList<>();
    for (JsonNode n : JsonLines.read(temp.resolve("second/log.jsonl"))) {
      if (n.has("score")) {
        scored.add(n.path("stage").asString(""));
      }
    }
    assertThat(scored).containsExactly("before", "grpo");
    Path after = temp.resolve("second/small-lora");
    try (TrainableModel merged = TrainableModel.load(temp.resolve("second/small.gguf"));
        TrainableModel adapted =
            TrainableModel.adapt(
                base, false, Isa.best(), (m, arena) -> Lora.read(after, 1, m.spec(), arena))) {
      float[] a = logProbs(merged);
      float[] b = logProbs(adapted);
      for (int i = 0; i < a.length; i++) {
        assertThat(a[i]).isCloseTo(b[i], within(1e-4f));
      }
    }
  }

  private static float[] logProbs(TrainableModel model) {
    try (Reference reference = new Reference(model.copy(), 64, Isa.best(), 1)) {
      return reference.logProbs(new int[][] {{1, 2, 3}}, new int[][] {{4, 5, 6, 7}})[0];
    }
  }

  /** What the engine reports of tokens is what the tape says of them. */
  @Test
  void theFirstRatioIsOne() {
    Path adapter = temp.resolve("first/small-lora");
    assertThat(run("first", config("sft.steps=3"), 1, Integer.MAX_VALUE, Recipe::sft)).isTrue();
    StageConfig one =
        config(
            "lora.from=\"" + adapter + "\"", "grpo.steps=1", "grpo.minibatches=1", "eval.every=0");
    assertThat(run("one", one, 1, Integer.MAX_VALUE, Recipe::grpo)).isTrue();
    double ratio =
        JsonLines.read(temp.resolve("one/log.jsonl")).stream()
            .filter(n -> n.has("max_ratio"))
            .findFirst()
            .orElseThrow()
            .path("max_ratio")
            .asDouble(0);
    assertThat(ratio).isEqualTo(1);
  }

  @Test
  void whatCannotBeIsSaidInOneLine() {
    assertThatThrownBy(() -> run("a", RecipeMain.config("lora.rank=8"), 1, 9, Recipe::sft))
        .isInstanceOf(BadInput.class)
        .hasMessage("adapters change a model that is there: name it as model.from");
    assertThatThrownBy(() -> run("b", config("lora.targets=[\"v_proj\"]"), 1, 9, Recipe::sft))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("the model has no projection v_proj; it has down_proj");
    assertThatThrownBy(() -> from("c", temp))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("is no LoRA adapter");
  }

  private void from(String folder, Path adapter, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.add("lora.from=\"" + adapter + "\"");
    run(folder, config(all.toArray(String[]::new)), 1, 9, Recipe::sft);
  }

  @Test
  void anAdapterThatDoesNotFitOrIsBrokenIsRefusedBeforeTheFirstStep() throws Exception {
    assertThat(run("one", config("sft.steps=1"), 1, Integer.MAX_VALUE, Recipe::sft)).isTrue();
    Path adapter = temp.resolve("one/small-lora");
    assertThatThrownBy(() -> from("rank", adapter, "lora.rank=8"))
        .isInstanceOf(BadInput.class)
        .hasMessage("the adapter " + adapter + " has rank 4, but lora.rank is 8: set lora.rank=4");

    StageConfig wider =
        RecipeMain.config("model.dim=64", "sft.steps=1", "model.next_tokens=0", "eval.problems=1");
    assertThat(run("wider", wider, 1, Integer.MAX_VALUE, Recipe::sft)).isTrue();
    String other = "model.from=\"" + temp.resolve("wider/small.gguf") + "\"";
    assertThatThrownBy(() -> from("other", adapter, other))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("the adapter of blk.0.")
        .hasMessageContaining(", but the model's matrix is [");

    Path weights = adapter.resolve(WEIGHTS);
    byte[] whole = Files.readAllBytes(weights);
    byte[] broken = whole.clone();
    // The last number becomes NaN.
    broken[broken.length - 1] = 0x7f;
    broken[broken.length - 2] = (byte) 0xff;
    Files.write(weights, broken);
    assertThatThrownBy(() -> from("nan", adapter))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("the adapter " + adapter + " cannot be used: model.layers.")
        .hasMessageEndingWith(" has numbers that are not finite");
    Files.write(weights, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> from("cut", adapter))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(WEIGHTS);
    for (String folder : List.of("rank", "other", "nan", "cut")) {
      assertThat(temp.resolve(folder).resolve("models/sft")).doesNotExist();
    }
  }
}
