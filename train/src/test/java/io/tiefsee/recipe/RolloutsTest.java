package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.LogProbs;
import io.tiefsee.train.Parameter;
import io.tiefsee.train.TrainableModel;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolloutsTest {
  private static final Rollouts.Sampling SAMPLING = new Rollouts.Sampling(1, 24);

  private static Rollouts rollouts(TrainableModel model, int threads) {
    Rollouts.Room room = new Rollouts.Room(512, 4096);
    return new Rollouts(model.transformer(), Toys.END, room, Isa.best(), threads);
  }

  private static List<Toys.Echo> questions(int length) {
    return List.of(new Toys.Echo(3, length), new Toys.Echo(4, length), new Toys.Echo(5, length));
  }

  private static void nudge(TrainableModel model) {
    for (Parameter p : model.parameters()) {
      for (int i = 0; i < p.size(); i++) {
        float v = p.values().getAtIndex(ValueLayout.JAVA_FLOAT, i);
        p.values().setAtIndex(ValueLayout.JAVA_FLOAT, i, v * 1.25f);
      }
    }
  }

  private static float[] all(List<Rollout.Group> groups) {
    return groups.stream()
        .flatMap(g -> g.rollouts().stream())
        .map(Rollout::logProbs)
        .reduce(
            new float[0],
            (a, b) -> {
              float[] c = Arrays.copyOf(a, a.length + b.length);
              System.arraycopy(b, 0, c, a.length, b.length);
              return c;
            });
  }

  /** The first update's ratio is exp(0): the tape says of the answers what the sampler said. */
  @Test
  void logProbsAreThoseOfTheTape() {
    try (TrainableModel model = Toys.model(1);
        Learner learner = Toys.learner(model, 2);
        Rollouts rollouts = rollouts(model, 2)) {
      for (int round = 0; round < 2; round++) {
        for (Rollout.Group g : rollouts.sample(questions(70), 5, SAMPLING, 9, 0)) {
          for (Rollout r : g.rollouts()) {
            int[] prompt = g.question().prompt();
            PolicyUpdate.Example e = new PolicyUpdate.Example(prompt, r, 1, new float[0]);
            learner.batch().clear();
            learner.batch().add(e.tokens(), e.targets());
            LogProbs p = learner.forward();
            assertThat(r.logProbs()).isEqualTo(p.values());
          }
        }
        nudge(model);
        rollouts.weightsChanged();
      }
    }
  }

  @Test
  void stalePrefixesWouldFalsifyTheAnswers() {
    try (TrainableModel model = Toys.model(1);
        Rollouts kept = rollouts(model, 1);
        Rollouts told = rollouts(model, 1)) {
      for (Rollouts r : List.of(kept, told)) {
        assertThat(r.sample(questions(70), 2, SAMPLING, 9, 0)).hasSize(3);
      }
      nudge(model);
      told.weightsChanged();
      try (Rollouts fresh = rollouts(model, 1)) {
        float[] right = all(fresh.sample(questions(70), 2, SAMPLING, 9, 0));
        assertThat(all(told.sample(questions(70), 2, SAMPLING, 9, 0))).isEqualTo(right);
        assertThat(all(kept.sample(questions(70), 2, SAMPLING, 9, 0))).isNotEqualTo(right);
      }
    }
  }

  @Test
  void answersDependOnSeedAndPlaceOnly() {
    try (TrainableModel model = Toys.model(1);
        Rollouts one = rollouts(model, 1);
        Rollouts two = rollouts(model, 2)) {
      List<Toys.Echo> questions = questions(9);
      float[] together = all(one.sample(questions, 4, SAMPLING, 9, 10));
      assertThat(all(two.sample(questions, 4, SAMPLING, 9, 10))).isEqualTo(together);
      float[] last = all(two.sample(questions.subList(2, 3), 4, SAMPLING, 9, 12));
      assertThat(Arrays.copyOfRange(together, together.length - last.length, together.length))
          .isEqualTo(last);
      assertThat(all(one.sample(questions, 4, SAMPLING, 8, 10))).isNotEqualTo(together);
    }
  }

  @Test
  void weightsThatAreNoNumbersAreToldInOneLine() {
    try (TrainableModel model = Toys.model(1);
        Rollouts rollouts = rollouts(model, 1)) {
      model.parameters().list().getLast().values().fill((byte) 0xff);
      assertThatThrownBy(() -> rollouts.sample(questions(3), 2, SAMPLING, 9, 0))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("logits are not numbers; go on from the last checkpoint");
    }
  }

  @Test
  void roomIsReckonedForTheAnswersThatRunAtOnceAndWithoutOverflow() {
    assertThat(Rollouts.Room.of(8, 20, 52)).isEqualTo(new Rollouts.Room(200, 1600));
    assertThat(Rollouts.Room.of(1_000_000, 20, 52)).isEqualTo(new Rollouts.Room(200, 256 * 200));
    assertThat(Rollouts.Room.of(1L << 40, 20, Integer.MAX_VALUE))
        .isEqualTo(new Rollouts.Room(Integer.MAX_VALUE, Integer.MAX_VALUE));
  }

  @Test
  void endsAndCutsAreTold() {
    try (TrainableModel model = Toys.model(1);
        Rollouts rollouts = rollouts(model, 1)) {
      int ended = 0;
      for (Rollout r :
          rollouts.sample(questions(3), 8, SAMPLING, 9, 0).stream()
              .flatMap(g -> g.rollouts().stream())
              .toList()) {
        boolean end = r.tokens()[r.length() - 1] == 1;
        assertThat(r.truncated()).isEqualTo(!end);
        assertThat(r.truncated()).isEqualTo(r.length() == 24 && !end);
        ended += end ? 1 : 0;
      }
      assertThat(ended).isBetween(5, 24);
    }
  }
}
