package io.tiefsee.cli;

import io.tiefsee.engine.MemoryPlan;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.tensor.QuantType;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Models that people ask for, by the numbers of their makers' configurations. */
final class ModelTable {
  /**
   * How the files of a kind store their matrices. As llama.cpp writes them: half of the values and
   * down-projections are finer, the output is, and rows that do not fill blocks of 256 get a type
   * with blocks of 32.
   */
  enum Quant {
    Q4_K_M(QuantType.Q4_K, QuantType.Q6_K, QuantType.Q5_0),
    Q8_0(QuantType.Q8_0, QuantType.Q8_0, QuantType.Q8_0);

    private final QuantType most;
    private final QuantType finer;
    private final QuantType fallback;

    Quant(QuantType most, QuantType finer, QuantType fallback) {
      this.most = most;
      this.finer = finer;
      this.fallback = fallback;
    }

    /** The type of most matrices of {@code cols} columns. */
    QuantType matrix(int cols) {
      return cols % most.blockElements() == 0 ? most : fallback;
    }

    /** The type of those that matter more. */
    QuantType finer(int cols) {
      return cols % finer.blockElements() == 0 ? finer : QuantType.Q8_0;
    }

    /** The type of the output matrix. */
    QuantType output(int cols) {
      return finer(cols);
    }
  }

  /**
   * @param tied the embedding is the output matrix, too
   */
  record Known(String name, ModelSpec spec, boolean tied) {
    TokenWork work(Quant quant) {
      return TokenWork.of(spec, tied, quant);
    }

    /** Bytes of memory with a context of some tokens in an f16 cache. */
    long memory(Quant quant, int context) {
      return MemoryPlan.withoutContext((long) work(quant).bytes())
          + context * spec.kvBytesPerToken(QuantType.F16);
    }
  }

  static final Known R1 =
      latent(
          "DeepSeek R1 (671B, 37B active)",
          129280,
          7168,
          new AttentionSpec.Mla(128, 1536, 512, 128, 64, 128, 1),
          Collections.nCopies(3, new FfnSpec.Dense(18432)),
          Collections.nCopies(58, moe(256, 8, 2048, 2048)));

  static final List<Known> ALL =
      List.of(
          dense("SmolLM2 135M", 49152, 576, 30, 1536, 9, 3, 64, true),
          dense("Qwen3 0.6B", 151936, 1024, 28, 3072, 16, 8, 128, true),
          dense("Llama 3.2 1B", 128256, 2048, 16, 8192, 32, 8, 64, true),
          dense("R1 Distill Qwen 1.5B", 151936, 1536, 28, 8960, 12, 2, 128, false),
          dense("Llama 3.2 3B", 128256, 3072, 28, 8192, 24, 8, 128, true),
          dense("Qwen3 4B", 151936, 2560, 36, 9728, 32, 8, 128, true),
          dense("R1 Distill Qwen 7B", 152064, 3584, 28, 18944, 28, 4, 128, false),
          dense("R1 Distill Llama 8B", 128256, 4096, 32, 14336, 32, 8, 128, false),
          dense("Qwen3 8B", 151936, 4096, 36, 12288, 32, 8, 128, false),
          dense("R1 Distill Qwen 14B", 152064, 5120, 48, 13824, 40, 8, 128, false),
          latent(
              "DeepSeek V2 Lite (16B, 2.4B active)",
              102400,
              2048,
              new AttentionSpec.Mla(16, 0, 512, 128, 64, 128, 1),
              List.of(new FfnSpec.Dense(10944)),
              Collections.nCopies(26, moe(64, 6, 1408, 2816))),
          dense("R1 Distill Qwen 32B", 152064, 5120, 64, 27648, 40, 8, 128, false),
          dense("R1 Distill Llama 70B", 128256, 8192, 80, 28672, 64, 8, 128, false),
          R1);

  private ModelTable() {}

  private static Known dense(
      String name,
      int vocab,
      int dim,
      int layers,
      int hidden,
      int heads,
      int kvHeads,
      int headDim,
      boolean tied) {
    AttentionSpec attention = new AttentionSpec.Gqa(heads, kvHeads, headDim);
    List<FfnSpec> ffn = Collections.nCopies(layers, new FfnSpec.Dense(hidden));
    return new Known(name, spec(name, vocab, dim, headDim, attention, ffn), tied);
  }

  private static Known latent(
      String name,
      int vocab,
      int dim,
      AttentionSpec.Mla attention,
      List<? extends FfnSpec> first,
      List<? extends FfnSpec> others) {
    List<FfnSpec> ffn = Stream.<FfnSpec>concat(first.stream(), others.stream()).toList();
    return new Known(name, spec(name, vocab, dim, attention.rope(), attention, ffn), false);
  }

  /** What speed does not depend on is as in many models. */
  private static ModelSpec spec(
      String name, int vocab, int dim, int rope, AttentionSpec attention, List<FfnSpec> ffn) {
    RopeSpec plain = new RopeSpec(rope, 1e4, false, new RopeSpec.None());
    return new ModelSpec("llama", name, dim, vocab, 4096, 1e-5f, attention, plain, ffn);
  }

  private static FfnSpec moe(int experts, int used, int hidden, int sharedHidden) {
    return new FfnSpec.Moe(
        experts, used, hidden, sharedHidden, FfnSpec.Gate.SIGMOID, true, 1, 1, 1);
  }
}
