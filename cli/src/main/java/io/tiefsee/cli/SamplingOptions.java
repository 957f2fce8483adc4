package io.tiefsee.cli;

import io.tiefsee.engine.SamplingParams;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Options of sampling. Each one given changes the model's own defaults. */
final class SamplingOptions {
  private final List<Consumer<SamplingParams.Builder>> changes = new ArrayList<>();
  private final Map<Integer, Float> logitBias = new HashMap<>();
  private final List<String> stop = new ArrayList<>();

  /** Throws {@code BadInput} for impossible values, before a model is loaded for nothing. */
  void check() {
    SamplingParams ignored = apply(SamplingParams.GREEDY);
  }

  /** The defaults with what was given. */
  SamplingParams apply(SamplingParams defaults) {
    SamplingParams.Builder builder = defaults.toBuilder();
    changes.forEach(c -> c.accept(builder));
    return builder.build();
  }

  @Option(
      names = {"--temperature", "--temp"},
      paramLabel = "X",
      description = "0 always takes the most probable token (default: the model's own)")
  void temperature(double value) {
    changes.add(b -> b.temperature(value));
  }

  @Option(names = "--top-k", paramLabel = "K", description = "keep the K most probable; 0 is off")
  void topK(int value) {
    changes.add(b -> b.topK(value));
  }

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "keep the fewest tokens that reach P together; 1 is off")
  void topP(double value) {
    changes.add(b -> b.topP(value));
  }

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "drop tokens less probable than P times the best; 0 is off")
  void minP(double value) {
    changes.add(b -> b.minP(value));
  }

  @Option(
      names = "--repeat-penalty",
      paramLabel = "X",
      description = "divides positive logits of tokens seen before; 1 is off")
  void repeatPenalty(double value) {
    changes.add(b -> b.repetitionPenalty(value));
  }

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      description = "subtracted from tokens that are in the answer; 0 is off")
  void presencePenalty(double value) {
    changes.add(b -> b.presencePenalty(value));
  }

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      description = "subtracted once per occurrence in the answer; 0 is off")
  void frequencyPenalty(double value) {
    changes.add(b -> b.frequencyPenalty(value));
  }

  @Option(
      names = "--logit-bias",
      paramLabel = "ID=X",
      description = "added to the logit of a token; may be repeated, or separated by commas",
      split = ",")
  void logitBias(Map<Integer, Float> values) {
    logitBias.putAll(values);
    changes.add(b -> b.logitBias(logitBias));
  }

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "the same seed gives the same answer (default: a new one each time)")
  void seed(long value) {
    changes.add(b -> b.seed(value));
  }

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "ends the answer before this text; may be repeated")
  void stop(List<String> values) {
    stop.clear();
    stop.addAll(values);
    changes.add(b -> b.stop(stop));
  }

  @Option(
      names = {"-n", "--max-tokens"},
      paramLabel = "N",
      description = "tokens of the answer at most (default: to the end of the context)")
  void maxTokens(int value) {
    changes.add(b -> b.maxTokens(value));
  }

  @Option(names = "--ignore-eos", description = "go on after the model ends its answer")
  void ignoreEos(boolean value) {
    changes.add(b -> b.ignoreEos(value));
  }
}
