package io.tiefsee.train;

import io.tiefsee.tensor.Tensor;

/** RMSNorm of rows, or of equal parts of rows. */
final class NormOp {
  private NormOp() {}

  /**
   * @param x [rows, parts · n]
   * @param weight [1, n]
   * @return as x
   */
  static Tensor forward(Tape tape, Tensor x, Tensor weight, float eps) {
    Tensor y = tape.take(x.rows(), x.cols());
    Tensor from = vectors(x, weight);
    Tensor to = vectors(y, weight);
    tape.rows(
        from.rows(),
        from.cols(),
        (r0, r1, id) -> tape.rowOps.rmsNorm(from, weight, eps, to, r0, r1));
    tape.record(
        y,
        () ->
            backward(
                tape,
                from,
                weight,
                eps,
                vectors(tape.gradient(y), weight),
                vectors(tape.gradient(x), weight)));
    return y;
  }

  /** dx and the weight's gradient are added to; all [rows, n]. */
  static void backward(Tape tape, Tensor x, Tensor weight, float eps, Tensor dy, Tensor dx) {
    Tensor factors = tape.take(x.rows(), 1);
    tape.rows(
        x.rows(),
        x.cols(),
        (r0, r1, id) -> tape.gradientOps.rmsNorm(x, weight, eps, dy, dx, factors, r0, r1));
    tape.parameters
        .gradient(weight)
        .ifPresent(d ->
            tape.columns(
                x.rows(),
                x.cols(),
                (c0, c1, id) -> tape.gradientOps.rmsNormWeight(x, factors, dy, d, c0, c1)));
  }

  private static Tensor vectors(Tensor x, Tensor weight) {
    int parts = x.cols() / weight.cols();
    return parts == 1 ? x : x.reshape(x.rows() * parts, weight.cols());
  }
}
