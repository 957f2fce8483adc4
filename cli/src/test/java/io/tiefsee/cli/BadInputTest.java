package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is one line on the error stream and status 2. */
class BadInputTest {
  @TempDir Path folder;

  private static void refused(Cli.Result r, String... parts) {
    assertThat(r.err())
        .startsWith("tiefsee: ")
        .contains(parts)
        .endsWith("\n")
        .doesNotContain("\tat ");
    assertThat(r.err().lines()).hasSize(1);
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.out()).isEmpty();
  }

  @Test
  void withoutAModelItSaysHowToGetOne() {
    refused(Cli.run("run", "Hello"), "no model", "--model", "tiefsee pull");
    refused(Cli.run("chat"), "no model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "chat", "inspect", "tokenize", "render", "logits", "bench"})
  void aMissingFile(String command) {
    String[] args = {command, "-m", "/nowhere/model.gguf", "--help"};
    String[] bare = Arrays.copyOf(args, 3);
    Cli.Result r =
        command.equals("logits")
            ? Cli.run(command, "-m", "/nowhere/model.gguf", "--tokens", "1")
            : Cli.run(bare);
    refused(r, "/nowhere/model.gguf");
    assertThat(Cli.run(args).status()).isZero();
  }

  @Test
  void aTruncatedFile() throws Exception {
    byte[] whole = Files.readAllBytes(Path.of(Cli.TINY));
    for (int length : new int[] {0, 3, 20, 1000, whole.length / 2, whole.length - 1}) {
      Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, length));
      Cli.Result r = Cli.run("run", "-m", cut.toString(), "--tokens", "1", "-n", "1");
      refused(r, "cut.gguf");
    }
  }

  @Test
  void anUnknownArchitecture() throws Exception {
    Path file = Files.write(folder.resolve("other.gguf"), gguf("no-such-family"));
    refused(Cli.run("run", "-m", file.toString(), "--tokens", "1"), "no-such-family");
  }

  @Test
  void inspectShowsWhatItCanOfAnUnknownArchitecture() throws Exception {
    Path file = Files.write(folder.resolve("other.gguf"), gguf("no-such-family"));
    Cli.Result r = Cli.run("inspect", "-m", file.toString(), "--metadata");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.out()).contains("general.architecture = no-such-family");
    assertThat(r.err()).contains("no-such-family");
  }

  /** A file with that one metadata value and no tensors. */
  private static byte[] gguf(String architecture) {
    byte[] key = "general.architecture".getBytes(StandardCharsets.UTF_8);
    byte[] value = architecture.getBytes(StandardCharsets.UTF_8);
    ByteBuffer b = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    b.put("GGUF".getBytes(StandardCharsets.UTF_8)).putInt(3).putLong(0).putLong(1);
    b.putLong(key.length).put(key).putInt(8).putLong(value.length).put(value);
    return b.array();
  }

  @Test
  void tooLongAPromptIsRefusedWithBothNumbers() {
    String ids = IntStream.range(0, 600).mapToObj(i -> "7").collect(Collectors.joining(","));
    refused(Cli.run("run", "-m", Cli.TINY, "--tokens", ids), "600", "512");
    refused(Cli.run("logits", "-m", Cli.TINY, "--tokens", ids), "600", "512");
    refused(Cli.run("run", "-m", Cli.TINY, "--ctx-size", "5", "--tokens", "1,2,3,4,5,6"), "6", "5");
    refused(Cli.run("run", "-m", Cli.TINY, "--ctx-size", "99999", "--tokens", "1"), "99999", "512");
  }

  @ParameterizedTest
  @CsvSource({
    "--temperature, hot, temperature",
    "--temperature, -1, temperature",
    "--top-p, 2, top-p",
    "--max-tokens, 0, max tokens",
    "--threads, 0, threads",
    "--batch-size, 0, batch size",
    "--ctx-size, 0, context",
    "--kv, q9, --kv",
    "--activations, int4, --activations",
    "--logit-bias, 5, --logit-bias",
    "--tokens, '1,x', 'x'",
    "--no-such-option, 1, --no-such-option",
  })
  void aWrongOptionValue(String option, String value, String part) {
    refused(Cli.run("run", "-m", Cli.TINY, option, value, "Hello"), part);
  }

  @Test
  void tokensThatAreNone() {
    refused(Cli.run("run", "-m", Cli.TINY, "--tokens", "512"), "512", "511");
    refused(Cli.run("run", "-m", Cli.TINY, "--tokens", "-1"), "-1");
    refused(Cli.run("run", "-m", Cli.TINY, "--tokens", ""), "no tokens");
    refused(Cli.run("tokenize", "-m", Cli.TINY, "--detokenize", "-5"), "-5");
  }

  @Test
  void textForAModelWithoutTokenizer() {
    refused(Cli.run("run", "-m", Cli.NO_TOKENIZER, "Hello"), "no tokenizer", "--tokens");
    refused(Cli.run("tokenize", "-m", Cli.NO_TOKENIZER, "Hello"), "no tokenizer");
    refused(Cli.run("chat", "-m", Cli.NO_TOKENIZER), "no tokenizer");
  }

  @Test
  void brokenJson() {
    refused(Cli.pipe("[\"a\"", "tokenize", "-m", Cli.TINY, "--batch"), "JSON");
    refused(Cli.pipe("{}", "tokenize", "-m", Cli.TINY, "--batch"), "array");
    refused(Cli.pipe("[1]", "tokenize", "-m", Cli.TINY, "--batch"), "string");
    refused(Cli.pipe("[]", "render", "-m", Cli.TINY), "messages");
  }

  @Test
  void unknownCommands() {
    refused(Cli.run("dance"), "no command dance");
    refused(Cli.run("--dance"), "--dance");
  }

  @Test
  void theVersionAloneAndBeforeACommand() {
    assertThat(Cli.run("--version").out()).startsWith("tiefsee ").contains("Java");
    assertThat(Cli.run("--version", "run").out()).isEqualTo(Cli.run("--version").out());
  }

  @Test
  void helpNamesEveryCommand() {
    Cli.Result r = Cli.run();
    assertThat(r.status()).isZero();
    assertThat(r.out())
        .contains("run", "chat", "inspect", "tokenize", "render", "logits", "perplexity", "bench");
  }
}
