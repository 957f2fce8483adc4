package io.tiefsee.kernel;

import io.tiefsee.tensor.Tensor;

/**
 * Backward counterparts of {@link RowOps}, and what else training does to each number. Ranges let
 * threads share the work; sums over rows are given by ranges of columns, so that their order does
 * not depend on the split. All tensors are f32.
 */
public interface GradientOps {
  Isa isa();

  /**
   * Backward of the norm in x: with f = (mean(x²) + eps)^-½, dx += f·w·dy − x·f³·mean(w·dy·x).
   *
   * @param x [rows, cols]
   * @param weight [1, cols]
   * @param dy [rows, cols]
   * @param dx [rows, cols]
   * @param factors [rows, 1], becomes f of each row
   */
  void rmsNorm(
      Tensor x, Tensor weight, float eps, Tensor dy, Tensor dx, Tensor factors, int r0, int r1);

  /**
   * Backward of the norm in its weight, for columns [c0, c1): dWeight += Σrows dy·x·f.
   *
   * @param factors as {@link #rmsNorm} left them
   * @param dWeight [1, cols]
   */
  void rmsNormWeight(Tensor x, Tensor factors, Tensor dy, Tensor dWeight, int c0, int c1);

  /** Backward of a bias, for columns [c0, c1): dBias += Σrows dy. */
  void bias(Tensor dy, Tensor dBias, int c0, int c1);

  /**
   * Backward of SwiGLU with s = sigmoid(gate): dGate = dy·up·s·(1 + gate·(1 − s)), dUp = dy·gate·s;
   * both overwritten.
   *
   * @param gate [rows, cols], as all the others
   */
  void swiglu(Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp, int r0, int r1);

  /**
   * Backward of the softmax of causal attention, for a block of rows in place: scores s and
   * gradients d of the probabilities become p = softmax(scale·s) and scale·p·(d − Σ p·d). Row i has
   * n + i numbers; those from there to {@code width} become 0.
   *
   * @param scores address of [rows, width]
   * @param d address of as many; those that become 0 must be finite
   * @param row distance of two rows, in bytes
   * @param rows at least 1
   * @param n numbers of the first row, at least 1
   * @param width a multiple of 16, at least n + rows − 1
   * @param scale above 0
   */
  void causalSoftmax(long scores, long d, long row, int rows, int n, int width, float scale);

  /**
   * y = factor·exp(x − shift); {@code y} may be {@code x}.
   *
   * @param x address of [n]
   */
  void scaledExp(long x, float shift, float factor, long y, int n);

  /** Σ x·y of [n] numbers each. */
  float dot(long x, long y, int n);

  /** Σ x² in double precision, in an order that depends on n alone. */
  double squares(long x, int n);

  /**
   * One step of AdamW (Loshchilov and Hutter, 2019) on n numbers: m = β1·m + (1−β1)·g, v = β2·v +
   * (1−β2)·g², p = p·keep − rate·m / (√v·rootScale + eps), with g = scale·gradient, which is
   * cleared.
   *
   * @param p address of the parameters
   * @param gradient address of their gradients
   * @param m address of the first moments
   * @param v address of the second moments
   */
  void adamW(long p, long gradient, long m, long v, int n, AdamStep step);

  /**
   * Numbers of one step.
   *
   * @param scale factor of the gradient (clipping)
   * @param keep 1 − learning rate · decay
   * @param rate learning rate / (1 − β1^t)
   * @param rootScale 1 / √(1 − β2^t)
   */
  record AdamStep(
      float beta1, float beta2, float eps, float scale, float keep, float rate, float rootScale) {}
}
