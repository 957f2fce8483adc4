package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The forms of JSON that other programs rely on. */
class CommandsTest {
  @TempDir Path folder;

  @Test
  void tokenizeAndBack() {
    JsonNode json = Cli.run("tokenize", "-m", Cli.TINY, "--json", "--no-bos", "Hi there").json();
    assertThat(json.propertyNames()).containsExactly("tokens", "text");
    assertThat(json.path("text").asString()).isEqualTo("Hi there");
    String ids = json.path("tokens").toString().replaceAll("[\\[\\]]", "");
    JsonNode back = Cli.run("tokenize", "-m", Cli.TINY, "--json", "--detokenize", ids).json();
    assertThat(back).isEqualTo(json);
    JsonNode withBos = Cli.run("tokenize", "-m", Cli.TINY, "--json", "Hi there").json();
    assertThat(withBos.path("tokens").size()).isEqualTo(json.path("tokens").size() + 1);
  }

  @Test
  void tokenizeReadsTheInputAsItIs() {
    JsonNode json = Cli.pipe(" a\n", "tokenize", "-m", Cli.TINY, "--json", "--no-bos").json();
    assertThat(json.path("text").asString()).isEqualTo(" a\n");
  }

  @Test
  void tokenizeABatch() {
    JsonNode json =
        Cli.pipe(
                "[\"a\",\"\",\"<｜end▁of▁sentence｜>\"]",
                "tokenize",
                "-m",
                Cli.TINY,
                "--batch",
                "--special",
                "--no-bos",
                "--json")
            .json();
    assertThat(json.size()).isEqualTo(3);
    assertThat(json.get(1).toString()).isEqualTo("{\"tokens\":[],\"text\":\"\"}");
    assertThat(json.get(2).path("tokens").toString()).isEqualTo("[1]");
  }

  @Test
  void renderABatch() throws Exception {
    Path template =
        Files.writeString(
            folder.resolve("t.jinja"),
            "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if"
                + " tools %}{{ tools[0].name }}{% endif %}{% if add_generation_prompt %}>{% else"
                + " %}{{ raise_exception('no') }}{% endif %}");
    String messages = "\"messages\":[{\"role\":\"user\",\"content\":\"{{ 1 }}\"}]";
    JsonNode json =
        Cli.pipe(
                "[{"
                    + messages
                    + ",\"tools\":null,\"add_generation_prompt\":true},{"
                    + messages
                    + ",\"tools\":[{\"name\":\"f\"}],\"add_generation_prompt\":true},{"
                    + messages
                    + ",\"tools\":null,\"add_generation_prompt\":false}]",
                "render",
                "-m",
                Cli.TINY,
                "--batch",
                "--template",
                template.toString())
            .json();
    String bos = "<｜begin▁of▁sentence｜>";
    assertThat(json.get(0).path("text").asString()).isEqualTo(bos + "[user]{{ 1 }}>");
    assertThat(json.get(1).path("text").asString()).isEqualTo(bos + "[user]{{ 1 }}f>");
    assertThat(json.get(2).propertyNames()).containsExactly("error");
  }

  @Test
  void renderOnePrompt() {
    String text = Cli.run("render", "-m", Cli.TINY, "--system", "Short.", "Hi").out();
    assertThat(text).contains("Short.").contains("Hi");
    JsonNode json = Cli.run("render", "-m", Cli.TINY, "--system", "Short.", "Hi", "--json").json();
    assertThat(json.path("text").asString()).isEqualTo(text);
  }

  @Test
  void logitsOfEveryPosition() {
    String[] args = {
      "logits",
      "-m",
      Cli.TINY,
      "--tokens",
      "1,2,3,4,5",
      "--top",
      "2",
      "--full",
      "--json",
      "--activations",
      "f32"
    };
    JsonNode json = Cli.run(args).json();
    assertThat(json.propertyNames()).containsExactly("positions", "logits");
    assertThat(json.path("positions").size()).isEqualTo(5);
    assertThat(json.path("logits").size()).isEqualTo(512);
    JsonNode last = json.path("positions").get(4);
    assertThat(last.path("position").asInt()).isEqualTo(4);
    assertThat(last.path("top").size()).isEqualTo(2);
    assertThat(last.path("top").get(0).path("id")).isEqualTo(last.path("argmax"));
    double sum = 0;
    for (JsonNode l : json.path("logits")) {
      sum += Math.exp(l.asDouble());
    }
    double best = json.path("logits").get(last.path("argmax").asInt()).asDouble();
    assertThat(last.path("top").get(0).path("logprob").asDouble())
        .isCloseTo(best - Math.log(sum), within(1e-5));
    String[] small = java.util.Arrays.copyOf(args, args.length + 2);
    small[args.length] = "-b";
    small[args.length + 1] = "2";
    assertThat(Cli.run(small).json()).isEqualTo(json);
  }

