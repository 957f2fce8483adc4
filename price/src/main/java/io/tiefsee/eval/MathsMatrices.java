package io.tiefsee.eval;

import io.tiefsee.eval.Maths.Sign;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Works out sums of matrices, and multiples of one, while they are read. */
final class MathsMatrices {
  private MathsMatrices() {}

  /** Two operands and the sign between them; a matrix where that makes one, element by element. */
  static Maths apply(Sign sign, Maths left, Maths right) {
    boolean scales = sign == Sign.TIMES || sign == Sign.DIVIDE;
    boolean adds = sign == Sign.PLUS || sign == Sign.MINUS;
    if (left instanceof Maths.Matrix a && right instanceof Maths.Matrix b) {
      return adds && isSameShape(a, b) ? sum(sign, a, b) : new Maths.Binary(sign, left, right);
    }
    if (scales && left instanceof Maths.Matrix matrix) {
      return each(matrix, it -> exact(new Maths.Binary(sign, it, right)));
    }
    if (sign == Sign.TIMES && right instanceof Maths.Matrix matrix) {
      return each(matrix, it -> exact(new Maths.Binary(sign, left, it)));
    }
    return new Maths.Binary(sign, left, right);
  }

  static Maths negated(Maths operand) {
    return operand instanceof Maths.Matrix matrix
        ? each(matrix, Maths.Negated::new)
        : new Maths.Negated(operand);
  }

  /** {@code ½ (2 4)} is how (1 2) is written, so its elements count as worked out. */
  private static Maths exact(Maths element) {
    return MathsNumbers.exact(element)
        .map(value -> (Maths) new Maths.Number(value, false, 0))
        .orElse(element);
  }

  private static boolean isSameShape(Maths.Matrix a, Maths.Matrix b) {
    return a.rows().size() == b.rows().size()
        && a.rows().getFirst().size() == b.rows().getFirst().size();
  }

  private static Maths each(Maths.Matrix matrix, UnaryOperator<Maths> of) {
    return new Maths.Matrix(
        matrix.rows().stream().map(row -> row.stream().map(of).toList()).toList());
  }

  private static Maths sum(Sign sign, Maths.Matrix a, Maths.Matrix b) {
    List<List<Maths>> rows = new ArrayList<>();
    for (int i = 0; i < a.rows().size(); i++) {
      List<Maths> row = new ArrayList<>();
      for (int j = 0; j < a.rows().get(i).size(); j++) {
        row.add(exact(new Maths.Binary(sign, a.rows().get(i).get(j), b.rows().get(i).get(j))));
      }
      rows.add(row);
    }
    return new Maths.Matrix(rows);
  }
}
