package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.cli.KernelRates.Product;
import io.tiefsee.cli.KernelRates.Thin;
import io.tiefsee.cli.ModelTable.Known;
import io.tiefsee.cli.ModelTable.Quant;
import io.tiefsee.cli.SpeedTest.Spread;
import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.format.Weights;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.tensor.QuantType;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is foretold of models that are not there. */
class KernelRatesTest {
  private static final Thin THIN = new Thin(256, 2e-5, 1e-7);

  @Test
  void timesAddUp() {
    KernelRates rates =
        new KernelRates(
            Map.of(
                QuantType.Q8_0,
                new Product(2e-11, 5e-12),
                QuantType.F32,
                new Product(8e-11, 1e-11)),
            THIN);
    TokenWork work =
        new TokenWork(
            10,
            512,
            Map.of(QuantType.Q8_0, 1e8),
            Map.of(QuantType.Q8_0, 4e8),
            Map.of(QuantType.F32, 1e7),
            0);
    // Layers 2 ms, output 0.8 ms, fixed costs 10 · 20 µs.
    assertThat(rates.generate(work)).isCloseTo(3e-3, within(1e-12));
    // Layers 500 µs, a 512th of 8.8 ms, fixed costs 10 · 0.1 µs for twice the width.
    assertThat(rates.prompt(work)).isCloseTo(500e-6 + 17.1875e-6 + 2e-6, within(1e-12));
    Forecast forecast = Forecast.of(work, rates, 20);
    assertThat(forecast.layers()).isZero();
    assertThat(forecast.tokensPerSecond()).isCloseTo(1000 / 3.0, within(1e-6));
    assertThat(forecast.bytesPerToken()).isEqualTo(Math.round(1e8 * 34 / 32 + 4e7));
    TokenWork other = new TokenWork(1, 1, Map.of(QuantType.Q4_K, 1.0), Map.of(), Map.of(), 0);
    assertThatThrownBy(() -> rates.generate(other)).hasMessageContaining("Q4_K");
  }

  /** Where time is bytes by a bandwidth, a larger model is slower, and so are finer weights. */
  @Test
  void moreBytesTakeLonger() {
    Map<QuantType, Product> types = new EnumMap<>(QuantType.class);
    for (QuantType t : QuantType.values()) {
      types.put(t, new Product((double) t.blockBytes() / t.blockElements() / 10e9, 4e-12));
    }
    KernelRates rates = new KernelRates(types, THIN);
    for (Known known : ModelTable.ALL) {
      TokenWork coarse = known.work(Quant.Q4_K_M);
      TokenWork fine = known.work(Quant.Q8_0);
      assertThat(rates.generate(coarse)).as(known.name()).isLessThan(rates.generate(fine));
      assertThat(rates.generate(fine))
          .as(known.name())
          .isCloseTo(
              fine.bytesPerToken() / 10e9 + known.spec().layers() * 2e-5,
              Percentage.withPercentage(1e-6));
      assertThat(coarse.bytesPerToken()).isLessThanOrEqualTo(coarse.bytes());
    }
  }

  /** Billions of weights, as their makers state them. */
  @ParameterizedTest
  @CsvSource({
    "SmolLM2 135M, 0.1345, 0.1345",
    "Qwen3 0.6B, 0.596, 0.596",
    "Llama 3.2 1B, 1.236, 1.236",
    "R1 Distill Qwen 1.5B, 1.777, 1.544",
    "Llama 3.2 3B, 3.213, 3.213",
    "Qwen3 4B, 4.022, 4.022",
    "R1 Distill Qwen 7B, 7.616, 7.07",
    "R1 Distill Llama 8B, 8.03, 7.50",
    "Qwen3 8B, 8.19, 7.57",
    "R1 Distill Qwen 14B, 14.77, 13.99",
    "'DeepSeek V2 Lite (16B, 2.4B active)', 15.7, 2.45",
    "R1 Distill Qwen 32B, 32.76, 31.98",
    "R1 Distill Llama 70B, 70.55, 69.50",
    "'DeepSeek R1 (671B, 37B active)', 671, 36.6"
  })
  void shapesHaveTheWeightsTheyShould(String name, double all, double read) {
    Known known =
        ModelTable.ALL.stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
    TokenWork work = known.work(Quant.Q8_0);
    double outer = sum(work.output());
    double embedding = known.tied() ? 0 : outer;
    assertThat((sum(work.body()) + sum(work.others()) + outer + embedding) / 1e9)
        .isCloseTo(all, Percentage.withPercentage(0.5));
    assertThat((sum(work.body()) + outer) / 1e9).isCloseTo(read, Percentage.withPercentage(1));
  }

  @Test
  void filesHaveTheSizeTheyHaveElsewhere() {
    // llama.cpp's table of quantisations: Llama 3.1 8B takes 4.89 bits a weight in Q4_K_M.
    Known llama =
        ModelTable.ALL.stream()
            .filter(k -> k.name().endsWith("Llama 8B"))
            .findFirst()
            .orElseThrow();
    assertThat(llama.work(Quant.Q4_K_M).bytes() * 8 / 8.03e9)
        .isCloseTo(4.89, Percentage.withPercentage(1));
    // 4096 latents and rope keys of 61 layers are 0.29 GB; 5 % and 200 MiB lie around the weights.
    assertThat((double) ModelTable.R1.memory(Quant.Q8_0, 4096))
        .isCloseTo(
            ModelTable.R1.work(Quant.Q8_0).bytes() * 1.05 + (200 << 20) + 4096.0 * 2 * 61 * 576,
            within(1e6));
  }

  @Test
  void aFileIsCountedAsTheEngineCounts() {
    try (Weights files = Weights.open(Path.of(Cli.TINY));
        Engine engine = Engine.open(Path.of(Cli.TINY), EngineOptions.defaults().withThreads(1))) {
      TokenWork work = TokenWork.of(files, ModelLoader.describe(files));
      assertThat(work.bytesPerToken())
          .isCloseTo(engine.bytesPerToken(), Percentage.withPercentage(5));
      assertThat(work.bytes()).isLessThanOrEqualTo(files.bytes());
      assertThat(work.others().values()).allMatch(n -> n == 0);
    }
  }

  @Test
  void theMedianIsInTheMiddle() {
    assertThat(Spread.of(List.of(3.0, 1.0, 8.0))).isEqualTo(new Spread(1, 3, 8));
    assertThat(Spread.of(List.of(4.0, 1.0, 8.0, 2.0)).median()).isEqualTo(3);
    assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  private static double sum(Map<QuantType, Double> weights) {
    return weights.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
