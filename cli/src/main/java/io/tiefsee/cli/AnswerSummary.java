package io.tiefsee.cli;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.engine.Usage;
import io.tiefsee.price.Receipt;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What an answer took, for people and for programs. */
final class AnswerSummary {
  private AnswerSummary() {}

  /** The line after an answer. */
  static String line(Usage usage, Optional<FinishReason> reason, Optional<Receipt> receipt) {
    String end =
        switch (reason.orElse(FinishReason.CANCELLED)) {
          case STOP -> "";
          case LENGTH -> " · ended by the limit";
          case CANCELLED -> " · stopped";
          case TIMEOUT -> " · ended by the time-out";
        };
    return String.format(
        Locale.ROOT,
        "%d tokens, %.1f tokens/s · prompt %d tokens, %.1f tokens/s%s · %.2f s%s%s",
        usage.completionTokens(),
        usage.tokensPerSecond(),
        usage.promptTokens(),
        usage.promptTokensPerSecond(),
        usage.cachedTokens() > 0 ? " (" + usage.cachedTokens() + " cached)" : "",
        (usage.queueNanos() + usage.promptNanos() + usage.generateNanos()) / 1e9,
        end,
        receipt.map(r -> " · " + r.line()).orElse(""));
  }

  /** The member {@code usage} of a JSON answer. */
  static Map<String, Object> usage(Usage usage, int reasoningTokens) {
    return Json.object(
        "prompt_tokens", usage.promptTokens(),
        "cached_tokens", usage.cachedTokens(),
        "completion_tokens", usage.completionTokens(),
        "reasoning_tokens", reasoningTokens,
        "total_tokens", usage.promptTokens() + usage.completionTokens());
  }

  /** The member {@code timings} of a JSON answer. */
  static Map<String, Object> timings(double loadSeconds, Usage usage) {
    return Json.object(
        "load_seconds",
        loadSeconds,
        "prompt_seconds",
        usage.promptNanos() / 1e9,
        "generate_seconds",
        usage.generateNanos() / 1e9,
        "prompt_tokens_per_second",
        usage.promptTokensPerSecond(),
        "tokens_per_second",
        usage.tokensPerSecond());
  }

  static String name(Optional<FinishReason> reason) {
    return reason.orElse(FinishReason.CANCELLED).name().toLowerCase(Locale.ROOT);
  }
}
