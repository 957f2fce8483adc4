package io.tiefsee.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.engine.StepListener;
import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CashierTest {
  private static final Path MODEL =
      Path.of(System.getProperty("tiefsee.root", ".."))
          .resolve("engine/src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf");
  private static final Instant NOW = Instant.parse("2026-11-28T11:50:00.123456Z");

  private final List<String> kept = new ArrayList<>();
  private final CashierOptions options =
      CashierOptions.defaults()
          .withClock(InstantSource.fixed(NOW))
          .withReceipts((receipt, key) -> kept.add(key + " " + receipt.model()));

  private static Generation answer(Engine engine, int tokens) throws InterruptedException {
    Generation generation =
        engine.submit(
            new int[] {1, 2, 3, 4, 5, 6, 7},
            SamplingParams.GREEDY.toBuilder().maxTokens(tokens).ignoreEos(true).build());
    int[] ids = generation.await();
    assertThat(ids).hasSize(tokens);
    return generation;
  }

  @Test
  void anAnswersReceiptHasEverythingAndIsKept() throws Exception {
    Receipt receipt;
    try (Cashier cashier = Cashier.open(options);
        Engine engine = Engine.open(MODEL, EngineOptions.defaults().withThreads(1))) {
      receipt = cashier.receipt(answer(engine, 30), "tiny", 12, "alice");
      assertThat(cashier.meters()).isNotEmpty();
    }
    assertThat(kept).containsExactly("alice tiny");
    assertThat(receipt.tokens()).isEqualTo(new TokenCount(0, 7, 12, 18));
    assertThat(receipt.energy().total()).isPositive();
    assertThat(receipt.energy().prompt()).isPositive();
    assertThat(receipt.cost().total())
        .isPositive()
        .isEqualByComparingTo(receipt.cost().electricity().add(receipt.cost().amortisation()));
    JsonNode json =
        JsonMapper.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build()
            .valueToTree(receipt.toMap());
    assertThat(json.propertyNames())
        .containsExactly(
            "model", "time", "tokens", "seconds", "joules", "cost", "price_book", "elsewhere");
    assertThat(json.path("time").asString()).isEqualTo("2026-11-28T11:50:00.123Z");
    assertThat(json.path("tokens").toString())
        .isEqualTo("{\"prompt_hit\":0,\"prompt_miss\":7,\"thinking\":12,\"answer\":18}");
    assertThat(json.path("joules").path("method").asString())
        .isIn("wall", "rapl", "declared", "estimated");
    assertThat(json.path("elsewhere").get(0).path("name").asString()).isEqualTo("DeepSeek R1");
    assertThat(receipt.line()).contains(" J (", " EUR · the same at DeepSeek R1 0.0000");
  }

  @Test
  void receiptsOfConcurrentRequestsShareTheEnginesTime() throws Exception {
    try (Cashier cashier = Cashier.open(options)) {
      AtomicLong stepNanos = new AtomicLong();
      StepListener steps =
          step -> {
            stepNanos.addAndGet(step.nanos());
            cashier.steps().stepDone(step);
          };
      EngineOptions engineOptions =
          EngineOptions.defaults().toBuilder().threads(1).steps(steps).build();
      BigDecimal hour = cashier.book().hardware().perHour();
      BigDecimal sum = BigDecimal.ZERO;
      try (Engine engine = Engine.open(MODEL, engineOptions)) {
        List<Generation> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          answers.add(
              engine.submit(
                  new int[] {1 + i, 2, 3},
                  SamplingParams.GREEDY.toBuilder().maxTokens(10 + i).ignoreEos(true).build()));
        }
        for (Generation g : answers) {
          assertThat(g.await()).hasSizeBetween(10, 17);
        }
        for (Generation g : answers) {
          Receipt r = cashier.receipt(g, "tiny", 0, "");
          assertThat(r.energy().prompt()).isPositive();
          assertThat(r.energy().generation()).isPositive();
          sum = sum.add(r.cost().amortisation());
        }
      }
      // What the machine wears off in all steps is what the receipts bear together.
      BigDecimal expected =
          hour.multiply(BigDecimal.valueOf(stepNanos.get()))
              .divide(BigDecimal.valueOf(3_600_000_000_000L), MathContext.DECIMAL128);
      assertThat(sum).isCloseTo(expected, within(new BigDecimal("1e-11")));
    }
  }

  @Test
  void moneyIsNeverABinaryFraction() throws Exception {
    try (Cashier cashier = Cashier.open(options);
        Engine engine = Engine.open(MODEL, EngineOptions.defaults().withThreads(1))) {
      checkNumbers(cashier.receipt(answer(engine, 3), "tiny", 0, "").toMap());
    }
  }

  private static void checkNumbers(Object value) {
    switch (value) {
      case Map<?, ?> map -> map.values().forEach(CashierTest::checkNumbers);
      case List<?> list -> list.forEach(CashierTest::checkNumbers);
      default -> assertThat(value).isInstanceOfAny(String.class, Integer.class, BigDecimal.class);
    }
  }

  @Test
  void aDayWithoutPricesIsRefusedAtOnce() {
    CashierOptions old = options.withAsOf(Optional.of(LocalDate.of(1999, 1, 1)));
    assertThatThrownBy(() -> Cashier.open(old))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("1999-01-01");
  }

  @Test
  void tokensElsewhereHaveTheirPrice() {
    try (Cashier cashier = Cashier.open(options)) {
      TokenCount million = new TokenCount(0, 0, 0, 1_000_000);
      assertThat(cashier.remote("gpt-4o", million)).isPresent();
      assertThat(cashier.remote("unknown", million)).isEmpty();
    }
  }

  private static Receipt receipt(
      int answer, String seconds, Method method, Elsewhere... elsewhere) {
    BigDecimal s = new BigDecimal(seconds);
    return new Receipt(
        "tiny",
        NOW.plusSeconds(answer),
        new TokenCount(1, 2, 3, answer),
        new Receipt.Seconds(BigDecimal.ZERO, BigDecimal.ONE, s),
        new Energy(method, s, s, s, s),
        new Cost("EUR", s, s, s),
        "book",
        List.of(elsewhere));
  }

  private static Elsewhere elsewhere(String name, String total) {
    return new Elsewhere(name, LocalDate.of(2026, 11, 28), new BigDecimal(total), "EUR");
  }

  @Test
  void receiptsOfAnswersAtOnceAddUp() {
    Receipt longer = receipt(4, "2.5", Method.RAPL, elsewhere("a", "0.1"), elsewhere("b", "0.2"));
    Receipt shorter =
        receipt(5, "1.5", Method.ESTIMATED, elsewhere("b", "0.02"), elsewhere("c", "0.5"));
    Receipt sum = longer.plus(shorter);
    assertThat(sum.tokens()).isEqualTo(new TokenCount(2, 4, 6, 9));
    assertThat(sum.seconds()).isEqualTo(longer.seconds());
    assertThat(sum.time()).isEqualTo(shorter.time());
    assertThat(sum.energy().total()).isEqualByComparingTo("8");
    assertThat(sum.energy().method()).isEqualTo(Method.ESTIMATED);
    assertThat(sum.cost().total()).isEqualByComparingTo("12");
    assertThat(sum.elsewhere())
        .containsExactly(elsewhere("a", "0.1"), elsewhere("b", "0.22"), elsewhere("c", "0.5"));
  }
}
