package io.tiefsee.train;

import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** What moves and adds rows: embedding, residual sum, bias, choice of rows. */
final class ResidualOps {
  private ResidualOps() {}

  /**
   * Rows of {@code table}, as f32; backward adds each token's gradient to its row, in token order.
   */
  static Tensor embed(Tape tape, Matrix table, int[] tokens, int n) {
    Tensor x = tape.take(n, table.cols());
    tape.rows(
        n,
        table.cols(),
        (from, to, id) -> {
          for (int t = from; t < to; t++) {
            tape.kernels.readRow(table, tokens[t], x.rows(t, t + 1).data());
          }
        });
    int[] ids = tokens.clone();
    tape.parameters
        .of(table)
        .ifPresent(p ->
            tape.record(
                x,
                () -> {
                  Tensor d = Tensor.of(p.rows(), p.cols(), p.gradient());
                  Tensor dx = tape.gradient(x);
                  for (int t = 0; t < n; t++) {
                    tape.rowOps.addScaled(dx, t, 1, d, ids[t]);
                  }
                }));
    return x;
  }

  /** x + y; both get the gradient of the sum. */
  static Tensor add(Tape tape, Tensor x, Tensor y) {
    Tensor sum = tape.take(x.rows(), x.cols());
    tape.rows(
        x.rows(),
        x.cols(),
        (r0, r1, id) -> {
          sum.rows(r0, r1).copyFrom(x.rows(r0, r1));
          tape.rowOps.add(y, sum, r0, r1);
        });
    tape.record(
        sum,
        () -> {
          Tensor d = tape.gradient(sum);
          addTo(tape, y, d);
          if (tape.hasGradient(x)) {
            addTo(tape, x, d);
          } else {
            tape.giveGradient(x, d); // the sum itself has no further use for it
          }
        });
    return sum;
  }

  private static void addTo(Tape tape, Tensor x, Tensor d) {
    if (tape.hasGradient(x)) {
      Tensor dx = tape.gradient(x);
      tape.rows(d.rows(), d.cols(), (r0, r1, id) -> tape.rowOps.add(d, dx, r0, r1));
    } else {
      tape.newGradient(x).copyFrom(d);
    }
  }

  /** x + bias, in place: no backward needs x as it was. */
  static Tensor addBias(Tape tape, Tensor x, Tensor bias) {
    tape.rows(x.rows(), x.cols(), (r0, r1, id) -> tape.rowOps.addBias(bias, x, r0, r1));
    tape.parameters
        .gradient(bias)
        .ifPresent(d ->
            tape.record(
                x,
                () -> {
                  Tensor dx = tape.gradient(x);
                  tape.columns(
                      x.rows(), x.cols(), (c0, c1, id) -> tape.gradientOps.bias(dx, d, c0, c1));
                }));
    return x;
  }

  /** Each row of x followed by that of y; each gets its part of the gradient. */
  static Tensor join(Tape tape, Tensor x, Tensor y) {
    Tensor joined = tape.take(x.rows(), x.cols() + y.cols());
    copy(x, 0, joined, 0, x.cols());
    copy(y, 0, joined, x.cols(), y.cols());
    tape.record(
        joined,
        () -> {
          Tensor d = tape.gradient(joined);
          addPart(tape, d, 0, x);
          addPart(tape, d, x.cols(), y);
        });
    return joined;
  }

  private static void addPart(Tape tape, Tensor d, int col, Tensor x) {
    Tensor part = tape.take(x.rows(), x.cols());
    copy(d, col, part, 0, x.cols());
    addTo(tape, x, part);
  }

  private static void copy(Tensor from, int col, Tensor to, int toCol, int n) {
    for (int t = 0; t < from.rows(); t++) {
      MemorySegment.copy(
          from.data(),
          from.rowOffset(t) + 4L * col,
          to.data(),
          to.rowOffset(t) + 4L * toCol,
          4L * n);
    }
  }

  /** Some rows of x; the others get no gradient from here. */
  static Tensor rows(Tape tape, Tensor x, int[] rows, int n) {
    int[] chosen = rows.clone();
    Tensor y = tape.take(n, x.cols());
    tape.rows(
        n,
        x.cols(),
        (from, to, id) -> {
          for (int i = from; i < to; i++) {
            y.rows(i, i + 1).copyFrom(x.rows(chosen[i], chosen[i] + 1));
          }
        });
    tape.record(
        y,
        () -> {
          Tensor dy = tape.gradient(y);
          Tensor dx = tape.gradient(x);
          for (int i = 0; i < n; i++) {
            tape.rowOps.addScaled(dy, i, 1, dx, chosen[i]);
          }
        });
    return y;
  }
}
