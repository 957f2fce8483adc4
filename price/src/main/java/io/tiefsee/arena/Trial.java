package io.tiefsee.arena;

import io.tiefsee.eval.Verdict;
import io.tiefsee.price.TokenCount;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One answer, judged.
 *
 * @param contestant its name, for readers of the log
 * @param task as in {@code countdown:1}
 * @param seconds its share of the time in which questions were being answered; the shares of all
 *     trials add up to that time
 */
public record Trial(
    Key key,
    String contestant,
    String task,
    Reply reply,
    Verdict verdict,
    double seconds,
    Instant time) {
  /**
   * What was asked of whom: a key is never asked twice.
   *
   * @param contestant its fingerprint
   * @param problem its id
   */
  public record Key(String contestant, String problem, int sample) {}

  /** As a line of the log. Money is in strings, so that no reader makes binary floats of it. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("contestant", contestant);
    map.put("fingerprint", key.contestant);
    map.put("task", task);
    map.put("problem", key.problem);
    map.put("sample", key.sample);
    map.put("time", time.toString());
    map.put("correct", verdict.correct());
    map.put("well_formed", verdict.wellFormed());
    map.put("extracted", verdict.extracted());
    map.put("why", verdict.why());
    map.put("truncated", reply.truncated());
    map.put("prompt_hit", reply.tokens().promptHit());
    map.put("prompt_miss", reply.tokens().promptMiss());
    map.put("thinking_tokens", reply.tokens().thinking());
    map.put("answer_tokens", reply.tokens().answer());
    map.put("seconds", seconds);
    map.put("latency_seconds", reply.latencySeconds());
    reply
        .bill()
        .ifPresent(bill -> {
          map.put("cost", bill.cost().toPlainString());
          map.put("marginal_cost", bill.marginal().toPlainString());
          map.put("currency", bill.currency());
          bill.joules()
              .ifPresent(joules -> {
                map.put("joules", joules.toPlainString());
                map.put("method", bill.method());
              });
        });
    map.put("thinking", reply.thinking());
    map.put("answer", reply.answer());
    return map;
  }

  static Trial of(JsonNode n) {
    TokenCount tokens =
        new TokenCount(
            n.path("prompt_hit").asInt(0),
            n.path("prompt_miss").asInt(0),
            n.path("thinking_tokens").asInt(0),
            n.path("answer_tokens").asInt(0));
    Optional<Bill> bill =
        decimal(n, "cost")
            .map(cost ->
                new Bill(
                    cost,
                    decimal(n, "marginal_cost").orElse(cost),
                    text(n, "currency"),
                    decimal(n, "joules"),
                    text(n, "method")));
    return new Trial(
        new Key(text(n, "fingerprint"), text(n, "problem"), n.path("sample").asInt(-1)),
        text(n, "contestant"),
        text(n, "task"),
        new Reply(
            text(n, "thinking"),
            text(n, "answer"),
            n.path("truncated").asBoolean(false),
            tokens,
            n.path("latency_seconds").asDouble(0),
            bill),
        new Verdict(
            n.path("correct").asBoolean(false),
            n.path("well_formed").asBoolean(false),
            text(n, "extracted"),
            text(n, "why")),
        n.path("seconds").asDouble(0),
        Instant.parse(text(n, "time")));
  }

  private static String text(JsonNode n, String name) {
    return n.path(name).asString("");
  }

  private static Optional<BigDecimal> decimal(JsonNode n, String name) {
    return n.has(name) ? Optional.of(new BigDecimal(text(n, name))) : Optional.empty();
  }
}
