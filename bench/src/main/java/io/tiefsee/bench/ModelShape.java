package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The sizes of a {@link SyntheticModel}.
 *
 * @param architecture GGUF's name: llama, qwen2, qwen3 or deepseek2
 * @param vocab tokens, at least {@link SyntheticVocabulary#LEAST}
 * @param dim width of the residual stream
 * @param layers blocks
 * @param context tokens the model claims to be made for
 * @param heads query heads
 * @param kvHeads key and value heads, as many as query heads for latent attention
 * @param headDim numbers in a head, without latent attention
 * @param hidden width of dense feed-forward parts
 * @param ropeBase base of the rotary frequencies
 * @param tied the embedding is the output matrix, too
 * @param latent sizes of latent attention: deepseek2 only, and always there
 * @param experts sizes of the mixture of experts: deepseek2 only
 */
public record ModelShape(
    String architecture,
    int vocab,
    int dim,
    int layers,
    int context,
    int heads,
    int kvHeads,
    int headDim,
    int hidden,
    float ropeBase,
    boolean tied,
    Optional<Latent> latent,
    Optional<Experts> experts) {

  /**
   * Multi-head latent attention.
   *
   * @param qLora rank of the queries; 0: they come from one matrix
   * @param kvLora width of the latent
   * @param nope numbers of a query or key that do not rotate
   * @param rope numbers that do
   * @param value numbers in a value
   * @param joined keys' and values' matrices are one tensor (attn_kv_b), as in GGUF files up to
   *     spring 2025, not two (attn_k_b, attn_v_b)
   */
  public record Latent(int qLora, int kvLora, int nope, int rope, int value, boolean joined) {}

  /**
   * Mixture of experts.
   *
   * @param count routed experts of a layer
   * @param used those that a token meets
   * @param hidden width of one
   * @param shared experts that every token meets
   * @param groups groups that the experts are in
   * @param groupsUsed groups that a token's experts come from
   * @param dense leading layers without experts
   * @param scale factor of the routed experts' sum
   */
  public record Experts(
      int count,
      int used,
      int hidden,
      int shared,
      int groups,
      int groupsUsed,
      int dense,
      float scale) {}

  private static final Map<String, ModelShape> PRESETS = presets();

  public ModelShape {
    if (!List.of("llama", "qwen2", "qwen3", "deepseek2").contains(architecture)) {
      throw new BadInput("there are no synthetic models of the architecture " + architecture);
    }
    if (vocab < SyntheticVocabulary.LEAST) {
      throw new BadInput(
          "a vocabulary of "
              + vocab
              + " tokens is too small, it needs "
              + SyntheticVocabulary.LEAST);
    }
    if (layers < 1) {
      throw new BadInput("a model has at least one layer, not " + layers);
    }
    if (latent.isPresent() != architecture.equals("deepseek2")) {
      throw new BadInput("latent attention and the architecture deepseek2 go together");
    }
    if (experts.isPresent() && latent.isEmpty()) {
      throw new BadInput("mixtures of experts are known for deepseek2 only");
    }
  }

  /** Names of {@link #preset}. */
  public static Iterable<String> presetNames() {
    return PRESETS.keySet();
  }

  /**
   * A shape by name.
   *
   * @throws BadInput if there is no such
   */
  public static ModelShape preset(String name) {
    return Optional.ofNullable(PRESETS.get(name))
        .orElseThrow(() ->
            new BadInput(
                "there is no preset '"
                    + name
                    + "'; there are "
                    + String.join(", ", presetNames())));
  }

  private static Map<String, ModelShape> presets() {
    Map<String, ModelShape> all = new TreeMap<>();
    all.put("smollm2-135m", dense("llama", 49152, 576, 30, 9, 3, 64, 1536, 1e5f, true));
    all.put("llama-8b", dense("llama", 128256, 4096, 32, 32, 8, 128, 14336, 5e5f, false));
    all.put("qwen2-0.5b", dense("qwen2", 151936, 896, 24, 14, 2, 64, 4864, 1e6f, false));
    all.put("qwen2-1.5b", dense("qwen2", 151936, 1536, 28, 12, 2, 128, 8960, 1e6f, false));
    all.put("qwen3-0.6b", dense("qwen3", 151936, 1024, 28, 16, 8, 128, 3072, 1e6f, true));
    all.put("tiny", dense("llama", 512, 256, 2, 4, 2, 64, 512, 1e4f, true));
    // One layer of R1 with all of its experts; the vocabulary is cut, since it is no layer's part.
    all.put(
        "r1-layer",
        deepseek(
            4096,
            7168,
            1,
            128,
            18432,
            new Latent(1536, 512, 128, 64, 128, false),
            new Experts(256, 8, 2048, 1, 8, 4, 0, 2.5f)));
    // About 1 GB in Q4_K: wide enough for its speed to be that of the memory.
    all.put(
        "v3-slice",
        deepseek(
            32000,
            2048,
            4,
            16,
            10944,
            new Latent(1536, 512, 128, 64, 128, false),
            new Experts(64, 6, 1408, 2, 1, 1, 1, 2.5f)));
    all.put(
        "v3-tiny",
        deepseek(
            512,
            256,
            3,
            4,
            512,
            new Latent(256, 256, 64, 32, 64, false),
            new Experts(16, 4, 256, 1, 4, 2, 1, 2.5f)));
    return all;
  }

  private static ModelShape dense(
      String architecture,
      int vocab,
      int dim,
      int layers,
      int heads,
      int kvHeads,
      int headDim,
      int hidden,
      float ropeBase,
      boolean tied) {
    return new ModelShape(
        architecture,
        vocab,
        dim,
        layers,
        32768,
        heads,
        kvHeads,
        headDim,
        hidden,
        ropeBase,
        tied,
        Optional.empty(),
        Optional.empty());
  }

  private static ModelShape deepseek(
      int vocab, int dim, int layers, int heads, int hidden, Latent latent, Experts experts) {
    return new ModelShape(
        "deepseek2",
        vocab,
        dim,
        layers,
        163840,
        heads,
        heads,
        latent.nope() + latent.rope(),
        hidden,
        1e4f,
        false,
        Optional.of(latent),
        Optional.of(experts));
  }

  public ModelShape withLayers(int value) {
    return new ModelShape(
        architecture,
        vocab,
        dim,
        value,
        context,
        heads,
        kvHeads,
        headDim,
        hidden,
        ropeBase,
        tied,
        latent,
        experts);
  }

  public ModelShape withVocab(int value) {
    return new ModelShape(
        architecture,
        value,
        dim,
        layers,
        context,
        heads,
        kvHeads,
        headDim,
        hidden,
        ropeBase,
        tied,
        latent,
        experts);
  }

  /** With keys' and values' up-projections as one tensor; nothing changes without them. */
  public ModelShape withJoinedKv() {
    return new ModelShape(
        architecture,
        vocab,
        dim,
        layers,
        context,
        heads,
        kvHeads,
        headDim,
        hidden,
        ropeBase,
        tied,
        latent.map(l -> new Latent(l.qLora(), l.kvLora(), l.nope(), l.rope(), l.value(), true)),
        experts);
  }

  /** Whether layer {@code i} has experts. */
  boolean isMoe(int i) {
    return experts.isPresent() && i >= experts.get().dense();
  }

  @Override
  public String toString() {
    return String.join(
        " ",
        Arrays.asList(
            architecture, layers + " layers of " + dim, heads + " heads", vocab + " tokens"));
  }
}
