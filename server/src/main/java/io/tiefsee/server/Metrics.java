package io.tiefsee.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineStatus;
import io.tiefsee.engine.Usage;
import io.tiefsee.price.Receipt;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What the server counts, for Prometheus. Thread-safe. */
final class Metrics {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The text that Prometheus reads. */
  String scrape() {
    return registry.scrape();
  }

  /** A request was answered. */
  void request(String endpoint, int status, long nanos) {
    Timer.builder("tiefsee.http.requests")
        .description("requests by endpoint and status, and how long they took")
        .tag("endpoint", endpoint)
        .tag("status", String.valueOf(status))
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  /** An answer has ended. */
  void answer(String model, Sample sample) {
    Usage usage = sample.usage();
    tokens(model, "prompt_hit", usage.cachedTokens());
    tokens(model, "prompt_miss", usage.promptTokens() - usage.cachedTokens());
    tokens(model, "thinking", sample.reasoningTokens());
    tokens(model, "answer", usage.completionTokens() - sample.reasoningTokens());
    Counter.builder("tiefsee.answers")
        .description("answers by why they ended")
        .tag("model", model)
        .tag("reason", sample.finishReason().name().toLowerCase(java.util.Locale.ROOT))
        .register(registry)
        .increment();
    if (usage.completionTokens() > 0) {
      histogram("tiefsee.time.to.first.token", "from a request to its first token", model)
          .record(usage.queueNanos() + usage.promptNanos(), TimeUnit.NANOSECONDS);
      histogram("tiefsee.queue.time", "from a request to its first step", model)
          .record(usage.queueNanos(), TimeUnit.NANOSECONDS);
    }
    if (usage.completionTokens() > 1) {
      histogram("tiefsee.time.per.output.token", "between tokens, mean of an answer", model)
          .record(usage.generateNanos() / (usage.completionTokens() - 1), TimeUnit.NANOSECONDS);
    }
  }

  private void tokens(String model, String kind, int count) {
    Counter.builder("tiefsee.tokens")
        .description("tokens by kind")
        .tag("model", model)
        .tag("kind", kind)
        .register(registry)
        .increment(Math.max(0, count));
  }

  private Timer histogram(String name, String what, String model) {
    return Timer.builder(name)
        .description(what)
        .tag("model", model)
        .publishPercentileHistogram()
        .minimumExpectedValue(SHORTEST)
        .maximumExpectedValue(LONGEST)
        .register(registry);
  }

  /** What answers took and cost. */
  void receipt(Receipt receipt) {
    Counter.builder("tiefsee.energy")
        .description("energy of answers, by how it is known")
        .baseUnit("joules")
        .tag("model", receipt.model())
        .tag("method", receipt.energy().method().name().toLowerCase(java.util.Locale.ROOT))
        .register(registry)
        .increment(receipt.energy().total().doubleValue());
    Counter.builder("tiefsee.cost")
        .description("cost of answers")
        .tag("model", receipt.model())
        .tag("currency", receipt.cost().currency())
        .register(registry)
        .increment(receipt.cost().total().doubleValue());
  }

  /** Watches a model. */
  void watch(Model model) {
    gauge("tiefsee.model.loaded", "whether the model is in memory", model, s -> 1);
    gauge("tiefsee.requests.running", "requests that are worked on", model, EngineStatus::running);
    gauge("tiefsee.requests.waiting", "requests in the queue", model, EngineStatus::waiting);
    gauge("tiefsee.kv.pages", "pages of the KV cache", model, EngineStatus::pagesTotal);
    gauge("tiefsee.kv.pages.free", "pages no request holds", model, EngineStatus::pagesFree);
    gauge("tiefsee.prefix.disk.bytes", "prefixes on disk", model, EngineStatus::diskBytes);
    count("tiefsee.prefix.hit.tokens", "tokens found cached", model, EngineStatus::prefixHitTokens);
    count("tiefsee.prefix.miss.tokens", "tokens computed", model, EngineStatus::prefixMissTokens);
    count("tiefsee.preemptions", "requests that had to give way", model, EngineStatus::preemptions);
  }

  private static double of(Model model, ToDoubleFunction<EngineStatus> value) {
    return model.engine().map(Engine::status).map(value::applyAsDouble).orElse(0.0);
  }

  private void gauge(String name, String what, Model model, ToDoubleFunction<EngineStatus> value) {
    Gauge.builder(name, model, m -> of(m, value))
        .description(what)
        .tag("model", model.name())
        .register(registry);
  }

  private void count(String name, String what, Model model, ToDoubleFunction<EngineStatus> value) {
    FunctionCounter.builder(name, model, m -> of(m, value))
        .description(what)
        .tag("model", model.name())
        .register(registry);
  }
}
