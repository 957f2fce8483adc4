package io.tiefsee.cli;

import io.tiefsee.engine.MemoryPlan;
import java.util.List;

/** Models that people ask for, by the numbers of their makers' configurations. */
final class ModelTable {
  /** Bits of a weight in files of a kind, tensors of other types included. */
  enum Quant {
    Q4_K_M(4.85),
    Q8_0(8.5);

    private final double bits;

    Quant(double bits) {
      this.bits = bits;
    }
  }

  /**
   * @param parameters of the whole model
   * @param active parameters that a token visits
   * @param kvBytes of one token in an f16 cache, over all layers
   */
  record Known(String name, double parameters, double active, long kvBytes) {
    long bytes(Quant quant) {
      return (long) (parameters * quant.bits / 8);
    }

    /** Bytes of weights that a token reads. */
    long bytesPerToken(Quant quant) {
      return (long) (active * quant.bits / 8);
    }

    /** Bytes of memory with a context of some tokens. */
    long memory(Quant quant, int context) {
      return MemoryPlan.withoutContext(bytes(quant)) + context * kvBytes;
    }
  }

  static final Known R1 = known("DeepSeek R1 (671B, 37B active)", 671, 37, kvOfLatent(61, 576));

  static final List<Known> ALL =
      List.of(
          dense("SmolLM2 135M", 0.135, kv(30, 3, 64)),
          dense("Qwen3 0.6B", 0.6, kv(28, 8, 128)),
          dense("Llama 3.2 1B", 1.24, kv(16, 8, 64)),
          dense("R1 Distill Qwen 1.5B", 1.78, kv(28, 2, 128)),
          dense("Llama 3.2 3B", 3.21, kv(28, 8, 128)),
          dense("Qwen3 4B", 4.02, kv(36, 8, 128)),
          dense("R1 Distill Qwen 7B", 7.62, kv(28, 4, 128)),
          dense("R1 Distill Llama 8B", 8.03, kv(32, 8, 128)),
          dense("Qwen3 8B", 8.19, kv(36, 8, 128)),
          dense("R1 Distill Qwen 14B", 14.77, kv(48, 8, 128)),
          known("DeepSeek V2 Lite (16B, 2.4B active)", 15.7, 2.4, kvOfLatent(27, 576)),
          dense("R1 Distill Qwen 32B", 32.76, kv(64, 8, 128)),
          dense("R1 Distill Llama 70B", 70.55, kv(80, 8, 128)),
          R1);

  private ModelTable() {}

  private static Known dense(String name, double billions, long kvBytes) {
    return known(name, billions, billions, kvBytes);
  }

  private static Known known(String name, double billions, double active, long kvBytes) {
    return new Known(name, billions * 1e9, active * 1e9, kvBytes);
  }

  /** Keys and values of grouped-query attention. */
  private static long kv(int layers, int heads, int dim) {
    return 2L * 2 * layers * heads * dim;
  }

  /** The latent and the rope key of multi-head latent attention. */
  private static long kvOfLatent(int layers, int dim) {
    return 2L * layers * dim;
  }
}
