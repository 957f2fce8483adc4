package io.tiefsee.cli;

import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.QuantType;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The weights that one token meets, by the type that they are stored in: what its speed depends on.
 * Of routed experts those count that a token visits; vectors are left out.
 *
 * @param layers blocks
 * @param width of attention: heads times the mean numbers of a cached key and a value
 * @param body weights of the layers
 * @param others weights of the experts that a token leaves out; a long prompt meets them all
 * @param output weights of the output matrix
 * @param bytes of all matrices, visited or not
 */
record TokenWork(
    int layers,
    double width,
    Map<QuantType, Double> body,
    Map<QuantType, Double> others,
    Map<QuantType, Double> output,
    double bytes) {
  private static final Pattern LAYER = Pattern.compile("(?:blk|layers)\\.(\\d+)\\.");
  private static final Set<String> EMBEDDINGS =
      Set.of("token_embd.weight", "model.embed_tokens.weight");
  private static final Set<String> OUTPUTS = Set.of("output.weight", "lm_head.weight");

  /** The layer that a tensor belongs to, by GGUF's or Hugging Face's name. */
  static OptionalInt layer(String tensor) {
    Matcher layer = LAYER.matcher(tensor);
    return layer.find() ? OptionalInt.of(Integer.parseInt(layer.group(1))) : OptionalInt.empty();
  }

  /** Of a model that lies in files. */
  static TokenWork of(Weights files, ModelSpec spec) {
    Sum sum = new Sum();
    boolean tied = OUTPUTS.stream().noneMatch(files.names()::contains);
    for (TensorInfo t : files.tensors()) {
      double n = t.shape().stream().mapToDouble(d -> d).reduce(1, (a, b) -> a * b);
      OptionalInt layer = layer(t.name());
      if (t.shape().size() < 2 || layer.orElse(0) >= spec.layers()) {
        continue; // a vector, or a part of multi-token prediction
      }
      if (OUTPUTS.contains(t.name()) || EMBEDDINGS.contains(t.name())) {
        sum.outer(t.type(), n, tied || OUTPUTS.contains(t.name()));
      } else {
        boolean routed = t.name().contains("_exps.") || t.name().contains(".experts.");
        sum.inner(t.type(), n, routed ? visited(spec.ffn().get(layer.orElse(0))) : 1);
      }
    }
    return sum.of(spec);
  }

  private static double visited(FfnSpec ffn) {
    return ffn instanceof FfnSpec.Moe moe ? (double) moe.used() / moe.experts() : 1;
  }

  /**
   * Of a model that is not there, by its shape.
   *
   * @param tied the embedding is the output matrix, too
   */
  static TokenWork of(ModelSpec spec, boolean tied, ModelTable.Quant quant) {
    Sum sum = new Sum();
    int dim = spec.dim();
    double table = (double) spec.vocab() * dim;
    sum.outer(quant.output(dim), table, true);
    if (!tied) {
      sum.outer(quant.matrix(dim), table, false);
    }
    for (FfnSpec ffn : spec.ffn()) {
      switch (spec.attention()) {
        case AttentionSpec.Gqa a -> {
          int q = a.heads() * a.headDim();
          int kv = a.kvHeads() * a.headDim();
          sum.inner(quant.matrix(dim), (double) dim * (q + kv), 1);
          sum.sensitive(quant, dim, kv, 1);
          sum.inner(quant.matrix(q), (double) q * dim, 1);
        }
        case AttentionSpec.Mla a -> {
          int q = a.heads() * (a.nope() + a.rope());
          int first = a.qLora() > 0 ? a.qLora() : q;
          sum.inner(quant.matrix(dim), (double) dim * (first + a.keyDim()), 1);
          sum.inner(quant.matrix(a.qLora()), (double) a.qLora() * q, 1);
          sum.inner(quant.matrix(a.nope()), (double) a.heads() * a.kvLora() * a.nope(), 1);
          int values = a.heads() * a.value();
          sum.inner(quant.matrix(a.kvLora()), (double) a.kvLora() * values, 1);
          sum.inner(quant.matrix(values), (double) values * dim, 1);
        }
      }
      switch (ffn) {
        case FfnSpec.Dense f -> sum.feedForward(quant, dim, f.hidden(), 1, 1);
        case FfnSpec.Moe f -> {
          sum.inner(QuantType.F32, (double) dim * f.experts(), 1);
          sum.feedForward(quant, dim, f.hidden(), f.experts(), visited(f));
          sum.feedForward(quant, dim, f.sharedHidden(), 1, 1);
        }
      }
    }
    return sum.of(spec);
  }

  /** Adds up weights. */
  private static final class Sum {
    private final Map<QuantType, Double> body = new EnumMap<>(QuantType.class);
    private final Map<QuantType, Double> others = new EnumMap<>(QuantType.class);
    private final Map<QuantType, Double> output = new EnumMap<>(QuantType.class);
    private double bytes;

    void outer(QuantType type, double weights, boolean read) {
      bytes += bytes(type, weights);
      if (read) {
        output.merge(type, weights, Double::sum);
      }
    }

    void inner(QuantType type, double weights, double visited) {
      bytes += bytes(type, weights);
      body.merge(type, weights * visited, Double::sum);
      others.merge(type, weights * (1 - visited), Double::sum);
    }

    /** One of the matrices of which a mix makes half finer. */
    void sensitive(ModelTable.Quant quant, int cols, double rows, double visited) {
      inner(quant.matrix(cols), cols * rows / 2, visited);
      inner(quant.finer(cols), cols * rows / 2, visited);
    }

    void feedForward(ModelTable.Quant quant, int dim, int hidden, int experts, double visited) {
      double all = (double) dim * experts;
      inner(quant.matrix(dim), 2 * all * hidden, visited);
      sensitive(quant, hidden, all, visited);
    }

    TokenWork of(ModelSpec spec) {
      AttentionSpec a = spec.attention();
      double width = a.heads() * (a.keyDim() + a.valueDim()) / 2.0;
      return new TokenWork(spec.layers(), width, body, others, output, bytes);
    }
  }

  private static double bytes(QuantType type, double weights) {
    return weights * type.blockBytes() / type.blockElements();
  }

  /** Bytes of weights that a token of an answer reads. */
  double bytesPerToken() {
    return bytes(body) + bytes(output);
  }

  private static double bytes(Map<QuantType, Double> weights) {
    return weights.entrySet().stream().mapToDouble(e -> bytes(e.getKey(), e.getValue())).sum();
  }

  /** The types that a token meets. */
  Set<QuantType> types() {
    Set<QuantType> all = EnumSet.noneOf(QuantType.class);
    all.addAll(body.keySet());
    all.addAll(output.keySet());
    return all;
  }
}
