package io.tiefsee.bench;

import io.tiefsee.bench.ModelShape.Experts;
import io.tiefsee.bench.ModelShape.Latent;
import io.tiefsee.format.GgufWriter;
import io.tiefsee.format.TensorData;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;

/**
 * A model of true shapes and random weights, as a GGUF file that Tiefsee, llama.cpp and
 * ik_llama.cpp load: for timing what does not fit, or is not at hand. Never more of it in memory
 * than a few chunks of random blocks.
 *
 * @param shape its sizes
 * @param types how its matrices are stored
 * @param seed same seed, same file
 */
public record SyntheticModel(ModelShape shape, TypeMix types, long seed) {
  /** With seed 0. */
  public static SyntheticModel of(ModelShape shape, TypeMix types) {
    return new SyntheticModel(shape, types, 0);
  }

  /**
   * Writes the file.
   *
   * @throws io.tiefsee.tensor.BadInput if it cannot be written
   */
  public void write(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      new Builder(new RandomWeights(arena, seed)).build().write(path);
    }
  }

  /** Adds the parts in the order of usual files. */
  private final class Builder {
    private final GgufWriter writer = new GgufWriter();
    private final RandomWeights random;

    Builder(RandomWeights random) {
      this.random = random;
    }

    GgufWriter build() {
      metadata();
      writer.metadata(SyntheticVocabulary.metadata(shape.architecture(), shape.vocab()));
      int dim = shape.dim();
      matrix("token_embd.weight", types.matrix(dim), dim, shape.vocab());
      ones("output_norm.weight", dim);
      if (!shape.tied()) {
        matrix("output.weight", types.output(dim), dim, shape.vocab());
      }
      for (int i = 0; i < shape.layers(); i++) {
        String prefix = "blk." + i + ".";
        ones(prefix + "attn_norm.weight", dim);
        if (shape.latent().isPresent()) {
          latent(prefix, shape.latent().get());
        } else {
          grouped(prefix, i);
        }
        ones(prefix + "ffn_norm.weight", dim);
        if (shape.isMoe(i)) {
          experts(prefix, i, shape.experts().orElseThrow());
        } else {
          feedForward(prefix, "", i, shape.hidden());
        }
      }
      return writer;
    }

    private void metadata() {
      writer
          .metadata("general.architecture", shape.architecture())
          .metadata("general.name", "synthetic " + shape + ", " + types.name())
          .metadata("general.quantization_version", 2L);
      set("vocab_size", (long) shape.vocab());
      set("context_length", (long) shape.context());
      set("embedding_length", (long) shape.dim());
      set("block_count", (long) shape.layers());
      set("feed_forward_length", (long) shape.hidden());
      set("attention.head_count", (long) shape.heads());
      set("attention.layer_norm_rms_epsilon", 1e-6f);
      set("rope.freq_base", shape.ropeBase());
      if (shape.latent().isPresent()) {
        latentMetadata(shape.latent().get());
      } else {
        set("attention.head_count_kv", (long) shape.kvHeads());
        set("attention.key_length", (long) shape.headDim());
        set("attention.value_length", (long) shape.headDim());
        set("rope.dimension_count", (long) shape.headDim());
      }
      shape.experts().ifPresent(this::expertMetadata);
    }

    private void latentMetadata(Latent a) {
      int key = a.nope() + a.rope();
      // Files with split matrices describe attention over the latent, as one wide key head.
      set("attention.head_count_kv", a.joined() ? (long) shape.heads() : 1L);
      set("attention.key_length", (long) (a.joined() ? key : a.kvLora() + a.rope()));
      set("attention.value_length", (long) (a.joined() ? a.value() : a.kvLora()));
      if (!a.joined()) {
        set("attention.key_length_mla", (long) key);
        set("attention.value_length_mla", (long) a.value());
      }
      if (a.qLora() > 0) {
        set("attention.q_lora_rank", (long) a.qLora());
      }
      set("attention.kv_lora_rank", (long) a.kvLora());
      set("rope.dimension_count", (long) a.rope());
      set("rope.scaling.type", "yarn");
      set("rope.scaling.factor", 40f);
      set("rope.scaling.original_context_length", 4096L);
      set("rope.scaling.yarn_log_multiplier", 0.1f);
    }

    private void expertMetadata(Experts e) {
      set("leading_dense_block_count", (long) e.dense());
      set("expert_count", (long) e.count());
      set("expert_used_count", (long) e.used());
      set("expert_feed_forward_length", (long) e.hidden());
      set("expert_shared_count", (long) e.shared());
      set("expert_weights_scale", e.scale());
      set("expert_weights_norm", true);
      set("expert_gating_func", 2L); // sigmoid
      set("expert_group_count", (long) e.groups());
      set("expert_group_used_count", (long) e.groupsUsed());
    }

    private void set(String key, Object value) {
      writer.metadata(shape.architecture() + "." + key, value);
    }

    private void grouped(String prefix, int layer) {
      int dim = shape.dim();
      int q = shape.heads() * shape.headDim();
      int kv = shape.kvHeads() * shape.headDim();
      matrix(prefix + "attn_q.weight", types.matrix(dim), dim, q);
      matrix(prefix + "attn_k.weight", types.matrix(dim), dim, kv);
      QuantType value = types.sensitive(dim, layer, shape.layers());
      matrix(prefix + "attn_v.weight", value, dim, kv);
      matrix(prefix + "attn_output.weight", types.matrix(q), q, dim);
      if (shape.architecture().equals("qwen2")) {
        vector(prefix + "attn_q.bias", q, 0.1);
        vector(prefix + "attn_k.bias", kv, 0.1);
        vector(prefix + "attn_v.bias", kv, 0.1);
      } else if (shape.architecture().equals("qwen3")) {
        ones(prefix + "attn_q_norm.weight", shape.headDim());
        ones(prefix + "attn_k_norm.weight", shape.headDim());
      }
    }

    private void latent(String prefix, Latent a) {
      int dim = shape.dim();
      int heads = shape.heads();
      int q = heads * (a.nope() + a.rope());
      if (a.qLora() > 0) {
        matrix(prefix + "attn_q_a.weight", types.matrix(dim), dim, a.qLora());
        ones(prefix + "attn_q_a_norm.weight", a.qLora());
        matrix(prefix + "attn_q_b.weight", types.matrix(a.qLora()), a.qLora(), q);
      } else {
        matrix(prefix + "attn_q.weight", types.matrix(dim), dim, q);
      }
      int cached = a.kvLora() + a.rope();
      matrix(prefix + "attn_kv_a_mqa.weight", types.matrix(dim), dim, cached);
      ones(prefix + "attn_kv_a_norm.weight", a.kvLora());
      if (a.joined()) {
        int rows = heads * (a.nope() + a.value());
        matrix(prefix + "attn_kv_b.weight", types.matrix(a.kvLora()), a.kvLora(), rows);
      } else {
        matrix(prefix + "attn_k_b.weight", types.matrix(a.nope()), a.nope(), a.kvLora(), heads);
        matrix(prefix + "attn_v_b.weight", types.matrix(a.kvLora()), a.kvLora(), a.value(), heads);
      }
      int values = heads * a.value();
      matrix(prefix + "attn_output.weight", types.matrix(values), values, dim);
    }

    private void feedForward(String prefix, String suffix, int layer, int hidden) {
      int dim = shape.dim();
      matrix(prefix + "ffn_gate" + suffix + ".weight", types.matrix(dim), dim, hidden);
      matrix(prefix + "ffn_up" + suffix + ".weight", types.matrix(dim), dim, hidden);
      QuantType down = types.sensitive(hidden, layer, shape.layers());
      matrix(prefix + "ffn_down" + suffix + ".weight", down, hidden, dim);
    }

    private void experts(String prefix, int layer, Experts e) {
      int dim = shape.dim();
      int n = e.count();
      matrix(prefix + "ffn_gate_inp.weight", QuantType.F32, dim, n);
      vector(prefix + "exp_probs_b.bias", n, 0.01);
      matrix(prefix + "ffn_gate_exps.weight", types.matrix(dim), dim, e.hidden(), n);
      matrix(prefix + "ffn_up_exps.weight", types.matrix(dim), dim, e.hidden(), n);
      QuantType down = types.sensitive(e.hidden(), layer, shape.layers());
      matrix(prefix + "ffn_down_exps.weight", down, e.hidden(), dim, n);
      if (e.shared() > 0) {
        feedForward(prefix, "_shexp", layer, e.shared() * e.hidden());
      }
    }

    /** {@code outer} are the dimensions beside the columns, from inner to outer, as in GGUF. */
    private void matrix(String name, QuantType type, int cols, long... outer) {
      long elements = cols;
      java.util.ArrayList<Long> dims = new java.util.ArrayList<>(List.of((long) cols));
      for (long n : outer) {
        elements *= n;
        dims.add(n);
      }
      TensorData data = random.normal(type, elements, 1 / Math.sqrt(cols));
      writer.tensor(TensorInfo.of(name, type, dims.reversed()), data);
    }

    private void vector(String name, int n, double deviation) {
      writer.tensor(
          TensorInfo.of(name, QuantType.F32, List.of((long) n)),
          random.normal(QuantType.F32, n, deviation));
    }

    private void ones(String name, int n) {
      writer.tensor(TensorInfo.of(name, QuantType.F32, List.of((long) n)), random.constant(n, 1));
    }
  }
}
