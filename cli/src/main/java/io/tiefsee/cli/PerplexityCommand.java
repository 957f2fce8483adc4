package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tiefsee perplexity}: how well the model predicts a text.
 *
 * <p>The text is one sequence from position 0, nothing added; the score of token t is -log
 * softmax(logits at t-1)[token t] for t = 1 … n-1, and the mean is over these. A text longer than
 * the context is covered by windows that start {@code stride} tokens apart; each token is scored
 * once, in the first window that has it.
 */
@Command(
    name = "perplexity",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures how well a model predicts a text: exp of the mean negative"
            + " log-likelihood per token.",
    footer = {
      "",
      "A text longer than --ctx-size tokens is read in windows of that size, --stride apart;",
      "each token is scored once, with at least ctx-size - stride tokens before it."
    })
final class PerplexityCommand implements Callable<Integer> {
  private final Streams streams;

  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @Option(names = "--file", paramLabel = "FILE", required = true, description = "a UTF-8 text")
  private Path file = Path.of("");

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "tokens from one window to the next (default: half the context)")
  private Optional<Integer> stride = Optional.empty();

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  PerplexityCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    String text = TextInput.ofFile(file);
    try (Engine engine = modelOptions.open(streams)) {
      int[] ids = PromptOptions.tokenizer(engine).encode(text, false);
      if (ids.length < 2) {
        throw new BadInput(file + " has " + ids.length + " tokens; at least 2 are needed");
      }
      int window = Math.min(ids.length, engine.contextLength());
      int step = stride.orElse(Math.max(1, window / 2));
      if (step < 1 || step >= window) {
        throw new BadInput(
            "--stride is " + step + ", but must be 1 to " + (window - 1) + ", less than a window");
      }
      double nll = sum(engine, ids, window, step) / (ids.length - 1);
      print(ids.length, window, nll);
    }
    return 0;
  }

  private static double sum(Engine engine, int[] ids, int window, int step) {
    double[] sum = new double[1];
    int scored = 1; // the first token has nothing before it
    for (int begin = 0; scored < ids.length; begin += step) {
      int start = begin;
      int first = scored;
      int end = Math.min(ids.length, start + window);
      engine.logits(
          Arrays.copyOfRange(ids, start, end),
          engine.options().maxBatchTokens(),
          (position, logits, row) -> {
            int target = start + position + 1;
            if (target >= first && target < end) {
              float[] values = LogitRow.copy(logits, row);
              sum[0] += LogitRow.logSumExp(values) - values[ids[target]];
            }
          });
      scored = end;
    }
    return sum[0];
  }

  private void print(int tokens, int window, double nll) {
    double perplexity = Math.exp(nll);
    if (json) {
      streams
          .out()
          .println(Json.write(Json.object("tokens", tokens, "nll", nll, "perplexity", perplexity)));
      return;
    }
    streams
        .out()
        .println(
            String.format(
                Locale.ROOT,
                "perplexity %.4f (%d tokens, mean negative log-likelihood %.5f%s)",
                perplexity,
                tokens,
                nll,
                window < tokens ? ", windows of " + window + " tokens" : ""));
  }
}
