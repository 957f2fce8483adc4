package io.tiefsee.train;

import io.tiefsee.tensor.Tensor;

/** gate · sigmoid(gate) · up. */
final class SwigluOp {
  private SwigluOp() {}

  /**
   * @param gate [rows, hidden], as up and the result
   */
  static Tensor forward(Tape tape, Tensor gate, Tensor up) {
    Tensor y = tape.take(gate.rows(), gate.cols());
    tape.rows(gate.rows(), gate.cols(), (r0, r1, id) -> tape.rowOps.swiglu(gate, up, y, r0, r1));
    tape.record(
        y,
        () ->
            backward(
                tape, gate, up, tape.gradient(y), tape.newGradient(gate), tape.newGradient(up)));
    return y;
  }

  /** Overwrites dGate and dUp; gate and up have no other use. */
  static void backward(Tape tape, Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp) {
    tape.rows(
        gate.rows(),
        gate.cols(),
        (r0, r1, id) -> tape.gradientOps.swiglu(gate, up, dy, dGate, dUp, r0, r1));
  }
}
