package io.tiefsee.engine;

import io.tiefsee.tensor.BadInput;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the engine treats a request, beside how its tokens are chosen ({@link SamplingParams}).
 *
 * @param priority higher ones go first: they are admitted first, and where slots or pages lack, a
 *     running request of lower priority gives way and goes on later with the same tokens
 * @param scope whose request it is, for instance an API key's name. Prefixes are shared only within
 *     a scope, and within a priority waiting scopes take turns, so that a hundred requests of one
 *     do not delay the single request of another.
 * @param timeout from submission; the request then ends with {@link
 *     Generation.FinishReason#TIMEOUT} and what tokens it has
 * @param thinkingBudget when the thoughts have to end; empty: never. Needs a tokenizer.
 * @param answerReserve tokens that are kept for the answer where there is a thinking budget: the
 *     thoughts end in time. Empty: a quarter of what the request may generate, 512 at most.
 * @param loopGuard when a repetition counts as endless; empty: never. It then ends the thoughts, or
 *     the answer.
 */
public record RequestOptions(
    int priority,
    String scope,
    Optional<Duration> timeout,
    Optional<ThinkingBudget> thinkingBudget,
    OptionalInt answerReserve,
    Optional<LoopGuard> loopGuard) {

  private static final RequestOptions DEFAULTS = new Builder().build();

  public RequestOptions {
    if (timeout.isPresent() && !timeout.get().isPositive()) {
      throw new BadInput("the time-out is " + timeout.get() + ", but must be above 0");
    }
    if (answerReserve.isPresent() && answerReserve.getAsInt() < 0) {
      throw new BadInput("the tokens kept for the answer must be 0 or more");
    }
  }

  /** Priority 0, the scope of the empty name, no limits. */
  public static RequestOptions defaults() {
    return DEFAULTS;
  }

  public RequestOptions withPriority(int value) {
    return toBuilder().priority(value).build();
  }

  public RequestOptions withScope(String value) {
    return toBuilder().scope(value).build();
  }

  public RequestOptions withTimeout(Duration value) {
    return toBuilder().timeout(value).build();
  }

  public RequestOptions withThinkingBudget(ThinkingBudget value) {
    return toBuilder().thinkingBudget(value).build();
  }

  public RequestOptions withAnswerReserve(int value) {
    return toBuilder().answerReserve(value).build();
  }

  public RequestOptions withLoopGuard(LoopGuard value) {
    return toBuilder().loopGuard(value).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder with these values. */
  public Builder toBuilder() {
    Builder b = new Builder();
    b.priority = priority;
    b.scope = scope;
    b.timeout = timeout;
    b.thinkingBudget = thinkingBudget;
    b.answerReserve = answerReserve;
    b.loopGuard = loopGuard;
    return b;
  }

  /** Starts from {@link #defaults()}. */
  public static final class Builder {
    private int priority;
    private String scope = "";
    private Optional<Duration> timeout = Optional.empty();
    private Optional<ThinkingBudget> thinkingBudget = Optional.empty();
    private OptionalInt answerReserve = OptionalInt.empty();
    private Optional<LoopGuard> loopGuard = Optional.empty();

    private Builder() {}

    public Builder priority(int value) {
      priority = value;
      return this;
    }

    public Builder scope(String value) {
      scope = value;
      return this;
    }

    public Builder timeout(Duration value) {
      timeout = Optional.of(value);
      return this;
    }

    public Builder thinkingBudget(ThinkingBudget value) {
      thinkingBudget = Optional.of(value);
      return this;
    }

    public Builder answerReserve(int value) {
      answerReserve = OptionalInt.of(value);
      return this;
    }

    public Builder loopGuard(LoopGuard value) {
      loopGuard = Optional.of(value);
      return this;
    }

    public RequestOptions build() {
      return new RequestOptions(priority, scope, timeout, thinkingBudget, answerReserve, loopGuard);
    }
  }
}
