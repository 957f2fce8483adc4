package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A context-free grammar. Rules may call each other and themselves, but not as the very first thing
 * they do (left recursion).
 *
 * @param root the rule that the whole answer has to obey
 * @param rules by name
 */
public record Grammar(String root, Map<String, Expr> rules) {
  public Grammar {
    rules = Map.copyOf(rules);
  }

  /**
   * A checked grammar: every rule that is named exists, none is left-recursive, and what can never
   * be completed is left out, so that an answer cannot run into a dead end.
   *
   * @throws BadInput if it is none
   */
  public static Grammar of(String root, Map<String, Expr> rules) {
    if (!rules.containsKey(root)) {
      throw new BadInput("the grammar has no rule '" + root + "': it is where an answer begins");
    }
    for (Map.Entry<String, Expr> rule : rules.entrySet()) {
      checkNames(rule.getKey(), rule.getValue(), rules);
    }
    Set<String> nullable = fixpoint(rules, Grammar::nullable);
    checkLeftRecursion(rules, nullable);
    Set<String> productive = fixpoint(rules, Grammar::productive);
    if (!productive.contains(root)) {
      throw new BadInput("the grammar lets no text through: rule '" + root + "' never ends");
    }
    Map<String, Expr> pruned = new LinkedHashMap<>();
    rules.forEach((name, expr) -> pruned.put(name, prune(expr, productive)));
    return new Grammar(root, pruned);
  }

  private static void checkNames(String name, Expr e, Map<String, Expr> rules) {
    switch (e) {
      case Expr.Ref r -> {
        if (!rules.containsKey(r.rule())) {
          throw new BadInput("rule '" + name + "' names rule '" + r.rule() + "', which is missing");
        }
      }
      case Expr.Seq s -> s.parts().forEach(p -> checkNames(name, p, rules));
      case Expr.Alt a -> a.options().forEach(o -> checkNames(name, o, rules));
      case Expr.Repeat r -> checkNames(name, r.body(), rules);
      case Expr.Chars c -> {}
      case Expr.Text t -> {}
    }
  }

  /** Says of an expression what holds, given for which rules it holds. */
  @FunctionalInterface
  private interface Property {
    boolean of(Expr e, Set<String> rules);
  }

  private static Set<String> fixpoint(Map<String, Expr> rules, Property property) {
    Set<String> holds = new HashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (Map.Entry<String, Expr> rule : rules.entrySet()) {
        if (!holds.contains(rule.getKey()) && property.of(rule.getValue(), holds)) {
          more |= holds.add(rule.getKey());
        }
      }
    }
    return holds;
  }

  private static boolean nullable(Expr e, Set<String> rules) {
    return switch (e) {
      case Expr.Ref r -> rules.contains(r.rule());
      case Expr.Seq s -> s.parts().stream().allMatch(p -> nullable(p, rules));
      case Expr.Alt a -> a.options().stream().anyMatch(o -> nullable(o, rules));
      case Expr.Repeat r -> r.min() == 0 || nullable(r.body(), rules);
      case Expr.Chars c -> false;
      case Expr.Text t -> t.text().isEmpty();
    };
  }

  private static boolean productive(Expr e, Set<String> rules) {
    return switch (e) {
      case Expr.Ref r -> rules.contains(r.rule());
      case Expr.Seq s -> s.parts().stream().allMatch(p -> productive(p, rules));
      case Expr.Alt a -> a.options().stream().anyMatch(o -> productive(o, rules));
      case Expr.Repeat r -> r.min() == 0 || productive(r.body(), rules);
      case Expr.Chars c -> !c.ranges().isEmpty();
      case Expr.Text t -> true;
    };
  }

  private static Expr prune(Expr e, Set<String> productive) {
    if (!productive(e, productive)) {
      return Expr.NOTHING;
    }
    return switch (e) {
      case Expr.Seq s -> new Expr.Seq(s.parts().stream().map(p -> prune(p, productive)).toList());
      case Expr.Alt a ->
          new Expr.Alt(
              a.options().stream()
                  .filter(o -> productive(o, productive))
                  .map(o -> prune(o, productive))
                  .toList());
      case Expr.Repeat r ->
          productive(r.body(), productive)
              ? new Expr.Repeat(prune(r.body(), productive), r.min(), r.max())
              : Expr.EMPTY;
      case Expr.Ref r -> r;
      case Expr.Chars c -> c;
      case Expr.Text t -> t;
    };
  }

  private static void checkLeftRecursion(Map<String, Expr> rules, Set<String> nullable) {
    Map<String, List<String>> calls = new HashMap<>();
    rules.forEach((name, expr) -> {
      List<String> first = new ArrayList<>();
      leftCalls(expr, nullable, first);
      calls.put(name, first);
    });
    Set<String> done = new HashSet<>();
    for (String name : rules.keySet()) {
      walk(name, calls, new HashSet<>(), done);
    }
  }

  private static void walk(
      String name, Map<String, List<String>> calls, Set<String> path, Set<String> done) {
    if (done.contains(name)) {
      return;
    }
    if (!path.add(name)) {
      throw new BadInput(
          "rule '" + name + "' begins with itself (left recursion): write it as a repetition");
    }
    for (String next : calls.getOrDefault(name, List.of())) {
      walk(next, calls, path, done);
    }
    path.remove(name);
    done.add(name);
  }

  /** Collects the rules that may be called before a character is read. */
  private static void leftCalls(Expr e, Set<String> nullable, List<String> out) {
    switch (e) {
      case Expr.Ref r -> out.add(r.rule());
      case Expr.Seq s -> {
        for (Expr part : s.parts()) {
          leftCalls(part, nullable, out);
          if (!nullable(part, nullable)) {
            break;
          }
        }
      }
      case Expr.Alt a -> a.options().forEach(o -> leftCalls(o, nullable, out));
      case Expr.Repeat r -> leftCalls(r.body(), nullable, out);
      case Expr.Chars c -> {}
      case Expr.Text t -> {}
    }
  }
}
