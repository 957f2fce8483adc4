package io.tiefsee.text;

import java.util.List;
import java.util.Optional;

/** The syntax tree of a template. Lines are 1-based. */
sealed interface JinjaNode {

  /** An expression; {@link Name}, {@link NamespaceRef} and {@link TupleOf} are targets as well. */
  sealed interface Expr extends JinjaNode {}

  record Const(Object value) implements Expr {}

  record Name(String name) implements Expr {}

  /** {@code ns.attr}, as a target of {@code set}. */
  record NamespaceRef(String name, String attribute) implements Expr {}

  record TupleOf(List<Expr> items) implements Expr {}

  record ListOf(List<Expr> items) implements Expr {}

  record DictOf(List<Pair> items) implements Expr {}

  record Pair(Expr key, Expr value) {}

  record Conditional(Expr test, Expr then, Optional<Expr> otherwise, int line) implements Expr {}

  record Or(Expr left, Expr right) implements Expr {}

  record And(Expr left, Expr right) implements Expr {}

  record Not(Expr operand) implements Expr {}

  /** {@code first op1 x1 op2 x2 …}: true when every neighbouring pair holds. */
  record Compare(Expr first, List<Operand> operands) implements Expr {}

  record Operand(String operator, Expr value) {}

  record Binary(String operator, Expr left, Expr right) implements Expr {}

  record Unary(String operator, Expr operand) implements Expr {}

  /** {@code a ~ b ~ …} */
  record Concat(List<Expr> parts) implements Expr {}

  record Attribute(Expr object, String name, int line) implements Expr {}

  record Item(Expr object, Expr index, int line) implements Expr {}

  record Slice(Optional<Expr> start, Optional<Expr> stop, Optional<Expr> step) implements Expr {}

  record Call(Expr function, Arguments arguments, int line) implements Expr {}

  /** {@code input | name(arguments)}; without an input it stands in a filter or set block. */
  record Filter(Optional<Expr> input, String name, Arguments arguments, int line) implements Expr {}

  record Test(Expr input, String name, Arguments arguments, int line) implements Expr {}

  record Arguments(
      List<Expr> positional, List<Keyword> named, Optional<Expr> star, Optional<Expr> starStar) {
    static final Arguments EMPTY =
        new Arguments(List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  record Keyword(String name, Expr value) {}

  /** A statement. */
  sealed interface Stmt extends JinjaNode {
    int line();
  }

  record Text(String text, int line) implements Stmt {}

  record Print(Expr value, int line) implements Stmt {}

  record For(
      Expr target,
      Expr iterable,
      Optional<Expr> filter,
      boolean recursive,
      List<Stmt> body,
      List<Stmt> otherwise,
      int line)
      implements Stmt {}

  record If(List<Branch> branches, List<Stmt> otherwise, int line) implements Stmt {}

  record Branch(Expr test, List<Stmt> body, int line) {}

  record Set(Expr target, Expr value, int line) implements Stmt {}

  record SetBlock(Expr target, Optional<Filter> filter, List<Stmt> body, int line)
      implements Stmt {}

  record With(List<Expr> targets, List<Expr> values, List<Stmt> body, int line) implements Stmt {}

  /** Statements with names of their own: a {@code block} or {@code generation} tag. */
  record Scoped(List<Stmt> body, boolean atRoot, int line) implements Stmt {}

  record FilterBlock(Filter filter, List<Stmt> body, int line) implements Stmt {}

  record MacroDef(Signature signature, List<Stmt> body, int line) implements Stmt {}

  record CallBlock(Signature signature, Call call, List<Stmt> body, int line) implements Stmt {}

  /**
   * @param parameters names in order
   * @param defaults for the last {@code defaults.size()} parameters
   * @param uses which of {@code caller}, {@code kwargs}, {@code varargs} the body mentions
   */
  record Signature(
      String name, List<String> parameters, List<Expr> defaults, java.util.Set<String> uses) {}

  record Break(int line) implements Stmt {}

  record Continue(int line) implements Stmt {}
}
