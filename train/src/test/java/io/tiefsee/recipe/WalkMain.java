package io.tiefsee.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A process that runs a {@link WalkStage} in a folder; to be killed. */
final class WalkMain {
  private WalkMain() {}

  static StageConfig config() {
    return StageConfig.parse("test", "[output]\ncheckpoint_every = 3", List.of());
  }

  public static void main(String[] args) {
    try (RunFolder folder =
            RunFolder.open(Path.of(args[0]), "walk", config(), System.out::println);
        WalkStage stage = new WalkStage(Long.parseLong(args[1]), 5, 20)) {
      new StageRunner(folder, config().output(), StageRunner.View.NONE, () -> false)
          .run(stage, Set.of());
      System.out.println("reached " + stage.reached());
    }
  }
}
