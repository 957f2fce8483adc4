package io.tiefsee.engine;

import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import java.util.OptionalInt;

/**
 * How an engine is set up.
 *
 * @param threads threads that compute
 * @param contextLength tokens that a sequence may have; empty: what the model was made for, as far
 *     as memory allows
 * @param cacheTokens tokens of all sequences together that the KV cache holds, where that is more
 *     than one sequence of {@code contextLength}
 * @param activations {@link QuantType#Q8_ROW}: quantised weights meet activations rounded to int8;
 *     {@link QuantType#F32}: the reference mode
 * @param kv storage of keys and values: F32, F16 or Q8_0
 * @param maxBatchTokens tokens of one step at most; longer prompts are computed in chunks
 * @param isa instruction set of the kernels
 * @param progress hears how far loading is
 */
public record EngineOptions(
    int threads,
    OptionalInt contextLength,
    OptionalInt cacheTokens,
    QuantType activations,
    QuantType kv,
    int maxBatchTokens,
    Isa isa,
    Progress progress) {

  /** Hears how far a long piece of work is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * @param what for instance "load"
     * @param done units done
     * @param total units in all
     */
    void report(String what, long done, long total);
  }

  public EngineOptions {
    if (threads < 1 || threads > 1024) {
      throw new BadInput("the number of threads is " + threads + ", but must be 1 to 1024");
    }
    if (maxBatchTokens < 1) {
      throw new BadInput("the batch size is " + maxBatchTokens + ", but must be at least 1");
    }
    if (contextLength.isPresent() && contextLength.getAsInt() < 1) {
      throw new BadInput("the context length must be at least 1");
    }
    if (activations != QuantType.Q8_ROW && activations != QuantType.F32) {
      throw new BadInput("activations are int8 or f32, not " + activations);
    }
    if (kv != QuantType.F32 && kv != QuantType.F16 && kv != QuantType.Q8_0) {
      throw new BadInput("the KV cache is f32, f16 or q8_0, not " + kv);
    }
  }

  /** The fastest this machine allows. */
  public static EngineOptions defaults() {
    return new EngineOptions(
        Parallel.defaultThreads(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        QuantType.Q8_ROW,
        QuantType.F16,
        512,
        Isa.best(),
        (what, done, total) -> {});
  }

  /** f32 activations and cache: what golden data are compared with. */
  public EngineOptions reference() {
    return new EngineOptions(
        threads,
        contextLength,
        cacheTokens,
        QuantType.F32,
        QuantType.F32,
        maxBatchTokens,
        isa,
        progress);
  }

  public EngineOptions withThreads(int value) {
    return new EngineOptions(
        value, contextLength, cacheTokens, activations, kv, maxBatchTokens, isa, progress);
  }

  public EngineOptions withContextLength(int value) {
    return new EngineOptions(
        threads,
        OptionalInt.of(value),
        cacheTokens,
        activations,
        kv,
        maxBatchTokens,
        isa,
        progress);
  }

  public EngineOptions withCacheTokens(int value) {
    return new EngineOptions(
        threads,
        contextLength,
        OptionalInt.of(value),
        activations,
        kv,
        maxBatchTokens,
        isa,
        progress);
  }

  public EngineOptions withKv(QuantType value) {
    return new EngineOptions(
        threads, contextLength, cacheTokens, activations, value, maxBatchTokens, isa, progress);
  }

  public EngineOptions withMaxBatchTokens(int value) {
    return new EngineOptions(
        threads, contextLength, cacheTokens, activations, kv, value, isa, progress);
  }

  public EngineOptions withIsa(Isa value) {
    return new EngineOptions(
        threads, contextLength, cacheTokens, activations, kv, maxBatchTokens, value, progress);
  }

  public EngineOptions withProgress(Progress value) {
    return new EngineOptions(
        threads, contextLength, cacheTokens, activations, kv, maxBatchTokens, isa, value);
  }
}
