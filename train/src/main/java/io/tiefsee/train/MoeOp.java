package io.tiefsee.train;

import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.Router;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Routed experts: y[t] = Σi weight_i·expert_i(x[t]) over the chosen experts of a token. The
 * gradient reaches the router through the weights; the choice is taken as given, and the correction
 * bias, which touches only the choice, gets none.
 */
final class MoeOp {
  /** The least sum of scores, as {@link Router} has it. */
  private static final double TINY = 1e-20;

  private final Tape tape;
  private final FfnSpec.Moe spec;
  private final ModelWeights.Moe w;
  private final Router router;
  private final Tensor x;
  private final Tensor logits;

  /** Row of each visit (token · used + choice) when visits are sorted by expert. */
  private final int[] place;

  /** Of the experts that were visited. */
  private final Map<Matrix, AdapterOp> adapters = new IdentityHashMap<>();

  /** First row of each expert, and the number of visits. */
  private final int[] start;

  private MoeOp(
      Tape tape, FfnSpec.Moe spec, ModelWeights.Moe w, Router router, Tensor x, Tensor logits) {
    this.tape = tape;
    this.spec = spec;
    this.w = w;
    this.router = router;
    this.x = x;
    this.logits = logits;
    this.start = new int[spec.experts() + 1];
    this.place = new int[x.rows() * spec.used()];
  }

  /**
   * @param router chooses; keeps this layer's choice until the backward has run
   * @param x [tokens, dim]
   * @param logits of the router, [tokens, experts]
   * @param visits counts of tokens by expert, added to
   */
  static Tensor forward(
      Tape tape,
      FfnSpec.Moe spec,
      ModelWeights.Moe w,
      Router router,
      Tensor x,
      Tensor logits,
      long[] visits) {
    router.choose(logits, w.bias().map(Tensor::toArray).orElse(new float[0]));
    return new MoeOp(tape, spec, w, router, x, logits).forward(visits);
  }

  private Tensor forward(long[] visits) {
    sort(visits);
    int n = place.length;
    Tensor xs = tape.take(n, x.cols());
    tape.rows(
        n,
        x.cols(),
        (from, to, id) -> {
          for (int v = from; v < to; v++) {
            int t = v / spec.used();
            xs.rows(place[v], place[v] + 1).copyFrom(x.rows(t, t + 1));
          }
        });
    Tensor gate = tape.take(n, spec.hidden());
    Tensor up = tape.take(n, spec.hidden());
    for (int e = 0; e < spec.experts(); e++) {
      product(w.gateUp()[e][0], xs, gate, e);
      product(w.gateUp()[e][1], xs, up, e);
    }
    tape.products.run(tape.parallel);
    for (int e = 0; e < spec.experts(); e++) {
      adapt(w.gateUp()[e][0], xs, gate, e);
      adapt(w.gateUp()[e][1], xs, up, e);
    }
    Tensor hidden = tape.take(n, spec.hidden());
    tape.rows(n, spec.hidden(), (r0, r1, id) -> tape.rowOps.swiglu(gate, up, hidden, r0, r1));
    Tensor out = tape.take(n, x.cols());
    for (int e = 0; e < spec.experts(); e++) {
      product(w.down()[e], hidden, out, e);
    }
    tape.products.run(tape.parallel);
    for (int e = 0; e < spec.experts(); e++) {
      adapt(w.down()[e], hidden, out, e);
    }
    Tensor y = tape.take(x.rows(), x.cols());
    tape.rows(
        x.rows(),
        spec.used() * x.cols(),
        (t0, t1, id) -> {
          y.rows(t0, t1).fill(0);
          for (int v = t0 * spec.used(); v < t1 * spec.used(); v++) {
            int t = v / spec.used();
            tape.rowOps.addScaled(out, place[v], router.weight(t, v % spec.used()), y, t);
          }
        });
    tape.record(y, () -> backward(xs, gate, up, hidden, out, tape.gradient(y)));
    return y;
  }

  /** Counting sort of the visits by expert. */
  private void sort(long[] visits) {
    int used = spec.used();
    int[] next = new int[spec.experts()];
    for (int v = 0; v < place.length; v++) {
      next[router.expert(v / used, v % used)]++;
    }
    for (int e = 0; e < spec.experts(); e++) {
      visits[e] += next[e];
      start[e + 1] = start[e] + next[e];
      next[e] = start[e];
    }
    for (int v = 0; v < place.length; v++) {
      place[v] = next[router.expert(v / used, v % used)]++;
    }
  }

  private void product(Matrix m, Tensor from, Tensor to, int e) {
    if (start[e + 1] > start[e]) {
      tape.products.add(tape.kernels.matmul(m, QuantType.F32), m, rows(from, e), rows(to, e));
    }
  }

  private void adapt(Matrix m, Tensor from, Tensor to, int e) {
    AdapterOp.of(tape, m, start[e + 1] - start[e])
        .ifPresent(a -> {
          a.forward(tape, rows(from, e), rows(to, e));
          adapters.put(m, a);
        });
  }

  private Tensor rows(Tensor t, int e) {
    return t.rows(start[e], start[e + 1]);
  }

  private void backward(Tensor xs, Tensor gate, Tensor up, Tensor hidden, Tensor out, Tensor dy) {
    Tensor dx = tape.gradient(x);
    Tensor dLogits = tape.gradient(logits);
    tape.scratch(() -> {
      Tensor dOut = tape.take(out.rows(), out.cols());
      weightGradients(out, dy, dOut, dLogits);
      Tensor dxs = inputGradients(xs, gate, up, hidden, dOut);
      tape.rows(
          x.rows(),
          spec.used() * x.cols(),
          (t0, t1, id) -> {
            for (int v = t0 * spec.used(); v < t1 * spec.used(); v++) {
              tape.rowOps.addScaled(dxs, place[v], 1, dx, v / spec.used());
            }
          });
    });
  }

