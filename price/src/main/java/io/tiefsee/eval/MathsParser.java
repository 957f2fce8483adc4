package io.tiefsee.eval;

import io.tiefsee.eval.Maths.Constant;
import io.tiefsee.eval.MathsLexer.Kind;
import io.tiefsee.eval.MathsLexer.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads formulas as people and models write them, in LaTeX or plain signs: products without a sign,
 * {@code \frac12}, {@code \sin 2x}, mixed numbers, lists, sets, tuples, intervals, matrices,
 * equations and inequalities. Length, depth and digits are bounded.
 */
final class MathsParser {
  private static final Map<String, Character> RELATIONS =
      Map.of(
          "le", '≤', "leq", '≤', "ge", '≥', "geq", '≥', "ne", '≠', "neq", '≠', "in", '∈', "lt", '<',
          "gt", '>', "approx", '≈');

  private static final Set<String> ALL_REALS = Set.of("all real numbers", "all reals");

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
    Optional<Maths> words = MathsText.words(clean).map(MathsParser::inWords);
    return words.isPresent()
        ? words
        : MathsLexer.read(clean, grouped).flatMap(tokens -> new MathsParser(tokens).whole());
  }

  private static Maths inWords(String words) {
    return ALL_REALS.contains(words)
        ? new Maths.Group(
            '(', ')', List.of(new Maths.Negated(Constant.INFINITY), Constant.INFINITY))
        : new Maths.Words(words);
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
    List<Maths> items = new ArrayList<>(List.of(relation()));
    boolean alternatives = true;
    for (Optional<String> joint = takeJoint(); joint.isPresent(); joint = takeJoint()) {
      alternatives &= joint.get().endsWith("or");
      items.add(relation());
    }
    cursor.leave();
    boolean union = alternatives && items.size() > 1 && items.stream().allMatch(this::isInterval);
    return union ? List.of(new Maths.Union(items.stream().map(this::interval).toList())) : items;
  }

  private boolean isInterval(Maths item) {
    return item instanceof Maths.Relation relation
        && MathsSigns.interval(relation) instanceof Maths.Group;
  }

  private Maths interval(Maths item) {
    return MathsSigns.interval((Maths.Relation) item);
  }

  /** A comma, a semicolon, {@code and}, {@code or}, or a comma and one of these words. */
  private Optional<String> takeJoint() {
    String sign = cursor.takeSign(",") || cursor.takeSign(";") ? "," : "";
    String word = cursor.takeCommand("and") ? "and" : cursor.takeCommand("or") ? "or" : "";
    return Optional.of(sign + word).filter(joint -> !joint.isEmpty());
  }

  private Maths relation() {
    List<Maths> sides = new ArrayList<>();
    StringBuilder signs = new StringBuilder();
    sides.add(union());
    for (Optional<Character> sign = takeRelation(); sign.isPresent(); sign = takeRelation()) {
      signs.append(sign.get().charValue());
      sides.add(union());
    }
    return exact(sides, signs.toString());
  }

  /** What is about another number is left out, unless nothing but a name is left. */
  private static Maths exact(List<Maths> sides, String signs) {
    String kept = signs;
    if (kept.startsWith("≈") && MathsSigns.isName(sides.getFirst())) {
      kept = "=" + kept.substring(1);
    }
    int about = kept.indexOf('≈');
    kept = about < 0 ? kept : kept.substring(0, about);
    return kept.isEmpty()
        ? sides.getFirst()
        : new Maths.Relation(sides.subList(0, kept.length() + 1), kept);
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
      parts.add(ratio());
    } while (cursor.takeCommand("cup"));
    return parts.size() == 1 ? parts.getFirst() : new Maths.Union(parts);
  }

  private Maths ratio() {
    List<Maths> parts = new ArrayList<>(List.of(terms.sum()));
    boolean clock = false;
    while (cursor.takeSign(":")) {
      Token first = cursor.peek();
      clock |= first.kind() == Kind.NUMBER && first.text().length() == 2;
      parts.add(terms.sum());
    }
    return parts.size() == 1 ? parts.getFirst() : new Maths.Ratio(parts, clock);
  }
}
