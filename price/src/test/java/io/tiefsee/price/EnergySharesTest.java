package io.tiefsee.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.engine.Usage;
import io.tiefsee.price.EnergyShares.Part;
import io.tiefsee.price.EnergyShares.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnergySharesTest {
  private static final Usage NO_TIMES = new Usage(1, 0, 1, 0, 0, 0);

  private final FakeMachine.Clock clock = new FakeMachine.Clock();
  private final AtomicLong meter = new AtomicLong();
  private CpuTimes times = new CpuTimes(0, 0);
  private final EnergyShares shares = shares(10, false);

  private EnergyShares shares(double idleWatts, boolean learns) {
    MeterChain chain =
        new MeterChain(
            List.of(() ->
                new Meter() {
                  @Override
                  public Method method() {
                    return Method.RAPL;
                  }

                  @Override
                  public String source() {
                    return "test";
                  }

                  @Override
                  public long nanojoules() {
                    return meter.get();
                  }
                }));
    return new EnergyShares(chain, idleWatts, learns, () -> times, clock::nanos);
  }

  /** Time goes by, and the machine draws power; this program uses a share of the processors. */
  private void pass(double seconds, double watts, double own) {
    clock.advance(seconds);
    long energy = meter.addAndGet((long) (seconds * watts * 1e9));
    assertThat(energy).isNotNegative();
    times =
        new CpuTimes(
            times.busy() + (own == 0 ? 0 : (long) (seconds * 1e9)),
            times.own() + (long) (seconds * own * 1e9));
  }

  private Share of(Object request) {
    return shares.of(request, NO_TIMES);
  }

  private static double joules(Share share) {
    return share.energy().total().doubleValue();
  }

  @Test
  void oneRequestBearsItsStepsGrossAndNet() {
    pass(1, 50, 1);
    shares.step(1_000_000_000, List.of(new Part("a", 8, 0)));
    pass(1, 30, 1);
    shares.step(1_000_000_000, List.of(new Part("a", 0, 1)));
    Share share = of("a");
    assertThat(share.nanos()).isEqualTo(2_000_000_000L);
    assertThat(joules(share)).isEqualTo(80);
    assertThat(share.energy().idleSubtracted()).isEqualByComparingTo("60");
    assertThat(share.energy().uncertainty()).isEqualByComparingTo("8");
    assertThat(share.energy().method()).isEqualTo(Method.RAPL);
    // Prompt and generation were not read apart, so time splits them.
    assertThat(share.energy().prompt()).isEqualByComparingTo("40");
    assertThat(shares.unattributed()).isZero();
  }

  @Test
  void workSharesAStepByTokensAndAnEqualPartOfTheWeights() {
    Object prompt = "prompt";
    Object answer = "answer";
    pass(1, 100, 1);
    shares.step(1_000_000_000, List.of(new Part(prompt, 15, 0), new Part(answer, 0, 1)));
    // 19 units: 15 + 1.5 for the prompt, 1 + 1.5 for the answer.
    assertThat(joules(of(prompt))).isCloseTo(100 * 16.5 / 19, within(1e-6));
    assertThat(joules(of(answer))).isCloseTo(100 * 2.5 / 19, within(1e-6));
    assertThat(of(prompt).energy().generation()).isEqualByComparingTo("0");
    assertThat(of(answer).energy().prompt()).isEqualByComparingTo("0");
  }

  @Test
  void whatTheMachineDrawsWithoutStepsGoesToNobody() {
    pass(3, 10, 0);
    shares.tick();
    pass(1, 10, 0);
    pass(1, 60, 1);
    shares.step(1_000_000_000, List.of(new Part("a", 1, 0)));
    assertThat(joules(of("a"))).isCloseTo(60, within(1e-6));
    pass(5, 10, 0);
    shares.tick();
    assertThat(joules(of("a"))).isCloseTo(60, within(1e-6));
    assertThat(shares.unattributed()).isEqualTo(90_000_000_000L);
  }

  @Test
  void hoursOfRestAreForgottenButAddUp() {
    for (int i = 0; i < 5000; i++) {
      pass(1, 10, 0);
      shares.tick();
    }
    pass(1, 30, 1);
    shares.step(1_000_000_000, List.of(new Part("a", 1, 0)));
    assertThat(joules(of("a"))).isCloseTo(30, within(1e-6));
    assertThat(shares.unattributed()).isEqualTo(50_000_000_000_000L);
  }

  @Test
  void aLongStepBearsAllTheTicksInIt() {
    for (int i = 0; i < 20; i++) {
      pass(1, 40, 1);
      shares.tick();
    }
    shares.step(20_000_000_000L, List.of(new Part("a", 512, 0)));
    assertThat(joules(of("a"))).isCloseTo(800, within(1e-6));
    assertThat(shares.watts()).isCloseTo(40, within(1e-9));
  }

  @Test
  void otherProgramsBearTheirs() {
    pass(1, 110, 0.25);
    shares.step(1_000_000_000, List.of(new Part("a", 1, 0)));
    // 10 W idle; of the other 100 W a quarter is ours.
    assertThat(joules(of("a"))).isCloseTo(35, within(1e-6));
    assertThat(shares.unattributed()).isEqualTo(75_000_000_000L);
  }

  @Test
  void quietSecondsShowWhatIdleIs() {
    EnergyShares learning = shares(10, true);
    for (int i = 0; i < 3; i++) {
      pass(1, 4, 0);
      learning.tick();
    }
    // A moment in which a counter has not moved yet shows nothing.
    pass(0.001, 0, 0);
    learning.tick();
    pass(0.001, 0, 0);
    learning.tick();
    pass(1, 24, 1);
    learning.step(1_000_000_000, List.of(new Part("a", 1, 0)));
    Share share = learning.of("a", NO_TIMES);
    assertThat(joules(share)).isCloseTo(24, within(1e-6));
    assertThat(share.energy().idleSubtracted().doubleValue()).isCloseTo(20, within(1e-6));
  }

  @Test
  void withoutStepsTheRequestsOwnTimesCount() {
    pass(2, 30, 1);
    Share share = shares.of("a", new Usage(5, 0, 5, 0, 500_000_000, 1_500_000_000));
    assertThat(share.energy().prompt()).isEqualByComparingTo("15");
    assertThat(share.energy().generation()).isEqualByComparingTo("45");
    assertThat(joules(shares.of("a", NO_TIMES))).isEqualTo(60);
  }

  @Test
  void stepsForNobodyAreNotBilled() {
    pass(1, 50, 1);
    shares.step(1_000_000_000, List.of());
    shares.tick();
    pass(1, 50, 1);
    shares.step(1_000_000_000, List.of(new Part("a", 1, 0)));
    assertThat(joules(of("a"))).isCloseTo(50, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void thePartsAddUpToTheMetersTotal(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Object> requests = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      requests.add("request " + i);
    }
    for (int step = 0; step < 500; step++) {
      if (random.nextInt(4) == 0) {
        pass(random.nextDouble(), 200 * random.nextDouble(), random.nextDouble());
      }
      double seconds = 0.001 + random.nextDouble();
      pass(seconds, 200 * random.nextDouble(), random.nextDouble());
      List<Part> parts = new ArrayList<>();
      for (int i = random.nextInt(10), n = i + random.nextInt(30); i < n; i++) {
        boolean prompt = random.nextBoolean();
        parts.add(new Part(requests.get(i), prompt ? 1 + random.nextInt(512) : 0, prompt ? 0 : 1));
      }
      shares.step((long) (seconds * 1e9), parts);
      switch (random.nextInt(3)) {
        case 0 -> shares.tick();
        case 1 -> assertThat(of(requests.get(random.nextInt(40))).nanos()).isNotNegative();
        default -> {}
      }
    }
    shares.tick();
    long sum = shares.unattributed();
    for (Object request : requests) {
      sum += of(request).energy().total().movePointRight(9).longValueExact();
    }
    assertThat(sum).isEqualTo(meter.get()).isEqualTo(shares.total());
    assertThat(shares.unattributed()).isNotNegative();
  }
}