  @Test
  void perplexityAgreesWithTheLogitsAndCoversLongTexts() throws Exception {
    Path file = Files.writeString(folder.resolve("t.txt"), "the cat sat on the mat. ".repeat(12));
    String[] args = {"perplexity", "-m", Cli.TINY, "--file", file.toString(), "--json"};
    JsonNode json = Cli.run(args).json();
    assertThat(json.propertyNames()).containsExactly("tokens", "nll", "perplexity");
    int n = json.path("tokens").asInt();
    assertThat(n).isGreaterThan(20);
    assertThat(json.path("perplexity").asDouble())
        .isCloseTo(Math.exp(json.path("nll").asDouble()), within(1e-6));
    // Windows that hold the whole text but for one token score nearly the same.
    JsonNode windows =
        Cli.run(
                "perplexity",
                "-m",
                Cli.TINY,
                "--file",
                file.toString(),
                "--json",
                "--ctx-size",
                String.valueOf(n - 1),
                "--stride",
                "1")
            .json();
    assertThat(windows.path("tokens").asInt()).isEqualTo(n);
    assertThat(windows.path("nll").asDouble())
        .isCloseTo(json.path("nll").asDouble(), within(0.2))
        .isNotEqualTo(json.path("nll").asDouble());
  }

  @Test
  void benchHasTheFixedForm() {
    JsonNode json =
        Cli.run("bench", "-m", Cli.TINY, "-p", "16", "-n", "4", "-t", "1", "-r", "2", "--json")
            .json();
    assertThat(json.propertyNames())
        .containsExactly(
            "model",
            "bytes",
            "isa",
            "threads",
            "load_seconds",
            "prompt",
            "generate",
            "memory",
            "peak_rss_bytes");
    assertThat(json.path("threads").asInt()).isEqualTo(1);
    for (String part : new String[] {"prompt", "generate"}) {
      JsonNode speed = json.path(part).path("tokens_per_second");
      assertThat(speed.path("min").asDouble()).isPositive();
      assertThat(speed.path("median").asDouble())
          .isBetween(speed.path("min").asDouble(), speed.path("max").asDouble());
    }
    assertThat(json.path("prompt").path("tokens").asInt()).isEqualTo(16);
    assertThat(json.path("generate").path("tokens").asInt()).isEqualTo(4);
    assertThat(json.path("memory").path("read_gb_s").asDouble()).isPositive();
    assertThat(json.path("memory").path("share").asDouble()).isPositive();
  }

  @Test
  void benchGeneratesAtADepth() {
    JsonNode json =
        Cli.run("bench", "-m", Cli.TINY, "-p", "1", "-n", "4", "-d", "100", "-r", "1", "--json")
            .json();
    assertThat(json.path("generate").path("tokens").asInt()).isEqualTo(4);
    Cli.Result tooDeep = Cli.run("bench", "-m", Cli.TINY, "-d", "100000");
    assertThat(tooDeep.status()).isEqualTo(2);
    assertThat(tooDeep.err()).contains("512");
  }

  @Test
  void inspectSaysWhatIsInAModel() {
    JsonNode json = Cli.run("inspect", "-m", Cli.TINY, "--json", "--tensors").json();
    assertThat(json.path("architecture").asString()).isEqualTo("llama");
    assertThat(json.path("context").asInt()).isEqualTo(512);
    assertThat(json.path("kv_bytes_per_token").path("f16").asInt()).isEqualTo(1024);
    assertThat(json.path("types").path("Q4_0").path("tensors").asInt()).isEqualTo(30);
    assertThat(json.path("tensors").size()).isEqualTo(40);
    assertThat(json.path("tokenizer").path("tokens").asInt()).isEqualTo(512);
    String text = Cli.run("inspect", "-m", Cli.NO_TOKENIZER, "--tensors", "--metadata").out();
    assertThat(text).contains("llama", "model.embed_tokens.weight", "hidden_size = 128");
  }
}
