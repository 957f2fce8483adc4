package io.tiefsee.model;

import io.tiefsee.model.AttentionSpec.Gqa;
import io.tiefsee.model.AttentionSpec.Mla;
import io.tiefsee.model.FfnSpec.Dense;
import io.tiefsee.model.FfnSpec.Moe;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The families that this engine knows: each is one short function from metadata to a {@link
 * ModelSpec}. Tensor names are mapped by {@link TensorNames}.
 */
final class Architectures {
  private Architectures() {}

  /** GGUF's name for config.json's model_type. */
  static final Map<String, String> BY_MODEL_TYPE =
      Map.of(
          "llama", "llama",
          "qwen2", "qwen2",
          "qwen3", "qwen3",
          "deepseek_v2", "deepseek2",
          "deepseek_v3", "deepseek2");

  /**
   * @param m metadata of a model
   * @param ropeDivisors contents of GGUF's rope_freqs.weight, if there
   * @throws BadInput if the architecture is unknown or the metadata make no sense
   */
  static ModelSpec describe(Metadata m, Optional<float[]> ropeDivisors) {
    ModelSpec spec =
        switch (m.architecture()) {
          case "llama" -> llama(m, ropeDivisors);
          case "qwen2", "qwen3" -> qwen(m);
          case "deepseek2" -> deepseek(m);
          default ->
              throw new BadInput(
                  "architecture '"
                      + m.architecture()
                      + "' is not known; known are llama, qwen2, qwen3, deepseek2 and deepseek_v3");
        };
    check(spec);
    return spec;
  }

  private static ModelSpec llama(Metadata m, Optional<float[]> ropeDivisors) {
    // GGUF files of this family have the rows of q and k permuted to adjacent pairs.
    return dense(m, m.gguf(), ropeDivisors.map(RopeSpec.Divisors::new));
  }

  private static ModelSpec qwen(Metadata m) {
    return dense(m, false, Optional.empty());
  }

  private static ModelSpec dense(
      Metadata m, boolean adjacent, Optional<? extends RopeSpec.Scaling> fixed) {
    if (m.integer("expert_count", "num_local_experts", 0) > 0) {
      throw new BadInput(
          "mixtures of experts are known for deepseek2 only, not for " + m.architecture());
    }
    int dim = m.size("embedding_length", "hidden_size");
    int heads = m.size("attention.head_count", "num_attention_heads");
    int kvHeads = m.integer("attention.head_count_kv", "num_key_value_heads", heads);
    int headDim = m.integer("attention.key_length", "head_dim", dim / heads);
    int rotated = m.integer("rope.dimension_count", "", headDim);
    RopeSpec rope = rope(m, rotated, adjacent, fixed);
    FfnSpec ffn = new Dense(m.size("feed_forward_length", "intermediate_size"));
    int layers = m.size("block_count", "num_hidden_layers");
    return spec(m, new Gqa(heads, kvHeads, headDim), rope, Collections.nCopies(layers, ffn));
  }

  private static ModelSpec deepseek(Metadata m) {
    int heads = m.size("attention.head_count", "num_attention_heads");
    int rotated = m.size("rope.dimension_count", "qk_rope_head_dim");
    int key = m.integer("attention.key_length_mla", "", m.integer("attention.key_length", "", 0));
    int nope = m.gguf() ? key - rotated : m.size("", "qk_nope_head_dim");
    int value =
        m.integer(
            "attention.value_length_mla",
            "v_head_dim",
            m.integer("attention.value_length", "v_head_dim", 0));
    RopeSpec rope = rope(m, rotated, true, Optional.empty());
    double scale = 1 / Math.sqrt(nope + rotated);
    if (rope.scaling() instanceof RopeSpec.Yarn yarn) {
      scale *= yarn.scoreFactor();
    }
    Mla mla =
        new Mla(
            heads,
            m.find("attention.q_lora_rank", "q_lora_rank").isEmpty()
                ? 0
                : m.integer("attention.q_lora_rank", "q_lora_rank"),
            m.size("attention.kv_lora_rank", "kv_lora_rank"),
            nope,
            rotated,
            value,
            (float) scale);
    return spec(m, mla, rope, deepseekLayers(m));
  }

