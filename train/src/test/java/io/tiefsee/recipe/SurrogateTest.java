package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.recipe.GrpoConfig.Loss;
import io.tiefsee.tensor.BadInput;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SurrogateTest {
  private static final Surrogate CLIP_HIGHER = new Surrogate(0.2, 0.28, 0, 0);

  @Test
  void lossesByHand() {
    double up = Math.log(1.25);
    double down = Math.log(0.75);
    assertThat(CLIP_HIGHER.loss(up, 0, 0, 2)).isCloseTo(-2.5, within(1e-12));
    assertThat(CLIP_HIGHER.loss(Math.log(1.5), 0, 0, 2)).isCloseTo(-2.56, within(1e-12));
    assertThat(CLIP_HIGHER.loss(Math.log(1.5), 0, 0, -2)).isCloseTo(3, within(1e-12));
    assertThat(CLIP_HIGHER.loss(down, 0, 0, -2)).isCloseTo(1.6, within(1e-12));
    assertThat(CLIP_HIGHER.loss(down, 0, 0, 2)).isCloseTo(-1.5, within(1e-12));
    // k3 of a token that the reference finds twice as probable: 2 − ln 2 − 1.
    assertThat(Surrogate.k3(Math.log(0.25), Math.log(0.5)))
        .isCloseTo(1 - Math.log(2), within(1e-12));
    assertThat(Surrogate.k3(-3, -3)).isZero();
    assertThat(
            new Surrogate(0.2, 0.2, 0.5, 0).loss(Math.log(0.25), Math.log(0.25), Math.log(0.5), 1))
        .isCloseTo(-1 + 0.5 * (1 - Math.log(2)), within(1e-12));
  }

  @Test
  void clippedTokensHaveNoGradientButFromTheReference() {
    assertThat(CLIP_HIGHER.gradient(Math.log(1.3), 0, 0, 1)).isZero();
    assertThat(CLIP_HIGHER.gradient(Math.log(1.27), 0, 0, 1)).isCloseTo(-1.27, within(1e-12));
    assertThat(CLIP_HIGHER.gradient(Math.log(0.79), 0, 0, -1)).isZero();
    assertThat(CLIP_HIGHER.gradient(Math.log(0.81), 0, 0, -1)).isCloseTo(0.81, within(1e-12));
    Surrogate withKl = new Surrogate(0.2, 0.28, 0.1, 0);
    assertThat(withKl.gradient(Math.log(1.3), 0, Math.log(0.65), 1)).isCloseTo(0.05, within(1e-12));
  }

  @Test
  void gradientsAreThoseOfFiniteDifferences() {
    Random random = new Random(3);
    Surrogate s = new Surrogate(0.2, 0.28, 0.04, 0);
    int clipped = 0;
    for (int i = 0; i < 2000; i++) {
      double old = -3 * random.nextDouble();
      double now = old + 0.4 * random.nextGaussian();
      double reference = old + 0.5 * random.nextGaussian();
      double advantage = random.nextGaussian();
      double ratio = Math.exp(now - old);
      if (Math.abs(ratio - 0.8) < 1e-3 || Math.abs(ratio - 1.28) < 1e-3) {
        continue; // the loss has a corner there
      }
      double h = 1e-6;
      double slope =
          (s.loss(now + h, old, reference, advantage) - s.loss(now - h, old, reference, advantage))
              / (2 * h);
      assertThat(s.gradient(now, old, reference, advantage)).isCloseTo(slope, within(1e-7));
      clipped += s.clips(now, old, advantage) ? 1 : 0;
    }
    assertThat(clipped).isBetween(200, 1000);
  }

  @Test
  void aggregationsByHand() {
    List<Integer> lengths = List.of(2, 8, 10);
    boolean[] two = {true, true, false};
    assertThat(Loss.SEQUENCE.weights(lengths, two, 16)).containsExactly(1 / 4.0, 1 / 16.0, 0);
    assertThat(Loss.TOKEN.weights(lengths, two, 16)).containsExactly(0.1, 0.1, 0);
    assertThat(Loss.CONSTANT.weights(lengths, two, 16)).containsExactly(1 / 32.0, 1 / 32.0, 0);
  }

  @Test
  void rangesThatAreNoneAreRefused() {
    assertThatThrownBy(() -> new Surrogate(1.5, 0.2, 0, 0)).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> new Surrogate(0.2, 0.2, -1, 0)).isInstanceOf(BadInput.class);
  }
}
