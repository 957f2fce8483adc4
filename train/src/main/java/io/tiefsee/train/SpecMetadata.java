package io.tiefsee.train;

import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.tensor.BadInput;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** What files say about a model, made from its spec: GGUF's metadata and config.json. */
final class SpecMetadata {
  private final ModelSpec spec;
  private final Map<String, Object> entries = new LinkedHashMap<>();

  private SpecMetadata(ModelSpec spec) {
    this.spec = spec;
    firstMoe(moe -> {
      if (moe.sharedHidden() % moe.hidden() != 0) {
        throw new BadInput(
            "shared experts of "
                + moe.sharedHidden()
                + " hidden numbers are not a multiple of the routed experts' "
                + moe.hidden()
                + ", as the file formats want it");
      }
    });
  }

  /** Entries of a GGUF file, with the joined kv_b of MLA. */
  static Map<String, Object> gguf(ModelSpec spec) {
    return new SpecMetadata(spec).gguf();
  }

  /** Entries of the GGUF file with a model's multi-token prediction, which counts as a block. */
  static Map<String, Object> mtpGguf(ModelSpec spec) {
    Map<String, Object> entries = gguf(spec);
    entries.put(spec.architecture() + ".block_count", (long) spec.layers() + 1);
    entries.put(spec.architecture() + ".nextn_predict_layers", 1L);
    return entries;
  }

  /** Members of a config.json; {@code tied}: the output is the embedding. */
  static Map<String, Object> config(ModelSpec spec, boolean tied) {
    return new SpecMetadata(spec).config(tied);
  }

  private Map<String, Object> gguf() {
    String a = spec.architecture() + ".";
    entries.put("general.architecture", spec.architecture());
    entries.put("general.name", spec.name());
    put(a + "block_count", spec.layers());
    put(a + "context_length", spec.context());
    put(a + "embedding_length", spec.dim());
    put(a + "vocab_size", spec.vocab());
    entries.put(a + "attention.layer_norm_rms_epsilon", spec.normEps());
    entries.put(a + "rope.freq_base", (float) spec.rope().theta());
    put(a + "rope.dimension_count", spec.rope().dims());
    ggufScaling(a);
    switch (spec.attention()) {
      case AttentionSpec.Gqa gqa -> {
        put(a + "attention.head_count", gqa.heads());
        put(a + "attention.head_count_kv", gqa.kvHeads());
        put(a + "attention.key_length", gqa.headDim());
        put(a + "attention.value_length", gqa.headDim());
      }
      case AttentionSpec.Mla mla -> {
        put(a + "attention.head_count", mla.heads());
        put(a + "attention.head_count_kv", mla.heads());
        put(a + "attention.key_length", mla.nope() + mla.rope());
        put(a + "attention.value_length", mla.value());
        put(a + "attention.kv_lora_rank", mla.kvLora());
        if (mla.qLora() > 0) {
          put(a + "attention.q_lora_rank", mla.qLora());
        }
      }
    }
    put(a + "feed_forward_length", denseHidden());
    firstMoe(moe -> {
      put(a + "leading_dense_block_count", leadingDense());
      put(a + "expert_count", moe.experts());
      put(a + "expert_used_count", moe.used());
      put(a + "expert_feed_forward_length", moe.hidden());
      put(a + "expert_shared_count", moe.sharedHidden() / moe.hidden());
      entries.put(a + "expert_weights_scale", moe.scale());
      entries.put(a + "expert_weights_norm", moe.normalise());
      put(a + "expert_gating_func", moe.gate() == FfnSpec.Gate.SIGMOID ? 2 : 1);
      put(a + "expert_group_count", moe.groups());
      put(a + "expert_group_used_count", moe.groupsUsed());
    });
    return entries;
  }

  private void ggufScaling(String a) {
    switch (spec.rope().scaling()) {
      case RopeSpec.None n -> {}
      case RopeSpec.Divisors d -> {} // beside the weights, as rope_freqs.weight
      case RopeSpec.Llama3 l -> {} // likewise
      case RopeSpec.Linear l -> {
        entries.put(a + "rope.scaling.type", "linear");
        entries.put(a + "rope.scaling.factor", (float) l.factor());
      }
      case RopeSpec.Yarn y -> {
        entries.put(a + "rope.scaling.type", "yarn");
        entries.put(a + "rope.scaling.factor", (float) y.factor());
        put(a + "rope.scaling.original_context_length", y.original());
        entries.put(a + "rope.scaling.yarn_beta_fast", (float) y.betaFast());
        entries.put(a + "rope.scaling.yarn_beta_slow", (float) y.betaSlow());
        entries.put(a + "rope.scaling.yarn_log_multiplier", (float) (0.1 * y.mscaleAllDim()));
      }
    }
  }

