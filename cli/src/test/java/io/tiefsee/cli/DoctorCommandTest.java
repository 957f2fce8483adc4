package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.format.Weights;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.CashierOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class DoctorCommandTest {
  @Test
  void theMachineAndWhatFitsIt() {
    JsonNode json = Cli.run("doctor", "-t", "1", "--json").json();
    assertThat(json.propertyNames()).contains("machine", "energy", "currency", "models");
    assertThat(json.path("machine").path("read_gb_s").asDouble()).isPositive();
    assertThat(json.path("machine").path("cores").asInt()).isPositive();
    assertThat(json.path("energy").path("method").asString())
        .isIn("wall", "rapl", "declared", "estimated");
    long available = json.path("machine").path("available_bytes").asLong();
    for (JsonNode m : json.path("models")) {
      assertThat(m.path("fits").asBoolean())
          .as(m.toString())
          .isEqualTo(m.path("memory_bytes").asLong() <= available);
      assertThat(m.path("tokens_per_second").asDouble()).isPositive();
      assertThat(m.path("prompt_tokens_per_second").asDouble()).isPositive();
      assertThat(m.path("cost_per_million").asDouble()).isPositive();
    }
    assertThat(json.has("model")).isFalse();
  }

  @Test
  void aModelIsLookedAtByItsLayers() {
    Cli.Result r = Cli.run("doctor", "-m", Cli.TINY, "-t", "1", "--json");
    assertThat(r.status()).isZero();
    JsonNode model = r.json().path("model");
    assertThat(model.path("fits").asBoolean()).isTrue();
    assertThat(model.path("context_length").asInt()).isEqualTo(512);
    assertThat(model.path("tokens_per_second").asDouble()).isPositive();
    assertThat(model.path("prompt_tokens_per_second").asDouble()).isPositive();
    assertThat(model.path("cost_per_million").asDouble()).isPositive();
    // What bench reckons with: the matrices that a token reads.
    assertThat(model.path("bytes_per_token").asLong())
        .isPositive()
        .isLessThanOrEqualTo(model.path("bytes").asLong());
  }

  @Test
  void aModelThatDoesNotFitIsWarnedOf() {
    Cli.Result r = Cli.run("doctor", "-m", Cli.TINY, "-t", "1", "-c", "100000");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.out())
        .contains("processor ", "DeepSeek R1 itself", "generate   about", "EUR for a million")
        .contains("fits       no: a context of 100000 tokens was asked for");
    assertThat(r.err()).startsWith("tiefsee: ").contains("will not run");
  }

  @Test
  void nothingIsLoadedThatDoesNotFit() throws Exception {
    try (Cashier cashier = Cashier.open(CashierOptions.defaults());
        Weights files = Weights.open(Path.of(Cli.TINY))) {
      assertThat(Forecast.of(files, EngineOptions.defaults(), 100_000_000, cashier)).isEmpty();
    }
  }

  @Test
  void aCutSpeaksForTheWholeModel() throws Exception {
    Path model = Path.of(Cli.TINY);
    try (Cashier cashier = Cashier.open(CashierOptions.defaults());
        Weights files = Weights.open(model);
        Engine engine = Engine.open(model, EngineOptions.defaults().withThreads(1))) {
      EngineOptions options = EngineOptions.defaults().withThreads(1);
      Forecast whole = Forecast.of(files, options, 4_000_000_000L, cashier).orElseThrow();
      assertThat(whole.layers()).isEqualTo(engine.spec().layers());
      assertThat(whole.bytesPerToken()).isEqualTo(engine.bytesPerToken());
      assertThat(whole.watts()).isPositive();
    }
  }

  @Test
  void theLayersLeftOutTakeAsMuchForEachByte() {
    // One layer and all else takes 3, five layers take 11: a layer takes 2, and 21 of them 43.
    assertThat(Forecast.extrapolated(3, 11, 20 / 4.0)).isEqualTo(43);
    assertThat(Forecast.extrapolated(3, 2.9, 5)).isEqualTo(3);
    long[] bytes = {10, 10, 40, 40, 40};
    assertThat(Forecast.deep(bytes, 1, 1000)).isEqualTo(5);
    assertThat(Forecast.deep(bytes, 1, 70)).isEqualTo(3);
    assertThat(Forecast.deep(bytes, 3, 20)).isEqualTo(4);
  }

  @Test
  void badInputIsOneLine() {
    Cli.Result r = Cli.run("doctor", "--as-of", "1990-01-01");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err()).contains("no list has a price for 1990-01-01").containsOnlyOnce("\n");
  }
}
