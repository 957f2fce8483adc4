package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class RunCommandTest {
  private static final String[] GREEDY = {"--temperature", "0", "--ignore-eos"};

  private static String[] args(String[] more, String... args) {
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return all;
  }

  @Test
  void jsonHasTheFixedForm() {
    Cli.Result r =
        Cli.run(
            args(
                GREEDY, "run", "-m", Cli.TINY, "--tokens", "1,2,3", "--max-tokens", "4", "--json"));
    assertThat(r.status()).isZero();
    JsonNode json = r.json();
    assertThat(json.propertyNames())
        .containsExactly(
            "tokens", "text", "reasoning", "finish_reason", "usage", "timings", "receipt");
    assertThat(json.path("tokens").size()).isEqualTo(4);
    assertThat(json.path("finish_reason").asString()).isEqualTo("length");
    assertThat(json.path("usage").path("prompt_tokens").asInt()).isEqualTo(3);
    assertThat(json.path("usage").path("completion_tokens").asInt()).isEqualTo(4);
    assertThat(json.path("timings").path("load_seconds").asDouble()).isPositive();
    assertThat(r.err()).isEmpty();
  }

  @Test
  void theReferenceModeGivesTheReferenceTokens() throws Exception {
    Path expected =
        Cli.ROOT.resolve(
            "engine/src/test/resources/golden/gguf/llama_tiny.Q4_0_expected/expected.json");
    JsonNode prompt = new ObjectMapper().readTree(expected.toFile()).path("prompts").get(1);
    String ids = prompt.path("ids").toString().replaceAll("[\\[\\] ]", "");
    Cli.Result r =
        Cli.run(
            args(
                GREEDY,
                "run",
                "-m",
                Cli.TINY,
                "--tokens",
                ids,
                "-n",
                "16",
                "--activations",
                "f32",
                "--json"));
    assertThat(r.json().path("tokens")).isEqualTo(prompt.path("greedy").path("ids"));
  }

  @Test
  void aThinkingBudgetClosesTheThoughtsAndSaysSo() {
    String model = Cli.ROOT.resolve("models/embedded/tiefsee-embedded.gguf").toString();
    String[] ask = {
      "run", "-m", model, "--temperature", "0", "--thinking-budget", "5", "What is 12 + 30?"
    };
    Cli.Result r = Cli.run(ask);
    assertThat(r.status()).as(r.err()).isZero();
    assertThat(r.err()).contains("their budget was spent");
    assertThat(r.out()).isNotBlank();
    JsonNode json = Cli.run(args(new String[] {"--json"}, ask)).json();
    assertThat(json.path("usage").path("reasoning_tokens").asInt()).isBetween(5, 60);
    assertThat(json.path("text").asString()).isNotBlank();

    Cli.Result wrong = Cli.run("run", "-m", model, "--thinking-seconds", "-1", "hello");
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("--thinking-seconds");
  }

  @Test
  void aPrefixCacheOutlivesTheRun(@TempDir Path folder) {
    String ids = "7,".repeat(150) + "8";
    String[] ask = {
      "run",
      "-m",
      Cli.TINY,
      "--tokens",
      ids,
      "-n",
      "2",
      "--json",
      "--prefix-cache",
      folder.toString()
    };
    assertThat(Cli.run(ask).json().path("usage").path("cached_tokens").asInt()).isZero();
    assertThat(Cli.run(ask).json().path("usage").path("cached_tokens").asInt()).isEqualTo(128);
  }

  @Test
  void aModelWithoutTokenizerAnswersInTokens() {
    Cli.Result json =
        Cli.run(args(GREEDY, "run", "-m", Cli.NO_TOKENIZER, "--tokens", "5", "-n", "3", "--json"));
    assertThat(json.json().path("tokens").size()).isEqualTo(3);
    assertThat(json.json().path("text").asString()).isEmpty();
    Cli.Result plain =
        Cli.run(args(GREEDY, "run", "-m", Cli.NO_TOKENIZER, "--tokens", "5", "-n", "3"));
    assertThat(plain.out()).matches("\\d+,\\d+,\\d+\n");
  }

  @Test
  void intoAPipeGoesTheAnswerAlone() {
    Cli.Result json = Cli.run(args(GREEDY, "run", "-m", Cli.TINY, "-n", "8", "--json", "Hello"));
    Cli.Result plain = Cli.run(args(GREEDY, "run", "-m", Cli.TINY, "-n", "8", "Hello"));
    String text = json.json().path("text").asString();
    assertThat(plain.status()).isZero();
    assertThat(plain.out()).isEqualTo(text.endsWith("\n") ? text : text + "\n");
    assertThat(plain.err()).contains("8 tokens").doesNotContain("\u001b");
    Cli.Result quiet = Cli.run(args(GREEDY, "run", "-q", "-m", Cli.TINY, "-n", "8", "Hello"));
    assertThat(quiet.err()).isEmpty();
    assertThat(quiet.out()).isEqualTo(plain.out());
  }

  @Test
  void thePromptComesFromArgumentsInputOrFile(@TempDir Path folder) throws Exception {
    String[] common = args(GREEDY, "run", "-m", Cli.TINY, "-n", "6", "-q");
    Path file = Files.writeString(folder.resolve("prompt.txt"), "two words\n");
    String typed = Cli.run(args(new String[] {"two", "words"}, common)).out();
    assertThat(Cli.pipe("two words\n", common).out()).isEqualTo(typed);
    assertThat(Cli.pipe("two words", args(new String[] {"-"}, common)).out()).isEqualTo(typed);
    assertThat(Cli.run(args(new String[] {"-f", file.toString()}, common)).out()).isEqualTo(typed);
  }

  @Test
  void systemMessageAndRawChangeThePrompt() {
    String[] common = args(GREEDY, "run", "-m", Cli.TINY, "-n", "1", "--json", "Hi");
    int plain = promptTokens(common);
    assertThat(promptTokens(args(new String[] {"--system", "Be brief."}, common)))
        .isGreaterThan(plain);
    assertThat(promptTokens(args(new String[] {"--raw"}, common))).isLessThan(plain);
    assertThat(promptTokens(args(new String[] {"--no-template"}, common))).isLessThan(plain);
  }

  private static int promptTokens(String[] args) {
    return Cli.run(args).json().path("usage").path("prompt_tokens").asInt();
  }

  @Test
  void aStopStringEndsTheAnswer() {
    String[] common = args(GREEDY, "run", "-m", Cli.TINY, "-n", "12", "--json", "Hello");
    String text = Cli.run(common).json().path("text").asString();
    String stop = text.substring(3, 5);
    JsonNode stopped = Cli.run(args(new String[] {"--stop", stop}, common)).json();
    assertThat(stopped.path("text").asString()).isEqualTo(text.substring(0, text.indexOf(stop)));
    assertThat(stopped.path("finish_reason").asString()).isEqualTo("stop");
  }

  @Test
  void seedsRepeatAndBiasDecides() {
    String[] seeded = {
      "run", "-m", Cli.TINY, "--tokens", "1,2", "-n", "6", "--json", "--seed", "7", "--temp", "1.5"
    };
    assertThat(Cli.run(seeded).json().path("tokens"))
        .isEqualTo(Cli.run(seeded).json().path("tokens"));
    JsonNode biased =
        Cli.run(
                "run",
                "-m",
                Cli.TINY,
                "--tokens",
                "1,2",
                "-n",
                "2",
                "--json",
                "--temp",
                "0",
                "--logit-bias",
                "300=1000,301=-5")
            .json();
    assertThat(biased.path("tokens").toString()).isEqualTo("[300,300]");
  }

  @Test
  void logProbsAreThereOnRequest() {
    JsonNode json =
        Cli.run(
                args(
                    GREEDY,
                    "run",
                    "-m",
                    Cli.TINY,
                    "--tokens",
                    "1,2",
                    "-n",
                    "2",
                    "--json",
                    "--logprobs",
                    "3"))
            .json();
    JsonNode first = json.path("logprobs").get(0);
    assertThat(first.path("id")).isEqualTo(json.path("tokens").get(0));
    assertThat(first.path("logprob").asDouble()).isNegative();
    assertThat(first.path("top").size()).isEqualTo(3);
    assertThat(first.path("top").get(0).path("id")).isEqualTo(first.path("id"));
  }

  @Test
  void aTerminalIsNotObeyed() {
    Cli.Result r = Cli.onTerminal(args(GREEDY, "run", "-m", Cli.TINY, "-n", "40", "Hello"));
    assertThat(r.out().replace("\u001b[2m", "").replace("\u001b[0m", ""))
        .doesNotContainPattern("[\\p{Cntrl}&&[^\\n\\t]]");
  }
}
