package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.Ops;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The backward of each operation against differences of its forward: for y = op(x) and random r,
 * the gradient of Σ r·y is compared with (8(f(+h) − f(−h)) − (f(+2h) − f(−2h))) / 12h for every
 * element of every input and parameter.
 */
class OpGradientTest {
  private static final int[] LENGTHS = {5, 1, 7};
  private static final int TOKENS = 13;
  private static final double H = 0.03;

  private final Random random = new Random(11);

  static Stream<Isa> isas() {
    return Stream.of(Isa.values()).filter(isa -> isa.compareTo(Isa.best()) <= 0);
  }

  private Trainee trainee(ModelSpec spec, Isa isa) {
    Trainee t = new Trainee(TrainableModel.random(spec, false, 0.3, 5), isa, 1);
    // Norms other than 1 and biases other than 0.
    for (Parameter p : t.model.parameters()) {
      if (p.vector()) {
        perturb(p.values(), p.size());
      }
    }
    for (int length : LENGTHS) {
      t.batch.add(random.ints(length, 0, spec.vocab()).toArray(), new float[length]);
    }
    return t;
  }

  private void perturb(MemorySegment values, int n) {
    for (int i = 0; i < n; i++) {
      float value = values.getAtIndex(JAVA_FLOAT, i) + 0.3f * (float) random.nextGaussian();
      values.setAtIndex(JAVA_FLOAT, i, value);
    }
  }

  private Tensor input(Trainee t, int rows, int cols) {
    Tensor x = Tensor.allocate(t.arena, rows, cols);
    perturb(x.data(), rows * cols);
    return x;
  }

