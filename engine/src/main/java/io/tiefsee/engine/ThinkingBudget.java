package io.tiefsee.engine;

import io.tiefsee.tensor.BadInput;
import java.time.Duration;

/**
 * Tells when a request has thought enough. Budgets of other kinds, such as money, are written by
 * the caller: {@code (tokens, nanos) -> price(tokens, nanos) >= limit}.
 *
 * <p>An answer under a budget of tokens depends on the seed alone; one under a budget of time also
 * on how fast the machine is and what else it does.
 */
@FunctionalInterface
public interface ThinkingBudget {
  /**
   * Whether the budget is spent. Called before each token of the thoughts by one of the engine's
   * threads, so it must be quick and may not block.
   *
   * @param tokens of the thoughts so far
   * @param nanos since the first of them was chosen
   */
  boolean isSpent(int tokens, long nanos);

  /** At most about {@code limit} tokens; 0 closes the thoughts as soon as they begin. */
  static ThinkingBudget ofTokens(int limit) {
    if (limit < 0) {
      throw new BadInput("the thinking budget is " + limit + " tokens, but must be 0 or more");
    }
    return (tokens, nanos) -> tokens >= limit;
  }

  /** At most about {@code limit} of time. */
  static ThinkingBudget ofTime(Duration limit) {
    if (limit.isNegative()) {
      throw new BadInput("the thinking budget is " + limit + ", but must be 0 or more");
    }
    long most = limit.toNanos();
    return (tokens, nanos) -> nanos >= most;
  }

  /** Spent as soon as either is. */
  default ThinkingBudget or(ThinkingBudget other) {
    return (tokens, nanos) -> isSpent(tokens, nanos) || other.isSpent(tokens, nanos);
  }
}
