package io.tiefsee.eval;

import io.tiefsee.eval.MathsLexer.Kind;
import io.tiefsee.eval.MathsLexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads formulas as people and models write them, in LaTeX or plain signs: products without a sign,
 * {@code \frac12}, {@code \sin 2x}, mixed numbers, lists, sets, tuples, intervals, matrices,
 * equations and inequalities. Length, depth and digits are bounded.
 */
final class MathsParser {
  private static final Map<String, Character> RELATIONS =
      Map.of(
          "le", '≤', "leq", '≤', "ge", '≥', "geq", '≥', "ne", '≠', "neq", '≠', "in", '∈', "lt", '<',
          "gt", '>');

  private final MathsCursor cursor;
  private final MathsTerms terms;

  private MathsParser(List<Token> tokens) {
    cursor = new MathsCursor(tokens);
    terms = new MathsTerms(cursor, this::items);
  }

  /**
   * The tree; empty if the text is no formula. Never throws.
   *
   * @param clean as {@link MathsText#clean} gives it
   * @param grouped see {@link MathsLexer#read}
   */
  static Optional<Maths> parse(String clean, boolean grouped) {
    if (clean.length() > MathsText.MAX_LENGTH) {
      return Optional.empty();
    }
    Optional<Maths> words = MathsText.words(clean).map(Maths.Words::new);
    return words.isPresent()
        ? words
        : MathsLexer.read(clean, grouped).flatMap(tokens -> new MathsParser(tokens).whole());
  }

  private Optional<Maths> whole() {
    try {
      Maths tree = list();
      return cursor.peek().kind() == Kind.END ? Optional.of(tree) : Optional.empty();
    } catch (MathsCursor.NoFormula e) {
      return Optional.empty();
    }
  }

  private Maths list() {
    List<Maths> items = items();
    return items.size() == 1 ? items.getFirst() : new Maths.Group(' ', ' ', items);
  }

  private List<Maths> items() {
    cursor.enter();
    List<Maths> items = new ArrayList<>();
    do {
      items.add(relation());
    } while (takeJoint());
    cursor.leave();
    return items;
  }

  /** A comma, a semicolon, {@code and}, {@code or}, or a comma and one of these words. */
  private boolean takeJoint() {
    boolean sign = cursor.takeSign(",") || cursor.takeSign(";");
    boolean word = cursor.takeCommand("and") || cursor.takeCommand("or");
    return sign || word;
  }

  private Maths relation() {
    List<Maths> sides = new ArrayList<>();
    StringBuilder signs = new StringBuilder();
    sides.add(union());
    for (Optional<Character> sign = takeRelation(); sign.isPresent(); sign = takeRelation()) {
      signs.append(sign.get().charValue());
      sides.add(union());
    }
    return sides.size() == 1 ? sides.getFirst() : new Maths.Relation(sides, signs.toString());
  }

  private Optional<Character> takeRelation() {
    Token token = cursor.peek();
    Optional<Character> sign = Optional.empty();
    if (token.kind() == Kind.SIGN && "=<>".contains(token.text())) {
      sign = Optional.of(token.text().charAt(0));
    } else if (token.kind() == Kind.COMMAND) {
      sign = Optional.ofNullable(RELATIONS.get(token.text()));
    }
    if (sign.isPresent()) {
      cursor.next();
    }
    return sign;
  }

  private Maths union() {
    List<Maths> parts = new ArrayList<>();
    do {
      parts.add(terms.sum());
    } while (cursor.takeCommand("cup"));
    return parts.size() == 1 ? parts.getFirst() : new Maths.Union(parts);
  }
}
