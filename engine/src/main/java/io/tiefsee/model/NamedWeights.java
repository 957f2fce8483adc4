package io.tiefsee.model;

import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Walks the weights of a model in a fixed order, each with its GGUF name. */
public final class NamedWeights {
  /**
   * What becomes of each weight. A part of one stored tensor carries its index, as in {@code
   * blk.3.ffn_gate_exps.7.weight} and, by head, {@code blk.3.attn_k_b.1.weight}.
   */
  public interface Mapper {
    Matrix matrix(String name, Matrix m);

    Tensor vector(String name, Tensor v);

    /** The correction bias of a router: kept with the weights, but not learnt by gradient. */
    default Tensor correction(String name, Tensor v) {
      return vector(name, v);
    }
  }

  private final Mapper mapper;
  private String prefix = "";

  private NamedWeights(Mapper mapper) {
    this.mapper = mapper;
  }

  /** The weights with each tensor replaced by what {@code mapper} gives; tied ones stay tied. */
  public static ModelWeights map(ModelWeights w, Mapper mapper) {
    return new NamedWeights(mapper).model(w);
  }

  private ModelWeights model(ModelWeights w) {
    Matrix embedding = matrix("token_embd", w.embedding());
    List<ModelWeights.Layer> layers = new ArrayList<>();
    for (int i = 0; i < w.layers().size(); i++) {
      prefix = "blk." + i + ".";
      layers.add(layer(w.layers().get(i)));
    }
    prefix = "";
    Tensor norm = vector("output_norm", w.norm());
    Matrix output = w.output() == w.embedding() ? embedding : matrix("output", w.output());
    prefix = "blk." + layers.size() + ".";
    return new ModelWeights(embedding, layers, norm, output, w.mtp().map(this::mtp));
  }

  private ModelWeights.Mtp mtp(ModelWeights.Mtp m) {
    return new ModelWeights.Mtp(
        vector("nextn.enorm", m.embeddingNorm()),
        vector("nextn.hnorm", m.hiddenNorm()),
        matrix("nextn.eh_proj", m.project()),
        layer(m.layer()),
        vector("nextn.shared_head_norm", m.norm()));
  }

  private ModelWeights.Layer layer(ModelWeights.Layer l) {
    Tensor attentionNorm = vector("attn_norm", l.attentionNorm());
    ModelWeights.Attention attention =
        switch (l.attention()) {
          case ModelWeights.Gqa w -> gqa(w);
          case ModelWeights.Mla w -> mla(w);
        };
    Tensor ffnNorm = vector("ffn_norm", l.ffnNorm());
    ModelWeights.Ffn ffn =
        switch (l.ffn()) {
          case ModelWeights.Dense w -> dense(w, "");
          case ModelWeights.Moe w -> moe(w);
        };
    return new ModelWeights.Layer(attentionNorm, attention, ffnNorm, ffn);
  }

  private ModelWeights.Gqa gqa(ModelWeights.Gqa w) {
    String[] names = {"attn_q", "attn_k", "attn_v"};
    Matrix[] qkv = new Matrix[3];
    Tensor[] bias = new Tensor[w.bias().length];
    for (int i = 0; i < 3; i++) {
      qkv[i] = matrix(names[i], w.qkv()[i]);
      if (bias.length > 0) {
        bias[i] = mapper.vector(prefix + names[i] + ".bias", w.bias()[i]);
      }
    }
    return new ModelWeights.Gqa(
        qkv,
        bias,
        vector("attn_q_norm", w.qNorm()),
        vector("attn_k_norm", w.kNorm()),
        matrix("attn_output", w.output()));
  }

  private ModelWeights.Mla mla(ModelWeights.Mla w) {
    boolean low = w.qUp().isPresent();
    return new ModelWeights.Mla(
        new Matrix[] {
          matrix(low ? "attn_q_a" : "attn_q", w.down()[0]), matrix("attn_kv_a_mqa", w.down()[1])
        },
        vector("attn_q_a_norm", w.qNorm()),
        w.qUp().map(m -> matrix("attn_q_b", m)),
        vector("attn_kv_a_norm", w.kvNorm()),
        matrices("attn_k_b", w.keyUp()),
        matrices("attn_v_b", w.valueUp()),
        matrix("attn_output", w.output()));
  }

  private ModelWeights.Dense dense(ModelWeights.Dense w, String suffix) {
    return new ModelWeights.Dense(
        new Matrix[] {
          matrix("ffn_gate" + suffix, w.gateUp()[0]), matrix("ffn_up" + suffix, w.gateUp()[1])
        },
        matrix("ffn_down" + suffix, w.down()));
  }

  private ModelWeights.Moe moe(ModelWeights.Moe w) {
    int n = w.down().length;
    Matrix router = matrix("ffn_gate_inp", w.router());
    Optional<Tensor> bias = w.bias().map(b -> mapper.correction(prefix + "exp_probs_b.bias", b));
    Matrix[][] gateUp = new Matrix[n][2];
    for (int e = 0; e < n; e++) {
      gateUp[e][0] = matrix("ffn_gate_exps." + e, w.gateUp()[e][0]);
      gateUp[e][1] = matrix("ffn_up_exps." + e, w.gateUp()[e][1]);
    }
    return new ModelWeights.Moe(
        router,
        bias,
        gateUp,
        matrices("ffn_down_exps", w.down()),
        w.shared().map(d -> dense(d, "_shexp")));
  }

  private Matrix matrix(String name, Matrix m) {
    return mapper.matrix(prefix + name + ".weight", m);
  }

  private Matrix[] matrices(String name, Matrix[] parts) {
    Matrix[] mapped = new Matrix[parts.length];
    for (int i = 0; i < parts.length; i++) {
      mapped[i] = matrix(name + "." + i, parts[i]);
    }
    return mapped;
  }

  private Tensor vector(String name, Tensor v) {
    return mapper.vector(prefix + name + ".weight", v);
  }

  private Optional<Tensor> vector(String name, Optional<Tensor> v) {
    return v.map(t -> vector(name, t));
  }
}
