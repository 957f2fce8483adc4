package io.tiefsee.eval;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Right answers in the format that {@link Verifier} calls well-formed. */
public final class ReferenceAnswer {
  private ReferenceAnswer() {}

  /**
   * A right answer, in one line: {@code 126}, {@code (7 - 4) * 9 - 3 = 24} (through whole numbers
   * where that goes), {@code 17 + 25}, {@code 3, 7, 9}.
   *
   * @throws IllegalArgumentException if the problem has none
   */
  public static String of(Problem problem) {
    return switch (problem.check()) {
      case Check.Exact check -> check.value().toString();
      case Check.Choice check -> check.options().get(check.right()).print(Notation.ASCII);
      case Check.Order check ->
          check.numbers().stream().map(Rational::toString).collect(Collectors.joining(", "));
      case Check.Maths check -> check.reference();
      case Check.Letter check -> check.letter();
      case Check.Day check -> check.day().toString();
      case Check.Quantity check -> UnitsTask.decimal(check.value()) + " " + check.unit();
      case Check.Words check -> String.join(", ", check.right());
      case Check.Code check -> "```js\n" + check.solution() + "\n```";
      case Check.Makes check ->
          Stream.of(
                  CountdownSolver.wholeSolutions(check.numbers(), check.target()),
                  CountdownSolver.solutions(check.numbers(), check.target()))
              .flatMap(List::stream)
              .findFirst()
              .map(it -> it.print(Notation.ASCII) + " = " + check.target())
              .orElseThrow(() -> new IllegalArgumentException(problem.id() + " has no solution"));
    };
  }
}