  @ParameterizedTest
  @MethodSource("isas")
  void embedding(Isa isa) {
    try (Trainee t = trainee(Specs.dense("llama"), isa)) {
      Matrix table = t.model.transformer().weights().embedding();
      check(t, List.of(), List.of("token_embd.weight"), (ops, x) -> ops.embed(table));
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void norm(Isa isa) {
    try (Trainee t = trainee(Specs.dense("llama"), isa)) {
      Tensor weight = t.model.transformer().weights().norm();
      check(
          t,
          List.of(input(t, TOKENS, weight.cols())),
          List.of("output_norm.weight"),
          (ops, x) -> ops.norm(x[0], weight, 1e-6f));
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void headNorm(Isa isa) {
    try (Trainee t = trainee(Specs.dense("qwen3"), isa)) {
      Tensor weight = gqa(t).qNorm().orElseThrow();
      check(
          t,
          List.of(input(t, TOKENS, 4 * weight.cols())),
          List.of("blk.0.attn_q_norm.weight"),
          (ops, x) -> ops.headNorm(x[0], weight, 1e-6f));
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void productsOfOneInput(Isa isa) {
    try (Trainee t = trainee(Specs.dense("llama"), isa)) {
      Matrix[] qkv = gqa(t).qkv();
      check(
          t,
          List.of(input(t, TOKENS, qkv[0].cols())),
          List.of("blk.0.attn_k.weight", "blk.0.attn_v.weight"),
          (ops, x) -> {
            Tensor[] y = ops.matmul(new Matrix[] {qkv[1], qkv[2]}, x[0]);
            return ops.add(y[0], y[1]);
          });
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void bias(Isa isa) {
    try (Trainee t = trainee(Specs.dense("qwen2"), isa)) {
      Tensor bias = gqa(t).bias()[0];
      check(
          t,
          List.of(input(t, TOKENS, bias.cols())),
          List.of("blk.0.attn_q.bias"),
          (ops, x) -> ops.addBias(x[0], bias));
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void residualSum(Isa isa) {
    try (Trainee t = trainee(Specs.dense("llama"), isa)) {
      check(
          t,
          List.of(input(t, TOKENS, 28), input(t, TOKENS, 28)),
          List.of(),
          (ops, x) -> ops.add(ops.add(x[0], x[1]), x[1]));
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void swiglu(Isa isa) {
    try (Trainee t = trainee(Specs.dense("llama"), isa)) {
      check(
          t,
          List.of(input(t, TOKENS, 44), input(t, TOKENS, 44)),
          List.of(),
          (ops, x) -> ops.swiglu(x[0], x[1]));
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void groupedAttention(Isa isa) {
    for (String family : List.of("llama", "qwen2")) { // both orders of rotated pairs
      try (Trainee t = trainee(Specs.dense(family), isa)) {
        AttentionSpec.Gqa spec = (AttentionSpec.Gqa) t.model.spec().attention();
        int kv = spec.kvHeads() * spec.headDim();
        check(
            t,
            List.of(
                input(t, TOKENS, spec.heads() * spec.headDim()),
                input(t, TOKENS, kv),
                input(t, TOKENS, kv)),
            List.of(),
            (ops, x) -> ops.attention(0, spec, x[0], x[1], x[2]));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("isas")
  void latentAttention(Isa isa) {
    try (Trainee t = trainee(Specs.latent(FfnSpec.Gate.SIGMOID, 18), isa)) {
      AttentionSpec.Mla spec = (AttentionSpec.Mla) t.model.spec().attention();
      ModelWeights.Mla w =
          (ModelWeights.Mla) t.model.transformer().weights().layers().get(0).attention();
      List<String> parameters = new ArrayList<>(List.of("blk.0.attn_kv_a_norm.weight"));
      for (int h = 0; h < spec.heads(); h++) {
        parameters.add("blk.0.attn_k_b." + h + ".weight");
        parameters.add("blk.0.attn_v_b." + h + ".weight");
      }
      check(
          t,
          List.of(
              input(t, TOKENS, spec.heads() * (spec.nope() + spec.rope())),
              input(t, TOKENS, spec.keyDim())),
          parameters,
          (ops, x) ->
              ops.latentAttention(0, spec, x[0], x[1], w.kvNorm(), 1e-6f, w.keyUp(), w.valueUp()));
    }
  }

  @ParameterizedTest
  @EnumSource(FfnSpec.Gate.class)
  void experts(FfnSpec.Gate gate) {
    try (Trainee t = trainee(Specs.latent(gate, 18), Isa.best())) {
      FfnSpec.Moe spec = (FfnSpec.Moe) t.model.spec().ffn().get(1);
      ModelWeights.Moe given =
          (ModelWeights.Moe) t.model.transformer().weights().layers().get(1).ffn();
      // The correction bias decides the choice alone, so that no difference crosses a choice.
      Tensor bias = Tensor.copyOf(t.arena, 1, spec.experts(), new float[spec.experts()]);
      for (int e = 0; e < spec.experts(); e++) {
        bias.set(0, e, 20 * (e % 5));
      }
      ModelWeights.Moe w =
          new ModelWeights.Moe(
              given.router(), Optional.of(bias), given.gateUp(), given.down(), given.shared());
      List<String> parameters = new ArrayList<>(List.of("blk.1.ffn_gate_inp.weight"));
      for (int e = 0; e < spec.experts(); e++) {
        parameters.add("blk.1.ffn_gate_exps." + e + ".weight");
        parameters.add("blk.1.ffn_up_exps." + e + ".weight");
        parameters.add("blk.1.ffn_down_exps." + e + ".weight");
      }
      check(
          t,
          List.of(input(t, TOKENS, t.model.spec().dim())),
          parameters,
          (ops, x) -> ops.moe(1, spec, w, x[0]));
    }
  }

  private static ModelWeights.Gqa gqa(Trainee t) {
    return (ModelWeights.Gqa) t.model.transformer().weights().layers().get(0).attention();
  }

  /** Inputs are copied for each pass, since operations may work in place. */
  private void check(
      Trainee t,
      List<Tensor> inputs,
      List<String> parameters,
      BiFunction<Ops, Tensor[], Tensor> op) {
    Tensor[] x = begin(t, inputs);
    Tensor y = op.apply(t.ops, x);
    float[] r = new float[y.rows() * y.cols()];
    for (int i = 0; i < r.length; i++) {
      r[i] = (float) random.nextGaussian();
    }
    MemorySegment.copy(r, 0, t.tape.newGradient(y).data(), JAVA_FLOAT, 0, r.length);
    t.tape.backward();
    List<float[]> gradients = new ArrayList<>();
    for (Tensor input : x) {
      gradients.add(t.tape.gradient(input).toArray());
    }
    List<MemorySegment> values = new ArrayList<>();
    inputs.forEach(i -> values.add(i.data()));
    for (String name : parameters) {
      Parameter p = t.model.parameters().find(name).orElseThrow();
      gradients.add(p.gradient().toArray(JAVA_FLOAT));
      values.add(p.values());
    }
    for (int v = 0; v < values.size(); v++) {
      compare(t, inputs, op, r, values.get(v), gradients.get(v), v);
    }
  }

  private static Tensor[] begin(Trainee t, List<Tensor> inputs) {
    t.ops.begin(t.batch.batch(), t.cache);
    Tensor[] x = new Tensor[inputs.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = t.tape.take(inputs.get(i).rows(), inputs.get(i).cols());
      x[i].copyFrom(inputs.get(i));
    }
    return x;
  }

  private static void compare(
      Trainee t,
      List<Tensor> inputs,
      BiFunction<Ops, Tensor[], Tensor> op,
      float[] r,
      MemorySegment values,
      float[] gradient,
      int which) {
    double size = 0;
    for (float g : gradient) {
      size += (double) g * g;
    }
    size = Math.sqrt(size / gradient.length);
    // At most some eighty elements of each, evenly spread.
    for (int i = 0; i < gradient.length; i += 1 + gradient.length / 80) {
      float kept = values.getAtIndex(JAVA_FLOAT, i);
      double[] f = new double[4];
      double[] steps = {H, -H, 2 * H, -2 * H};
      for (int s = 0; s < 4; s++) {
        values.setAtIndex(JAVA_FLOAT, i, (float) (kept + steps[s]));
        Tensor y = op.apply(t.ops, begin(t, inputs));
        float[] out = y.toArray();
        for (int j = 0; j < r.length; j++) {
          f[s] += (double) r[j] * out[j];
        }
      }
      values.setAtIndex(JAVA_FLOAT, i, kept);
      double expected = (8 * (f[0] - f[1]) - (f[2] - f[3])) / (12 * H);
      assertThat((double) gradient[i])
          .as("element %d of input or parameter %d", i, which)
          .isCloseTo(expected, within(1e-3 * (size + Math.abs(expected))));
    }
  }
}
