package io.tiefsee.engine;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AdapterFile;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

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
 * @param maxSequences requests that are worked on at once; the others wait
 * @param diskCache where prefixes outlive the engine; empty: in memory only
 * @param adapters changes of the model, one on top of the other
 * @param isa instruction set of the kernels
 * @param progress hears how far loading is
 * @param steps hears of each step
 * @param warnings hears, in one line, what goes wrong without harm to a request
 */
public record EngineOptions(
    int threads,
    OptionalInt contextLength,
    OptionalInt cacheTokens,
    QuantType activations,
    QuantType kv,
    int maxBatchTokens,
    int maxSequences,
    Optional<DiskCache> diskCache,
    List<AdapterFile> adapters,
    Isa isa,
    Progress progress,
    StepListener steps,
    Consumer<String> warnings) {

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

  /**
   * A prefix cache on disk. Several engines, of several processes too, may share a folder. The
   * files hold the keys and values of prompts, and the prompts' tokens: who can read them can read
   * the prompts, so they are made readable for their owner only.
   *
   * @param folder made where it is missing
   * @param maxBytes of all files in it; the least recently used ones are deleted beyond
   */
  public record DiskCache(Path folder, long maxBytes) {
    public DiskCache {
      if (maxBytes < 1) {
        throw new BadInput("the prefix cache's size is " + maxBytes + ", but must be at least 1");
      }
    }
  }

  public EngineOptions {
    adapters = List.copyOf(adapters);
    if (threads < 1 || threads > 1024) {
      throw new BadInput("the number of threads is " + threads + ", but must be 1 to 1024");
    }
    if (maxBatchTokens < 1) {
      throw new BadInput("the batch size is " + maxBatchTokens + ", but must be at least 1");
    }
    if (maxSequences < 1) {
      throw new BadInput("the number of slots is " + maxSequences + ", but must be at least 1");
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
    return new Builder().build();
  }

  /** f32 activations and cache: what golden data are compared with. */
  public EngineOptions reference() {
    return toBuilder().activations(QuantType.F32).kv(QuantType.F32).build();
  }

  public EngineOptions withThreads(int value) {
    return toBuilder().threads(value).build();
  }

  public EngineOptions withContextLength(int value) {
    return toBuilder().contextLength(value).build();
  }

  public EngineOptions withCacheTokens(int value) {
    return toBuilder().cacheTokens(value).build();
  }

  public EngineOptions withKv(QuantType value) {
    return toBuilder().kv(value).build();
  }

  public EngineOptions withMaxBatchTokens(int value) {
    return toBuilder().maxBatchTokens(value).build();
  }

  public EngineOptions withIsa(Isa value) {
    return toBuilder().isa(value).build();
  }

  public EngineOptions withProgress(Progress value) {
    return toBuilder().progress(value).build();
  }

  private static void log(String warning) {
    System.getLogger(Engine.class.getPackageName()).log(System.Logger.Level.WARNING, warning);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder with these values. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Starts from the fastest this machine allows. */
  public static final class Builder {
    private int threads = Parallel.defaultThreads();
    private OptionalInt contextLength = OptionalInt.empty();
    private OptionalInt cacheTokens = OptionalInt.empty();
    private QuantType activations = QuantType.Q8_ROW;
    private QuantType kv = QuantType.F16;
    private int maxBatchTokens = 512;
    private int maxSequences = 256;
    private Optional<DiskCache> diskCache = Optional.empty();
    private List<AdapterFile> adapters = List.of();
    private Isa isa = Isa.best();
    private Progress progress = (what, done, total) -> {};
    private StepListener steps = StepListener.NONE;
    private Consumer<String> warnings = EngineOptions::log;

    private Builder() {}

    private Builder(EngineOptions from) {
      threads = from.threads;
      contextLength = from.contextLength;
      cacheTokens = from.cacheTokens;
      activations = from.activations;
      kv = from.kv;
      maxBatchTokens = from.maxBatchTokens;
      maxSequences = from.maxSequences;
      diskCache = from.diskCache;
      adapters = from.adapters;
      isa = from.isa;
      progress = from.progress;
      steps = from.steps;
      warnings = from.warnings;
    }

    public Builder threads(int value) {
      threads = value;
      return this;
    }

    public Builder contextLength(int value) {
      contextLength = OptionalInt.of(value);
      return this;
    }

    public Builder cacheTokens(int value) {
      cacheTokens = OptionalInt.of(value);
      return this;
    }

    public Builder activations(QuantType value) {
      activations = value;
      return this;
    }

    public Builder kv(QuantType value) {
      kv = value;
      return this;
    }

    public Builder maxBatchTokens(int value) {
      maxBatchTokens = value;
      return this;
    }

    public Builder maxSequences(int value) {
      maxSequences = value;
      return this;
    }

    public Builder diskCache(DiskCache value) {
      diskCache = Optional.of(value);
      return this;
    }

    public Builder adapters(List<AdapterFile> value) {
      adapters = value;
      return this;
    }

    public Builder isa(Isa value) {
      isa = value;
      return this;
    }

    public Builder progress(Progress value) {
      progress = value;
      return this;
    }

    public Builder steps(StepListener value) {
      steps = value;
      return this;
    }

    public Builder warnings(Consumer<String> value) {
      warnings = value;
      return this;
    }

    public EngineOptions build() {
      return new EngineOptions(
          threads,
          contextLength,
          cacheTokens,
          activations,
          kv,
          maxBatchTokens,
          maxSequences,
          diskCache,
          adapters,
          isa,
          progress,
          steps,
          warnings);
    }
  }
}
