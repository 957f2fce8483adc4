package io.tiefsee.text;

import io.tiefsee.text.JinjaLexer.Kind;
import io.tiefsee.text.JinjaLexer.Token;
import io.tiefsee.text.JinjaNode.Expr;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The tokens of a template as they are read, how deep the reader is, and the names it sets. */
class JinjaTokens {
  /** Nested expressions and statements; each level takes about fifteen Java frames. */
  private static final int MAX_DEPTH = 100;

  private static final Set<String> MACRO_NAMES = Set.of("caller", "kwargs", "varargs");
  private static final Set<String> CONSTANTS =
      Set.of("true", "false", "none", "True", "False", "None");

  private final List<Token> tokens;
  private int next;
  private int depth;

  /** For each macro around: which of {@link #MACRO_NAMES} it mentions. */
  private final Deque<Set<String>> macros = new ArrayDeque<>();

  /** How many {@code for} are around. */
  int loops;

  JinjaTokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  Token peekSecond() {
    return tokens.get(Math.min(next + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = tokens.get(next);
    if (token.kind() != Kind.END) {
      next++;
    }
    return token;
  }

  boolean at(Kind kind) {
    return peek().kind() == kind;
  }

  boolean atName(String name) {
    return peek().is(Kind.NAME, name);
  }

  boolean atOperator(String operator) {
    return peek().is(Kind.OPERATOR, operator);
  }

  boolean skipName(String name) {
    boolean there = atName(name);
    next += there ? 1 : 0;
    return there;
  }

  boolean skipOperator(String operator) {
    boolean there = atOperator(operator);
    next += there ? 1 : 0;
    return there;
  }

  Token expect(Kind kind, String what) {
    if (!at(kind)) {
      throw fail("expected " + what + ", got " + PyStr.repr(peek().describe()));
    }
    return take();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw fail("expected '" + operator + "', got " + PyStr.repr(peek().describe()));
    }
  }

  JinjaException fail(String message) {
    return new JinjaException(message, peek().line());
  }

  /** A name, with dots in it or without. */
  String dottedName() {
    StringBuilder name = new StringBuilder(expect(Kind.NAME, "a name").text());
    while (skipOperator(".")) {
      name.append('.').append(expect(Kind.NAME, "a name").text());
    }
    return name.toString();
  }

  void ensureOrder(boolean good) {
    if (!good) {
      throw fail("invalid order or repetition of call arguments");
    }
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw fail("the template is nested too deeply (" + MAX_DEPTH + " levels)");
    }
  }

  void leave() {
    depth--;
  }

  void openMacro() {
    macros.push(new HashSet<>());
  }

  Set<String> closeMacro() {
    Set<String> uses = macros.pop();
    if (!macros.isEmpty()) {
      macros.peek().addAll(uses);
    }
    return uses;
  }

  /** Notes that a macro reads one of the names that only exist where they are read. */
  void mention(String name) {
    if (MACRO_NAMES.contains(name) && !macros.isEmpty()) {
      macros.peek().add(name);
    }
  }

  boolean atTupleEnd() {
    return at(Kind.VARIABLE_END) || at(Kind.BLOCK_END) || atOperator(")");
  }

  /** What an assignment, a loop or a {@code with} sets. */
  Expr target(boolean namespaces) {
    List<Expr> items = new ArrayList<>();
    boolean comma = false;
    while (!atTupleEnd()) {
      items.add(targetItem(namespaces));
      if (!skipOperator(",")) {
        break;
      }
      comma = true;
    }
    if (items.isEmpty()) {
      throw fail("expected a name, got " + PyStr.repr(peek().describe()));
    }
    return comma ? new JinjaNode.TupleOf(items) : items.getFirst();
  }

  private Expr targetItem(boolean namespaces) {
    if (loops > 0 && atName("loop")) {
      throw fail("cannot assign to 'loop' in a loop");
    }
    if (skipOperator("(")) {
      enter();
      Expr inner = target(namespaces);
      expectOperator(")");
      leave();
      return inner;
    }
    String name = targetName();
    if (namespaces && skipOperator(".")) {
      return new JinjaNode.NamespaceRef(name, expect(Kind.NAME, "a name").text());
    }
    return new JinjaNode.Name(name);
  }

  String targetName() {
    Token token = expect(Kind.NAME, "a name");
    if (CONSTANTS.contains(token.text())) {
      throw new JinjaException("cannot assign to '" + token.text() + "'", token.line());
    }
    return token.text();
  }
}
