package io.tiefsee.recipe;

import io.tiefsee.kernel.Isa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that runs a small recipe in a folder; to be killed. */
final class RecipeMain {
  /**
   * So small that steps take milliseconds; the bonus for entropy gives gradients without reward.
   */
  private static final String CONFIG =
      """
      name = "small"
      [model]
      layers = 2
      dim = 32
      hidden = 64
      heads = 2
      query_rank = 32
      latent = 32
      nope = 16
      rope = 16
      value = 16
      experts = 4
      expert_hidden = 32
      shared_hidden = 32
      context = 256
      next_tokens = 1
      [[tasks]]
      name = "countdown"
      level = 1
      [sft]
      steps = 24
      batch = 4
      [grpo]
      steps = 12
      prompts = 2
      group = 2
      max_tokens = 24
      kl = 0.1
      entropy = 0.01
      [eval]
      problems = 4
      samples = 2
      every = 4
      quick_problems = 2
      max_tokens = 24
      [output]
      type = "q8_0"
      checkpoint_every = 5
      """;

  private RecipeMain() {}

  static StageConfig config(String... overrides) {
    return StageConfig.parse("test", CONFIG, List.of(overrides));
  }

  /** Cold start and reinforcement learning, without what needs right answers. */
  static StageConfig twoStages() {
    return config("reject.steps=0", "distill.sft.steps=0");
  }

  /**
   * @param args the folder, then changes of the configuration; without any, {@link #twoStages}
   */
  public static void main(String[] args) {
    StageConfig config =
        args.length == 1 ? twoStages() : config(Arrays.copyOfRange(args, 1, args.length));
    try (RunFolder folder = RunFolder.open(Path.of(args[0]), "r1", config, System.out::println)) {
      Recipe.Setting setting =
          new Recipe.Setting(Isa.best(), 1, StageRunner.View.NONE, () -> false);
      System.out.println("over " + new Recipe(config, folder, setting).r1());
    }
  }

  /** Runs {@link #main} in a process of its own. */
  static Process start(Path folder, String... overrides) throws IOException {
    return start(List.of(), folder, overrides);
  }

  /**
   * As the other, behind another command.
   *
   * @param through what runs the command that follows it
   */
  static Process start(List<String> through, Path folder, String... overrides) throws IOException {
    List<String> command = new ArrayList<>(through);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-cp",
            System.getProperty("java.class.path"),
            RecipeMain.class.getName(),
            folder.toString()));
    command.addAll(List.of(overrides));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Waits until the log grows, and a little longer. */
  static void waitUntilAtWork(Process p, Path folder, int millis) throws Exception {
    Path log = folder.resolve("log.jsonl");
    long before = Files.exists(log) ? Files.size(log) : 0;
    while (p.isAlive() && (!Files.exists(log) || Files.size(log) <= before)) {
      // A log that was shortened to its checkpoint grows again from there.
      before = Files.exists(log) ? Math.min(before, Files.size(log)) : 0;
      TimeUnit.MILLISECONDS.sleep(5);
    }
    TimeUnit.MILLISECONDS.sleep(millis);
  }
}
