package io.tiefsee.arena;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of significance against known values, and how time is shared. */
class StatisticsTest {
  /** As exact fractions: the second is 2 (1 + 10 + 45) / 2^10. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 1",
    "2, 8, 0.109375",
    "0, 5, 0.0625",
    "5, 0, 0.0625",
    "1, 9, 0.021484375",
    "5, 5, 1",
    "10, 25, 0.01667384780012071",
    "400, 600, 2.7284641560660184e-10",
    "2000, 2000, 1",
  })
  void mcNemar(int onlyA, int onlyB, double p) {
    assertThat(Paired.mcNemar(onlyA, onlyB)).isCloseTo(p, within(1e-6 * p));
  }

  /** R: {@code p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")}. */
  @Test
  void holm() {
    List<Double> adjusted = Paired.holm(List.of(0.01, 0.04, 0.03, 0.005));
    assertThat(adjusted.get(0)).isCloseTo(0.03, within(1e-12));
    assertThat(adjusted.get(1)).isCloseTo(0.06, within(1e-12));
    assertThat(adjusted.get(2)).isCloseTo(0.06, within(1e-12));
    assertThat(adjusted.get(3)).isCloseTo(0.02, within(1e-12));
    assertThat(Paired.holm(List.of(0.9, 0.8))).containsExactly(1.0, 1.0);
    assertThat(Paired.holm(List.of())).isEmpty();
  }

  @Test
  void sharesOfTimeAddUp() {
    long[] now = {0};
    ShareClock clock = new ShareClock(() -> now[0]);
    final double a = clock.enter();
    now[0] += 2_000_000_000L;
    final double b = clock.enter();
    now[0] += 4_000_000_000L;
    assertThat(clock.leave(a)).isCloseTo(4, within(1e-9));
    now[0] += 1_000_000_000L;
    assertThat(clock.leave(b)).isCloseTo(3, within(1e-9));
    now[0] += 9_000_000_000L;
    double c = clock.enter();
    now[0] += 1_000_000_000L;
    assertThat(clock.leave(c)).isCloseTo(1, within(1e-9));
  }

  @Test
  void requestsAreSpreadOverTheMinute() {
    Pace pace = new Pace(60);
    long now = System.nanoTime() + 1_000_000_000L;
    assertThat(pace.reserve(now)).isZero();
    assertThat(pace.reserve(now)).isEqualTo(1_000_000_000L);
    assertThat(pace.reserve(now + 500_000_000L)).isEqualTo(1_500_000_000L);
    assertThat(pace.reserve(now + 60_000_000_000L)).isZero();
    Pace free = new Pace(0);
    assertThat(free.reserve(now)).isZero();
    assertThat(free.reserve(now)).isZero();
  }

  @Test
  void seedsDependOnTheirPlaceOnly() {
    assertThat(Fingerprint.of(1L, "a", 0).seed()).isEqualTo(Fingerprint.of(1L, "a", 0).seed());
    assertThat(Fingerprint.of(1L, "a", 0).seed()).isNotEqualTo(Fingerprint.of(1L, "a", 1).seed());
    assertThat(Fingerprint.of("ab", "c").shortText())
        .hasSize(16)
        .isNotEqualTo(Fingerprint.of("a", "bc").shortText());
  }
}