  private static List<FfnSpec> deepseekLayers(Metadata m) {
    int layers = m.size("block_count", "num_hidden_layers");
    // A GGUF file counts the layers of multi-token prediction among its blocks.
    layers -= m.integer("nextn_predict_layers", "", 0);
    int experts = m.integer("expert_count", "n_routed_experts", 0);
    int leading = m.integer("leading_dense_block_count", "first_k_dense_replace", 0);
    FfnSpec dense = new Dense(m.size("feed_forward_length", "intermediate_size"));
    List<FfnSpec> list = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      list.add(experts == 0 || i < leading ? dense : moe(m, experts));
    }
    return list;
  }

  private static Moe moe(Metadata m, int experts) {
    int hidden = m.size("expert_feed_forward_length", "moe_intermediate_size");
    int shared = m.integer("expert_shared_count", "n_shared_experts", 0);
    String scoring = m.text("", "scoring_func", "softmax");
    boolean sigmoid =
        m.gguf() ? m.integer("expert_gating_func", "", 1) == 2 : scoring.equals("sigmoid");
    int groups = Math.max(1, m.integer("expert_group_count", "n_group", 1));
    boolean limited = m.gguf() || !m.text("", "topk_method", "").equals("greedy");
    return new Moe(
        experts,
        m.size("expert_used_count", "num_experts_per_tok"),
        hidden,
        shared * hidden,
        sigmoid ? FfnSpec.Gate.SIGMOID : FfnSpec.Gate.SOFTMAX,
        m.flag("expert_weights_norm", "norm_topk_prob", false),
        (float) m.number("expert_weights_scale", "routed_scaling_factor", 1),
        limited ? groups : 1,
        limited ? m.integer("expert_group_used_count", "topk_group", groups) : 1);
  }

  private static ModelSpec spec(
      Metadata m, AttentionSpec attention, RopeSpec rope, List<? extends FfnSpec> ffn) {
    return new ModelSpec(
        m.architecture(),
        m.text("general.name", "_name_or_path", ""),
        m.size("embedding_length", "hidden_size"),
        0,
        m.size("context_length", "max_position_embeddings"),
        (float) m.number("attention.layer_norm_rms_epsilon", "rms_norm_eps", 1e-6),
        attention,
        rope,
        List.copyOf(ffn));
  }

  private static RopeSpec rope(
      Metadata m, int dims, boolean adjacent, Optional<? extends RopeSpec.Scaling> fixed) {
    Metadata parameters = m.object("rope_parameters").orElse(m);
    double theta =
        parameters.number("rope.freq_base", "rope_theta", m.number("", "rope_theta", 10_000));
    RopeSpec.Scaling scaling;
    if (fixed.isPresent()) {
      scaling = fixed.get();
    } else if (m.gguf()) {
      scaling = ggufScaling(m);
    } else {
      scaling =
          m.object("rope_scaling")
              .or(() -> m.object("rope_parameters"))
              .map(s -> hfScaling(s, m))
              .orElse(new RopeSpec.None());
    }
    return new RopeSpec(dims, theta, adjacent, scaling);
  }

  private static RopeSpec.Scaling ggufScaling(Metadata m) {
    double factor = m.number("rope.scaling.factor", "", m.number("rope.scale_linear", "", 1));
    String type = m.text("rope.scaling.type", "", "none");
    if (type.equals("yarn")) {
      int original = m.size("rope.scaling.original_context_length", "");
      // Files of deepseek2 store 0.1 · mscale_all_dim; its models have mscale = mscale_all_dim.
      double mscale = 10 * m.number("rope.scaling.yarn_log_multiplier", "", 0);
      boolean deepseek = m.architecture().equals("deepseek2");
      return new RopeSpec.Yarn(
          factor,
          original,
          m.number("rope.scaling.yarn_beta_fast", "", 32),
          m.number("rope.scaling.yarn_beta_slow", "", 1),
          deepseek ? mscale : 1,
          deepseek ? mscale : 0);
    }
    if (!type.equals("none") && !type.equals("linear")) {
      throw new BadInput("rope scaling '" + type + "' is not known; known are linear and yarn");
    }
    return factor == 1 ? new RopeSpec.None() : new RopeSpec.Linear(factor);
  }

  private static RopeSpec.Scaling hfScaling(Metadata s, Metadata m) {
    String type = s.text("", "rope_type", s.text("", "type", "default"));
    return switch (type) {
      case "default" -> new RopeSpec.None();
      case "linear" -> new RopeSpec.Linear(s.number("", "factor", 1));
      case "llama3" ->
          new RopeSpec.Llama3(
              s.number("", "factor", 1),
              s.number("", "low_freq_factor", 1),
              s.number("", "high_freq_factor", 4),
              s.size("", "original_max_position_embeddings"));
      case "yarn" ->
          new RopeSpec.Yarn(
              s.number("", "factor", 1),
              s.integer(
                  "", "original_max_position_embeddings", m.size("", "max_position_embeddings")),
              s.number("", "beta_fast", 32),
              s.number("", "beta_slow", 1),
              s.number("", "mscale", 1),
              s.number("", "mscale_all_dim", 0));
      default ->
          throw new BadInput(
              "rope scaling '" + type + "' is not known; known are linear, llama3 and yarn");
    };
  }

  private static void check(ModelSpec spec) {
    AttentionSpec a = spec.attention();
    boolean heads =
        a.kvHeads() > 0
            && a.heads() % a.kvHeads() == 0
            && a.keyDim() > 0
            && a.valueDim() > 0
            && (!(a instanceof Mla mla) || (mla.nope() > 0 && mla.value() > 0));
    int rotated = a instanceof Mla mla ? mla.rope() : a.keyDim();
    boolean rope = spec.rope().dims() % 2 == 0 && spec.rope().dims() <= rotated;
    if (!heads || !rope || !(spec.normEps() >= 0)) {
      throw new BadInput("the model's metadata do not fit together: " + a + ", " + spec.rope());
    }
    for (FfnSpec f : spec.ffn()) {
      if (f instanceof Moe e
          && (e.used() > e.experts()
              || e.experts() % e.groups() != 0
              || e.groupsUsed() < 1
              || e.groupsUsed() > e.groups()
              || e.used() > e.groupsUsed() * (e.experts() / e.groups()))) {
        throw new BadInput("the model's experts do not fit together: " + e);
      }
    }
  }
}
