package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters on the command line, over the tiny Llama of the golden data. */
final class LoraCommandTest {
  private static final Path ROOT = Path.of(System.getProperty("tiefsee.root", ".."));
  private static final String BASE =
      ROOT.resolve("engine/src/test/resources/golden/llama_tiny").toString();
  private static final String ADAPTER =
      ROOT.resolve("train/src/test/resources/golden/peft/llama_tiny").toString();

  @TempDir private Path temp = Path.of("");

  private static String logits(String model, String... more) {
    String[] args = {
      "logits",
      "-m",
      model,
      "--tokens",
      "0,17,301,5",
      "--activations",
      "f32",
      "--top",
      "3",
      "--json"
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    Cli.Result r = Cli.run(all);
    assertThat(r.status()).as(r.err()).isZero();
    return r.out();
  }

  @Test
  void theAdapterChangesTheAnswerAsTheMergedModelDoes() {
    String plain = logits(BASE);
    String adapted = logits(BASE, "--lora", ADAPTER);
    assertThat(adapted).isNotEqualTo(plain);
    assertThat(logits(BASE, "--lora", ADAPTER + "=0")).isEqualTo(plain);
    Path merged = temp.resolve("merged");
    Cli.Result r = Cli.run("merge", "-m", BASE, "--lora", ADAPTER, "-o", merged.toString());
    assertThat(r.status()).as(r.err()).isZero();
    assertThat(ids(logits(merged.toString()))).isEqualTo(ids(adapted)).isNotEqualTo(ids(plain));
    // Once with one sign and once with the other is no change but for rounding.
    String none = logits(BASE, "--lora", ADAPTER, "--lora", ADAPTER + "=-1");
    assertThat(ids(none)).isEqualTo(ids(plain));
  }

  /** The output without the numbers that rounding may touch. */
  private static String ids(String json) {
    return json.replaceAll("-?\\d+\\.\\d+(E-?\\d+)?", "");
  }

  @Test
  void whatIsWrongIsOneLine() throws IOException {
    String missing = temp.resolve("nothing").toString();
    assertThat(Cli.run("run", "-m", BASE, "--lora", missing, "Hi").err())
        .isEqualTo(
            "tiefsee: %s is no LoRA adapter: wanted a folder with adapter_config.json and adapter_model.safetensors\n"
                .formatted(missing));
    assertThat(Cli.run("run", "-m", BASE, "--lora", ADAPTER + "=much", "Hi").err())
        .isEqualTo(
            "tiefsee: after = the adapter %s=much has no number, as in FILE=0.5\n"
                .formatted(ADAPTER));
    assertThat(Cli.run("merge", "-m", BASE, "--lora", ADAPTER, "-o", missing, "--type", "q9").err())
        .startsWith("tiefsee: --type is one of [f32, f16,");
    Path broken = Files.createDirectory(temp.resolve("broken"));
    Files.copy(Path.of(ADAPTER, "adapter_config.json"), broken.resolve("adapter_config.json"));
    Files.writeString(broken.resolve("adapter_model.safetensors"), "no tensors");
    Cli.Result r = Cli.run("run", "-m", BASE, "--lora", broken.toString(), "Hi");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err().lines()).hasSize(1);
  }
}
