package io.tiefsee.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Runs commands within the test's JVM. */
final class Cli {
  /** The repository. */
  static final Path ROOT = Path.of(System.getProperty("tiefsee.root", ".."));

  private static final Path GOLDEN = ROOT.resolve("engine/src/test/resources/golden");

  /** A GGUF file with a vocabulary of 512 tokens, a template and a context of 512 tokens. */
  static final String TINY = GOLDEN.resolve("gguf/llama_tiny.Q4_0.gguf").toString();

  /** A Hugging Face folder without a tokenizer. */
  static final String NO_TOKENIZER = GOLDEN.resolve("llama_tiny").toString();

  /** What a command did. */
  record Result(int status, String out, String err) {
    JsonNode json() {
      return new ObjectMapper().readTree(out);
    }
  }

  private Cli() {}

  /** With an empty input, and the output into pipes. */
  static Result run(String... args) {
    return runWith("", false, args);
  }

  /** With {@code input} piped in. */
  static Result pipe(String input, String... args) {
    return runWith(input, false, args);
  }

  /** With an output that is a terminal. */
  static Result onTerminal(String... args) {
    return runWith("", true, args);
  }

  private static Result runWith(String input, boolean outTerminal, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams =
        new Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            outTerminal,
            false);
    int status = Main.run(streams, args);
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
