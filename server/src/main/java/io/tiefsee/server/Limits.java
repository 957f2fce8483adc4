package io.tiefsee.server;

import io.tiefsee.engine.LoopGuard;
import io.tiefsee.engine.RequestOptions;
import io.tiefsee.engine.ThinkingBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a request may take.
 *
 * @param thinkingTokens after which the thoughts are closed
 * @param thinkingTime after which they are, too
 * @param thinkingCents after which they are, too; hundredths of the price book's currency
 * @param priority higher ones go first
 * @param timeout after which the answer ends as it is
 * @param loopGuard whether endless repetition ends the thoughts or the answer
 */
public record Limits(
    OptionalInt thinkingTokens,
    Optional<Duration> thinkingTime,
    OptionalDouble thinkingCents,
    int priority,
    Optional<Duration> timeout,
    boolean loopGuard) {

  private static final int MAX_PRIORITY = 100;
  private static final double MAX_CENTS = 1e9;
  private static final double MAX_SECONDS = 1e7;

  /** No limits but the guard against endless repetition. */
  public static final Limits NONE =
      new Limits(
          OptionalInt.empty(), Optional.empty(), OptionalDouble.empty(), 0, Optional.empty(), true);

  /** The fields that all APIs share. */
  static Limits read(Fields fields) {
    return read(fields, fields, "reasoning_effort");
  }

  /**
   * The fields that all APIs share.
   *
   * @param effortIn the object with the effort
   * @param effort the name that it has there
   */
  static Limits read(Fields fields, Fields effortIn, String effort) {
    return new Limits(
        thinkingTokens(fields, effortIn, effort),
        seconds(fields, "thinking_seconds"),
        fields.number("thinking_cents", 0, MAX_CENTS),
        fields.integer("priority", -MAX_PRIORITY, MAX_PRIORITY).orElse(0),
        seconds(fields, "timeout"),
        fields.bool("loop_guard").orElse(true));
  }

  private static Optional<Duration> seconds(Fields fields, String name) {
    var value = fields.number(name, 0.001, MAX_SECONDS);
    return value.isPresent()
        ? Optional.of(Duration.ofNanos((long) (value.getAsDouble() * 1e9)))
        : Optional.empty();
  }

  private static OptionalInt thinkingTokens(Fields fields, Fields effortIn, String effort) {
    OptionalInt own = fields.integer("thinking_budget", 0, Integer.MAX_VALUE);
    if (own.isPresent()) {
      return own;
    }
    Optional<Fields> thinking = fields.object("thinking");
    OptionalInt budget =
        thinking.isPresent()
            ? thinking.get().integer("budget_tokens", 0, Integer.MAX_VALUE)
            : OptionalInt.empty();
    return budget.isPresent() ? budget : effort(effortIn, effort);
  }

  /** OpenAI's efforts as budgets; high and more are without one. */
  private static OptionalInt effort(Fields fields, String name) {
    Optional<String> effort =
        fields.oneOf(name, List.of("none", "minimal", "low", "medium", "high", "xhigh", "max"));
    return switch (effort.orElse("")) {
      case "minimal" -> OptionalInt.of(256);
      case "low" -> OptionalInt.of(1024);
      case "medium" -> OptionalInt.of(4096);
      default -> OptionalInt.empty();
    };
  }

  /**
   * The engine's part of it.
   *
   * @param scope whose request it is
   * @param most what the server allows a request
   * @param centsPerSecond what a second of the machine costs
   */
  RequestOptions options(String scope, Optional<Duration> most, double centsPerSecond) {
    RequestOptions.Builder builder = RequestOptions.builder().scope(scope).priority(priority);
    List<ThinkingBudget> budgets = new ArrayList<>();
    thinkingTokens.ifPresent(n -> budgets.add(ThinkingBudget.ofTokens(n)));
    thinkingTime.ifPresent(t -> budgets.add(ThinkingBudget.ofTime(t)));
    thinkingCents.ifPresent(c -> budgets.add((tokens, nanos) -> nanos / 1e9 * centsPerSecond >= c));
    budgets.stream().reduce(ThinkingBudget::or).ifPresent(builder::thinkingBudget);
    Optional<Duration> limit =
        timeout.map(t -> most.filter(m -> m.compareTo(t) < 0).orElse(t)).or(() -> most);
    limit.ifPresent(builder::timeout);
    if (loopGuard) {
      builder.loopGuard(LoopGuard.defaults());
    }
    return builder.build();
  }
}
