package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A real model, where it lies beside the repository. */
class RealModelTest {
  private static final Path MODEL =
      Path.of(System.getProperty("tiefsee.shared", "../../shared"))
          .resolve("models/SmolLM2-135M-Instruct.Q4_1.gguf");

  @BeforeEach
  void isThere() {
    assumeTrue(Files.exists(MODEL), () -> "there is no " + MODEL);
  }

  @Test
  void runKnowsTheCapitalOfFrance() {
    String[] args = {
      "run",
      "-m",
      MODEL.toString(),
      "-c",
      "256",
      "--temp",
      "0",
      "-n",
      "3",
      "--json",
      "--raw",
      "The capital of France is"
    };
    JsonNode json = Cli.run(args).json();
    assertThat(json.path("text").asString()).startsWith(" Paris");
    assertThat(json.path("usage").path("prompt_tokens").asInt()).isEqualTo(5);
  }

  /** The reference's greedy answer to the same conversation. */
  @Test
  void chatAnswersAsTheReferenceDoes() {
    Cli.Result r =
        Cli.pipe(
            "Name three primary colours.\n/stats\n",
            "chat",
            "-m",
            MODEL.toString(),
            "-c",
            "256",
            "--temp",
            "0",
            "-n",
            "10",
            "--activations",
            "f32");
    assertThat(r.out()).isEqualTo("The primary colours are:\n\nRed is the\n");
    assertThat(r.err()).contains("answers: 1", "tokens: 10");
  }

  @Test
  void tokenizeGivesTheModelsIds() {
    JsonNode json =
        Cli.run("tokenize", "-m", MODEL.toString(), "--json", "The capital of France is").json();
    assertThat(json.path("tokens").toString()).isEqualTo("[504,3575,282,4649,314]");
  }
}
