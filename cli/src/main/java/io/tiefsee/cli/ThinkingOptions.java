package io.tiefsee.cli;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.LoopGuard;
import io.tiefsee.engine.RequestOptions;
import io.tiefsee.engine.ThinkingBudget;
import io.tiefsee.tensor.BadInput;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options that bound how long a model thinks and how often it repeats itself. */
final class ThinkingOptions {
  private static final double LONGEST_SECONDS = 1e9;

  @Option(
      names = "--thinking-budget",
      paramLabel = "N",
      description = "tokens after which the thoughts are brought to an end (default: no limit)")
  private Optional<Integer> tokens = Optional.empty();

  @Option(
      names = "--thinking-seconds",
      paramLabel = "S",
      description = "seconds after which the thoughts are brought to an end (default: no limit)")
  private Optional<Double> seconds = Optional.empty();

  @Option(
      names = "--loop-guard",
      description =
          "cut endless repetition: in the thoughts to the answer, in the answer to its end")
  private boolean loopGuard;

  /**
   * What was asked for.
   *
   * @throws BadInput for an impossible budget
   */
  RequestOptions request() {
    RequestOptions.Builder request = RequestOptions.builder();
    Optional<ThinkingBudget> byTokens = tokens.map(ThinkingBudget::ofTokens);
    Optional<ThinkingBudget> byTime = seconds.map(ThinkingOptions::time);
    byTokens
        .map(b -> byTime.map(b::or).orElse(b))
        .or(() -> byTime)
        .ifPresent(request::thinkingBudget);
    if (loopGuard) {
      request.loopGuard(LoopGuard.defaults());
    }
    return request.build();
  }

  private static ThinkingBudget time(double seconds) {
    if (!(seconds >= 0 && seconds <= LONGEST_SECONDS)) {
      throw new BadInput("--thinking-seconds is " + seconds + ", but must be 0 or more");
    }
    return ThinkingBudget.ofTime(Duration.ofNanos((long) (seconds * 1e9)));
  }

  /** Says what was done to an answer. */
  static void explain(Generation generation, Streams streams) {
    generation.notes().stream()
        .sorted()
        .map(note ->
            switch (note) {
              case THINKING_BUDGET -> "the thoughts were closed: their budget was spent";
              case THINKING_ROOM -> "the thoughts were closed to leave room for the answer";
              case THINKING_LOOP -> "the thoughts were closed: they repeated themselves";
              case ANSWER_LOOP -> "the answer was ended: it repeated itself";
            })
        .forEach(streams::note);
  }
}
