package io.tiefsee.eval;

import io.tiefsee.eval.Maths.Constant;
import io.tiefsee.eval.Maths.Sign;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Rewrites trees: {@code ±} into both values, inequalities into intervals, {@code x = 5} into 5.
 */
final class MathsSigns {
  private MathsSigns() {}

  /** Both values of a tree with ±, all of which go together; else the tree itself. */
  static List<Maths> both(Maths maths) {
    return hasEither(maths) ? List.of(choose(maths, true), choose(maths, false)) : List.of(maths);
  }

  private static boolean hasEither(Maths maths) {
    return switch (maths) {
      case Maths.Binary(Sign sign, Maths left, Maths right) ->
          sign == Sign.PLUS_MINUS || sign == Sign.MINUS_PLUS || hasEither(left) || hasEither(right);
      case Maths.Negated(Maths operand) -> hasEither(operand);
      case Maths.Relation relation -> relation.sides().stream().anyMatch(MathsSigns::hasEither);
      default -> false;
    };
  }

  private static Maths choose(Maths maths, boolean plus) {
    return switch (maths) {
      case Maths.Binary(Sign sign, Maths left, Maths right) ->
          chosen(sign, plus)
              .map(s -> workedOut(s, choose(left, plus), choose(right, plus)))
              .orElseGet(() -> new Maths.Binary(sign, choose(left, plus), choose(right, plus)));
      case Maths.Negated(Maths operand) -> new Maths.Negated(choose(operand, plus));
      case Maths.Relation relation ->
          new Maths.Relation(
              relation.sides().stream().map(s -> choose(s, plus)).toList(), relation.signs());
      default -> maths;
    };
  }

  /** {@code 1 ± 2} is how −1 and 3 are written, so it counts as worked out. */
  private static Maths workedOut(Sign sign, Maths left, Maths right) {
    Maths sum = new Maths.Binary(sign, left, right);
    return MathsNumbers.exact(sum).map(v -> (Maths) new Maths.Number(v, false, 0)).orElse(sum);
  }

  private static Optional<Sign> chosen(Sign sign, boolean plus) {
    return switch (sign) {
      case PLUS_MINUS -> Optional.of(plus ? Sign.PLUS : Sign.MINUS);
      case MINUS_PLUS -> Optional.of(plus ? Sign.MINUS : Sign.PLUS);
      default -> Optional.empty();
    };
  }

  /**
   * The value of {@code x = 5}, of {@code f(x) = 5} or of {@code 2 + 3 = 5} if it holds.
   *
   * @param name the unknown, if another one would be wrong
   */
  static Maths solved(Maths maths, Optional<Maths> name) {
    if (!(maths instanceof Maths.Relation relation)
        || !relation.signs().chars().allMatch(c -> c == '=')) {
      return membership(maths);
    }
    List<Maths> sides = relation.sides();
    int from = isName(sides.getFirst()) ? 1 : 0;
    boolean turned = from == 0 && sides.size() == 2 && sides.getLast() instanceof Maths.Variable;
    if (turned) {
      return sides.getFirst();
    }
    if (name.isPresent() && from == 0) {
      return maths;
    }
    for (int i = from; i + 1 < sides.size(); i++) {
      Optional<Rational> left = MathsNumbers.exact(sides.get(i));
      if (left.isEmpty() || !left.equals(MathsNumbers.exact(sides.getLast()))) {
        return maths;
      }
    }
    return sides.getLast();
  }

  /**
   * What a value may be given to: a letter, a letter with arguments ({@code f(x)}), a tuple of
   * letters, a length or a quotient of lengths ({@code AB}, {@code |AB|}), a ratio of names.
   */
  static boolean isName(Maths maths) {
    return switch (maths) {
      case Maths.Variable variable -> true;
      case Maths.Binary(Sign sign, Maths left, Maths right) when sign == Sign.TIMES ->
          isLength(maths)
              || (left instanceof Maths.Variable
                  && (right instanceof Maths.Variable || right instanceof Maths.Number));
      case Maths.Binary(Sign sign, Maths left, Maths right) ->
          sign == Sign.DIVIDE && isLength(left) && isLength(right);
      case Maths.Call(Maths.Function function, List<Maths> arguments) ->
          function == Maths.Function.ABS && isLength(arguments.getFirst());
      case Maths.Group group ->
          group.open() == '(' && group.items().stream().allMatch(Maths.Variable.class::isInstance);
      case Maths.Ratio ratio -> ratio.parts().stream().allMatch(MathsSigns::isName);
      default -> false;
    };
  }

