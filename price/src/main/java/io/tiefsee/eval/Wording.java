package io.tiefsee.eval;

import java.util.List;

/** What the wordings of several tasks have in common. */
final class Wording {
  /** The plain signs are the most frequent, as on a keyboard. */
  private static final List<Notation> NOTATIONS =
      List.of(
          Notation.ASCII,
          Notation.ASCII,
          Notation.TYPESET,
          new Notation("-", "×", "/", true),
          new Notation("-", "×", "÷", true));

  private Wording() {}

  static Notation notation(Randomness random) {
    return random.oneOf(NOTATIONS).spaced(random.between(0, 2) > 0);
  }

  /** {@code 3, 7 and 9}. */
  static String list(List<String> items, String lastJoint) {
    return String.join(", ", items.subList(0, items.size() - 1))
        + " "
        + lastJoint
        + " "
        + items.getLast();
  }

  /** As {@link #list}, or with commas only, or in square brackets. */
  static String anyList(List<String> items, Randomness random) {
    return switch (random.between(0, 3)) {
      case 0 -> String.join(", ", items);
      case 1 -> "[" + String.join(", ", items) + "]";
      default -> list(items, "and");
    };
  }
}
