package io.tiefsee.model;

import java.util.Map;

/** Maps GGUF's tensor names, which the engine uses, to those of Hugging Face checkpoints. */
public final class TensorNames {
  private TensorNames() {}

  private static final Map<String, String> TOP =
      Map.of(
          "token_embd", "model.embed_tokens",
          "output_norm", "model.norm",
          "output", "lm_head");

  private static final Map<String, String> BLOCK =
      Map.ofEntries(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("ffn_norm", "post_attention_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("attn_q_a", "self_attn.q_a_proj"),
          Map.entry("attn_q_a_norm", "self_attn.q_a_layernorm"),
          Map.entry("attn_q_b", "self_attn.q_b_proj"),
          Map.entry("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"),
          Map.entry("attn_kv_a_norm", "self_attn.kv_a_layernorm"),
          Map.entry("attn_kv_b", "self_attn.kv_b_proj"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"),
          Map.entry("ffn_gate_inp", "mlp.gate"),
          Map.entry("ffn_gate_shexp", "mlp.shared_experts.gate_proj"),
          Map.entry("ffn_up_shexp", "mlp.shared_experts.up_proj"),
          Map.entry("ffn_down_shexp", "mlp.shared_experts.down_proj"));

  /** Names of multi-token prediction after {@code nextn}. */
  private static final Map<String, String> NEXTN =
      Map.of(
          "shared_head_norm", "shared_head.norm",
          "shared_head_head", "shared_head.head");

  /**
   * @param name for instance {@code blk.3.attn_q.weight}; one expert's matrix is {@code
   *     blk.3.ffn_gate_exps.7.weight}
   */
  public static String huggingFace(String name) {
    String[] p = name.split("\\.");
    String suffix = p[p.length - 1];
    if (!p[0].equals("blk")) {
      return TOP.getOrDefault(p[0], p[0]) + "." + suffix;
    }
    String layer = "model.layers." + p[1] + ".";
    if (p[2].equals("exp_probs_b")) {
      return layer + "mlp.gate.e_score_correction_bias";
    }
    if (p[2].equals("nextn")) {
      return layer + NEXTN.getOrDefault(p[3], p[3]) + "." + suffix;
    }
    if (p[2].endsWith("_exps")) {
      String which = p[2].substring("ffn_".length(), p[2].length() - "_exps".length());
      return layer + "mlp.experts." + p[3] + "." + which + "_proj." + suffix;
    }
    return layer + BLOCK.getOrDefault(p[2], p[2]) + "." + suffix;
  }
}