  /** Capital letters side by side. */
  private static boolean isLength(Maths maths) {
    return switch (maths) {
      case Maths.Variable variable -> Character.isUpperCase(variable.name().charAt(0));
      case Maths.Binary(Sign sign, Maths left, Maths right) ->
          sign == Sign.TIMES && isLength(left) && isLength(right);
      default -> false;
    };
  }

  /** The name before the equals sign. */
  static Optional<Maths> name(Maths.Relation relation) {
    return Optional.of(relation.sides().getFirst())
        .filter(first -> relation.signs().equals("=") && isName(first));
  }

  static boolean hasName(Maths.Relation relation, Maths name) {
    return relation.sides().getFirst().equals(name) || relation.sides().getLast().equals(name);
  }

  /** With signs {@code <} and {@code ≤} where it has {@code >} and {@code ≥} only. */
  static Maths.Relation ascending(Maths.Relation relation) {
    if (!relation.signs().matches("[>≥]+")) {
      return relation;
    }
    String signs = new StringBuilder(relation.signs()).reverse().toString();
    return new Maths.Relation(
        relation.sides().reversed(), signs.replace('>', '<').replace('≥', '≤'));
  }

  /** The set of {@code x ∈ set}; else the tree itself. */
  static Maths membership(Maths maths) {
    return maths instanceof Maths.Relation relation && relation.signs().equals("∈")
        ? relation.sides().getLast()
        : maths;
  }

  /**
   * The interval of {@code a < x ≤ b}, {@code x > a} or {@code x ∈ …}, the union of two of {@code x
   * ≠ a}; else the relation itself.
   */
  static Maths interval(Maths.Relation relation) {
    List<Maths> sides = relation.sides();
    String signs = relation.signs();
    boolean middle = sides.size() == 3 && isName(sides.get(1));
    if (signs.equals("∈")) {
      return sides.getLast();
    }
    if (middle && signs.matches("[<≤]{2}")) {
      return interval(sides.get(0), signs.charAt(0) == '≤', sides.get(2), signs.charAt(1) == '≤');
    }
    if (middle && signs.matches("[>≥]{2}")) {
      return interval(sides.get(2), signs.charAt(1) == '≥', sides.get(0), signs.charAt(0) == '≥');
    }
    if (sides.size() == 2 && signs.matches("[<>≤≥]")) {
      return half(sides, signs.charAt(0)).orElse(relation);
    }
    if (signs.equals("≠") && isName(sides.getFirst())) {
      Maths hole = sides.getLast();
      return new Maths.Union(
          List.of(
              interval(new Maths.Negated(Constant.INFINITY), false, hole, false),
              interval(hole, false, Constant.INFINITY, false)));
    }
    return relation;
  }

  private static Optional<Maths> half(List<Maths> sides, char sign) {
    boolean first = isName(sides.getFirst());
    if (first == isName(sides.getLast())) {
      return Optional.empty();
    }
    Maths bound = first ? sides.getLast() : sides.getFirst();
    boolean closed = sign == '≤' || sign == '≥';
    boolean below = (sign == '<' || sign == '≤') == first;
    Maths infinite = below ? new Maths.Negated(Constant.INFINITY) : Constant.INFINITY;
    return Optional.of(
        below
            ? interval(infinite, false, bound, closed)
            : interval(bound, closed, infinite, false));
  }

  private static Maths interval(Maths low, boolean withLow, Maths high, boolean withHigh) {
    List<Maths> ends = new ArrayList<>(List.of(low, high));
    return new Maths.Group(withLow ? '[' : '(', withHigh ? ']' : ')', ends);
  }

  static boolean isInfinite(Maths maths) {
    return maths == Constant.INFINITY
        || (maths instanceof Maths.Negated(Maths operand) && operand == Constant.INFINITY);
  }

  static Maths withoutDegrees(Maths maths) {
    return maths instanceof Maths.Degrees(Maths operand) ? operand : maths;
  }
}