  private Map<String, Object> config(boolean tied) {
    boolean sigmoid =
        spec.ffn().stream()
            .anyMatch(f -> f instanceof FfnSpec.Moe moe && moe.gate() == FfnSpec.Gate.SIGMOID);
    boolean deepseek = spec.architecture().equals("deepseek2");
    String type = deepseek ? (sigmoid ? "deepseek_v3" : "deepseek_v2") : spec.architecture();
    entries.put("model_type", type);
    entries.put("_name_or_path", spec.name());
    put("num_hidden_layers", spec.layers());
    if (spec.mtp()) {
      put("num_nextn_predict_layers", 1);
    }
    put("max_position_embeddings", spec.context());
    put("hidden_size", spec.dim());
    put("vocab_size", spec.vocab());
    entries.put("rms_norm_eps", (double) spec.normEps());
    entries.put("rope_theta", spec.rope().theta());
    entries.put("tie_word_embeddings", tied);
    entries.put("hidden_act", "silu");
    entries.put("torch_dtype", "float32");
    configScaling();
    switch (spec.attention()) {
      case AttentionSpec.Gqa gqa -> {
        put("num_attention_heads", gqa.heads());
        put("num_key_value_heads", gqa.kvHeads());
        put("head_dim", gqa.headDim());
      }
      case AttentionSpec.Mla mla -> {
        put("num_attention_heads", mla.heads());
        put("num_key_value_heads", mla.heads());
        put("kv_lora_rank", mla.kvLora());
        if (mla.qLora() > 0) {
          put("q_lora_rank", mla.qLora());
        }
        put("qk_nope_head_dim", mla.nope());
        put("qk_rope_head_dim", mla.rope());
        put("v_head_dim", mla.value());
      }
    }
    put("intermediate_size", denseHidden());
    firstMoe(moe -> {
      put("first_k_dense_replace", leadingDense());
      put("n_routed_experts", moe.experts());
      put("num_experts_per_tok", moe.used());
      put("moe_intermediate_size", moe.hidden());
      put("n_shared_experts", moe.sharedHidden() / moe.hidden());
      entries.put("routed_scaling_factor", (double) moe.scale());
      entries.put("norm_topk_prob", moe.normalise());
      entries.put("scoring_func", sigmoid ? "sigmoid" : "softmax");
      entries.put("topk_method", sigmoid ? "noaux_tc" : "group_limited_greedy");
      put("n_group", moe.groups());
      put("topk_group", moe.groupsUsed());
    });
    return entries;
  }

  private void configScaling() {
    Map<String, Object> s = new LinkedHashMap<>();
    switch (spec.rope().scaling()) {
      case RopeSpec.None n -> {}
      case RopeSpec.Divisors d ->
          throw new BadInput(
              "single factors for each frequency have no place in a config.json: write GGUF");
      case RopeSpec.Linear l -> {
        s.put("rope_type", "linear");
        s.put("factor", l.factor());
      }
      case RopeSpec.Llama3 l -> {
        s.put("rope_type", "llama3");
        s.put("factor", l.factor());
        s.put("low_freq_factor", l.lowFreq());
        s.put("high_freq_factor", l.highFreq());
        s.put("original_max_position_embeddings", (long) l.original());
      }
      case RopeSpec.Yarn y -> {
        s.put("type", "yarn");
        s.put("factor", y.factor());
        s.put("original_max_position_embeddings", (long) y.original());
        s.put("beta_fast", y.betaFast());
        s.put("beta_slow", y.betaSlow());
        s.put("mscale", y.mscale());
        s.put("mscale_all_dim", y.mscaleAllDim());
      }
    }
    if (!s.isEmpty()) {
      entries.put("rope_scaling", s);
    }
  }

  private void put(String key, long value) {
    entries.put(key, value);
  }

  private void firstMoe(Consumer<FfnSpec.Moe> use) {
    for (FfnSpec f : spec.ffn()) {
      if (f instanceof FfnSpec.Moe moe) {
        use.accept(moe);
        return;
      }
    }
  }

  private int leadingDense() {
    int n = 0;
    while (n < spec.layers() && spec.ffn().get(n) instanceof FfnSpec.Dense) {
      n++;
    }
    return n;
  }

  /** Width of the dense layers; where there are none, that of a token's experts together. */
  private int denseHidden() {
    return switch (spec.ffn().getFirst()) {
      case FfnSpec.Dense d -> d.hidden();
      case FfnSpec.Moe moe -> moe.used() * moe.hidden() + moe.sharedHidden();
    };
  }
}
