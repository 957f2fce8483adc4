package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import java.util.Locale;

/** Decides, before anything is loaded, whether a model fits and how long its context may be. */
public final class MemoryPlan {
  /** Scratch memory, tokenizer, the JVM itself. */
  private static final long OVERHEAD = 200L << 20;

  private MemoryPlan() {}

  /**
   * Tokens that a sequence may have: what was asked for, or what the model was made for as far as
   * the memory left beside the weights allows.
   *
   * @throws BadInput if it cannot fit; the message has the numbers
   */
  public static int contextLength(ModelSpec spec, long modelBytes, EngineOptions options) {
    if (options.contextLength().isPresent()
        && options.contextLength().getAsInt() > spec.context()) {
      throw new BadInput(
          "a context of "
              + options.contextLength().getAsInt()
              + " tokens was asked for, but the"
              + " model was made for "
              + spec.context());
    }
    return contextLength(spec, modelBytes, options, available());
  }

  static int contextLength(
      ModelSpec spec, long modelBytes, EngineOptions options, long availableBytes) {
    int asked = options.contextLength().orElse(spec.context());
    long perToken = spec.kvBytesPerToken(options.kv());
    long others = Math.max(0, options.cacheTokens().orElse(0) - asked) * perToken;
    long fixed = withoutContext(modelBytes) + others;
    long room = (availableBytes - fixed) / perToken;
    if (room >= asked) {
      return asked;
    }
    int least = options.contextLength().orElse(Math.min(spec.context(), 8 * KvLayer.PAGE));
    if (room < least) {
      throw new BadInput(
          String.format(
              Locale.ROOT,
              "not enough memory: the model takes %.1f GB and a context of %d tokens %.1f GB, but"
                  + " only %.1f GB are free",
              fixed / 1e9,
              least,
              (double) least * perToken / 1e9,
              availableBytes / 1e9));
    }
    return (int) (room / KvLayer.PAGE * KvLayer.PAGE);
  }

  /** Bytes that a model takes beside its context. */
  public static long withoutContext(long modelBytes) {
    return modelBytes + modelBytes / 20 + OVERHEAD;
  }

  /** Bytes that can be had, under the limits of this process too. */
  public static long available() {
    return AvailableMemory.OF_SYSTEM.bytes();
  }
}
