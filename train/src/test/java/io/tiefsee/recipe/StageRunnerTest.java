package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.config.JsonLines;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class StageRunnerTest {
  private static final StageConfig CONFIG =
      StageConfig.parse("test", "[output]\ncheckpoint_every = 3", List.of());

  @TempDir private Path temp = Path.of("");
  private final List<String> notices = new ArrayList<>();

  private RunFolder open(StageConfig config) {
    return RunFolder.open(temp.resolve("run"), "walk", config, notices::add);
  }

  /** Runs until {@code calls} steps have been asked for; what is reached then. */
  private String run(int steps, int calls) {
    AtomicInteger asked = new AtomicInteger();
    try (RunFolder folder = open(CONFIG);
        WalkStage stage = new WalkStage(steps, 5, 0)) {
      boolean whole =
          new StageRunner(
                  folder,
                  CONFIG.output(),
                  StageRunner.View.NONE,
                  () -> asked.getAndIncrement() >= calls)
              .run(stage, Set.of());
      assertThat(whole).isEqualTo(calls >= steps);
      return stage.reached();
    }
  }

  private static String undisturbed(int steps) {
    try (WalkStage stage = new WalkStage(steps, 5, 0)) {
      for (int i = 0; i < steps; i++) {
        stage.step(i);
      }
      return stage.reached();
    }
  }

  /** Steps of the log and of the data set, each exactly once and in order. */
  private void assertStepsOnce(int steps) {
    List<Long> logged = new ArrayList<>();
    for (JsonNode n : JsonLines.read(temp.resolve("run/log.jsonl"))) {
      if (!n.has("sample")) {
        logged.add(n.path("step").asLong());
      }
    }
    List<Long> kept =
        JsonLines.read(temp.resolve("run/data/walk.jsonl.part")).stream()
            .map(n -> n.path("step").asLong())
            .toList();
    List<Long> wanted = java.util.stream.LongStream.rangeClosed(1, steps).boxed().toList();
    assertThat(logged).isEqualTo(wanted);
    assertThat(kept).isEqualTo(wanted);
  }

  @Test
  void stoppedAnywhereItComesToTheSameEnd() {
    run(11, 2);
    run(11, 0);
    run(11, 5);
    run(11, 1);
    assertThat(run(11, 99)).isEqualTo(undisturbed(11));
    assertThat(run(11, 99)).isEqualTo(undisturbed(11)); // nothing is left to do
    assertStepsOnce(11);
    assertThat(notices).isEmpty();
  }

  @Test
  void aCutLineOfTheLogIsDropped() throws IOException {
    run(9, 4);
    Path log = temp.resolve("run/log.jsonl");
    Files.writeString(log, "{\"stage\":\"walk\",\"st", StandardOpenOption.APPEND);
    assertThat(run(9, 99)).isEqualTo(undisturbed(9));
    assertStepsOnce(9);
  }

  @Test
  void whatIsNotFiniteEndsTheRunAndLeavesTheCheckpoint() {
    Stage poisoned =
        new Stage() {
          private final WalkStage walk = new WalkStage(9, 5, 0);

          @Override
          public String name() {
            return walk.name();
          }

          @Override
          public long steps() {
            return walk.steps();
          }

          @Override
          public Step step(long step) {
            Step s = walk.step(step);
            return step < 4 ? s : Step.of(Map.of("loss", Double.NaN));
          }

          @Override
          public StageState state() {
            return walk.state();
          }

          @Override
          public void close() {}
        };
    try (RunFolder folder = open(CONFIG)) {
      StageRunner runner =
          new StageRunner(folder, CONFIG.output(), StageRunner.View.NONE, () -> false);
      assertThatThrownBy(() -> runner.run(poisoned, Set.of()))
          .isInstanceOf(BadInput.class)
          .hasMessageStartingWith("step 5 of walk cannot go on: loss is NaN");
    }
    assertThat(temp.resolve("run/checkpoints")).isDirectoryContaining("glob:**walk-00000003");
    assertThat(run(9, 99)).isEqualTo(undisturbed(9));
    assertStepsOnce(9);
  }

  @Test
  void withoutACheckpointNoneIsPromised() {
    Stage failing =
        new Stage() {
          @Override
          public String name() {
            return "fails";
          }

          @Override
          public long steps() {
            return 1;
          }

          @Override
          public Step step(long step) {
            throw new BadInput("so it is");
          }

          @Override
          public StageState state() {
            return new StageState();
          }

          @Override
          public void close() {}
        };
    try (RunFolder folder = open(CONFIG)) {
      StageRunner runner =
          new StageRunner(folder, CONFIG.output(), StageRunner.View.NONE, () -> false);
      assertThatThrownBy(() -> runner.run(failing, Set.of()))
          .isInstanceOf(BadInput.class)
          .hasMessage(
              "step 1 of fails cannot go on: so it is (there is no checkpoint of fails yet)");
    }
  }

  @Test
  void aFolderInWhichNothingHasBegunTakesAnotherConfiguration() {
    open(CONFIG).close();
    StageConfig other = StageConfig.parse("test", "", List.of("grpo.group=4"));
    try (RunFolder folder = RunFolder.open(temp.resolve("run"), "sft", other, notices::add)) {
      assertThat(folder.model("sft")).doesNotExist(); // makes the folder of models, empty
      assertThat(RunFolder.config(folder.path()).grpo().group()).isEqualTo(4);
    }
    run(3, 99);
    assertThatThrownBy(() -> open(other)).isInstanceOf(BadInput.class);
  }

  @Test
  void aFolderBelongsToOneConfigurationAndOneProcess() {
    run(3, 99);
    StageConfig other =
        StageConfig.parse("test", "[output]\ncheckpoint_every = 3", List.of("grpo.group=4"));
    assertThatThrownBy(() -> open(other))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("grpo.")
        .hasMessageContaining(" is 8 there and 4 now");
    assertThatThrownBy(() -> RunFolder.open(temp.resolve("run"), "sft", CONFIG, notices::add))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("belongs to \"tiefsee train walk\"");
    try (RunFolder folder = open(CONFIG)) {
      assertThatThrownBy(() -> open(CONFIG))
          .isInstanceOf(BadInput.class)
          .hasMessage("another run is writing to " + folder.path() + ": wait for it or stop it");
    }
  }
}