  /** To the weights of the choice, hence to the router's logits, and to what was weighted. */
  private void weightGradients(Tensor out, Tensor dy, Tensor dOut, Tensor dLogits) {
    int used = spec.used();
    float[] dWeights = new float[place.length];
    tape.rows(
        x.rows(),
        used * x.cols(),
        (t0, t1, id) -> {
          for (int v = t0 * used; v < t1 * used; v++) {
            int t = v / used;
            long dyAt = dy.address() + dy.rowOffset(t);
            long outAt = out.address() + out.rowOffset(place[v]);
            dWeights[v] = tape.gradientOps.dot(dyAt, outAt, x.cols());
            dOut.rows(place[v], place[v] + 1).fill(0);
            tape.rowOps.addScaled(dy, t, router.weight(t, v % used), dOut, place[v]);
          }
        });
    tape.parallel.run(x.rows(), 16, (from, to, id) -> routerGradient(dWeights, dLogits, from, to));
  }

  /** Through the experts, whose weights get theirs on the way; as xs. */
  private Tensor inputGradients(Tensor xs, Tensor gate, Tensor up, Tensor hidden, Tensor dOut) {
    int n = place.length;
    Tensor dHidden = tape.take(n, spec.hidden());
    for (int e = 0; e < spec.experts(); e++) {
      gradients(w.down()[e], hidden, dOut, dHidden, e, false);
    }
    tape.gemms.run(tape.parallel);
    for (int e = 0; e < spec.experts(); e++) {
      adapterGradients(w.down()[e], hidden, dOut, dHidden, e);
    }
    Tensor dGate = tape.take(n, spec.hidden());
    Tensor dUp = tape.take(n, spec.hidden());
    SwigluOp.backward(tape, gate, up, dHidden, dGate, dUp);
    Tensor dxs = tape.take(n, x.cols());
    for (int e = 0; e < spec.experts(); e++) {
      gradients(w.gateUp()[e][0], xs, dGate, dxs, e, false);
    }
    tape.gemms.run(tape.parallel);
    for (int e = 0; e < spec.experts(); e++) {
      gradients(w.gateUp()[e][1], xs, dUp, dxs, e, true);
    }
    tape.gemms.run(tape.parallel);
    for (int e = 0; e < spec.experts(); e++) {
      adapterGradients(w.gateUp()[e][0], xs, dGate, dxs, e);
      adapterGradients(w.gateUp()[e][1], xs, dUp, dxs, e);
    }
    return dxs;
  }

  /** dFrom (+)= dTo·m and dm += dToᵀ·from, for the rows of expert {@code e}. */
  private void gradients(Matrix m, Tensor from, Tensor dTo, Tensor dFrom, int e, boolean add) {
    if (start[e + 1] > start[e]) {
      MatmulOp.inputs(tape, m, rows(dTo, e), rows(dFrom, e), add);
      tape.parameters
          .of(m)
          .ifPresent(p -> tape.gemms.add(MatmulOp.weights(p, rows(dTo, e), rows(from, e))));
    }
  }

  private void adapterGradients(Matrix m, Tensor from, Tensor dTo, Tensor dFrom, int e) {
    Optional.ofNullable(adapters.get(m))
        .ifPresent(a -> a.backward(tape, rows(from, e), rows(dTo, e), rows(dFrom, e)));
  }

  /**
   * From the weights to the router's logits. With scores s and chosen C: weight_i = scale·s_i / S,
   * S = Σ_C s (or 1); s is a sigmoid of each logit or the softmax of all.
   */
  private void routerGradient(float[] dWeights, Tensor d, int from, int to) {
    int used = spec.used();
    int experts = spec.experts();
    double[] s = new double[experts];
    double[] ds = new double[experts];
    for (int t = from; t < to; t++) {
      scores(t, s);
      Arrays.fill(ds, 0);
      double sum = 0;
      double mean = 0;
      for (int i = 0; i < used; i++) {
        int e = router.expert(t, i);
        sum += s[e];
        mean += s[e] * dWeights[t * used + i];
      }
      sum = Math.max(sum, TINY); // all scores may be 0
      for (int i = 0; i < used; i++) {
        double g = dWeights[t * used + i];
        ds[router.expert(t, i)] = spec.scale() * (spec.normalise() ? (g - mean / sum) / sum : g);
      }
      double inner = 0;
      for (int e = 0; e < experts; e++) {
        inner += ds[e] * s[e];
      }
      for (int e = 0; e < experts; e++) {
        double g =
            spec.gate() == FfnSpec.Gate.SIGMOID
                ? ds[e] * s[e] * (1 - s[e])
                : s[e] * (ds[e] - inner);
        d.set(t, e, d.get(t, e) + (float) g);
      }
    }
  }

  private void scores(int t, double[] s) {
    boolean sigmoid = spec.gate() == FfnSpec.Gate.SIGMOID;
    double max = 0;
    for (int e = 0; e < s.length; e++) {
      s[e] = logits.get(t, e);
      max = e == 0 ? s[e] : Math.max(max, s[e]);
    }
    double sum = 0;
    for (int e = 0; e < s.length; e++) {
      s[e] = sigmoid ? 1 / (1 + Math.exp(-s[e])) : Math.exp(s[e] - max);
      sum += s[e];
    }
    for (int e = 0; e < s.length && !sigmoid; e++) {
      s[e] /= sum;
    }
  }
}
