package io.tiefsee.text;

import io.tiefsee.text.JinjaLexer.Kind;
import io.tiefsee.text.JinjaLexer.Token;
import io.tiefsee.text.JinjaNode.Expr;
import io.tiefsee.text.JinjaNode.Signature;
import io.tiefsee.text.JinjaNode.Stmt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a template into statements: Jinja2's own, loop controls and {@code generation} blocks. */
final class JinjaParser {
  private final JinjaExpressions in;

  /** Whether {@code break} and {@code continue} have a loop around them. */
  private boolean inLoop;

  private JinjaParser(List<Token> tokens) {
    in = new JinjaExpressions(tokens);
  }

  static List<Stmt> parse(String template) {
    JinjaParser parser = new JinjaParser(JinjaLexer.tokenize(template));
    List<Stmt> statements = parser.statements();
    parser.in.checkKnown();
    return statements;
  }

  /**
   * Statements up to the tag of one of {@code endNames}, whose name is the next token; up to the
   * end of the template where no names are given.
   */
  private List<Stmt> statements(String... endNames) {
    List<Stmt> body = new ArrayList<>();
    while (!in.at(Kind.END)) {
      Token token = in.take();
      switch (token.kind()) {
        case DATA -> body.add(new JinjaNode.Text(token.text(), token.line()));
        case VARIABLE_BEGIN -> {
          body.add(new JinjaNode.Print(in.tuple(true, false), token.line()));
          in.expect(Kind.VARIABLE_END, "'}}'");
        }
        case BLOCK_BEGIN -> {
          for (String name : endNames) {
            if (in.atName(name)) {
              return body;
            }
          }
          statement(body);
          in.expect(Kind.BLOCK_END, "'%}'");
        }
        default -> throw new JinjaException("unexpected " + token.describe(), token.line());
      }
    }
    if (endNames.length > 0) {
      throw in.fail(
          "the template ends where a tag '" + String.join("' or '", endNames) + "' is due");
    }
    return body;
  }

  /** The body of a tag: from its closing {@code %}} to the name of an end tag, not taken. */
  private List<Stmt> body(String... endNames) {
    in.skipOperator(":");
    in.expect(Kind.BLOCK_END, "'%}'");
    return statements(endNames);
  }

  /** A body with names of its own, in which unknown filters are an error again. */
  private List<Stmt> scopedBody(boolean loop, String... endNames) {
    boolean outerLenient = in.lenient;
    boolean outerLoop = inLoop;
    in.lenient = false;
    inLoop = loop;
    List<Stmt> body = body(endNames);
    in.lenient = outerLenient;
    inLoop = outerLoop;
    return body;
  }

  private List<Stmt> scopedBody(String endName) {
    List<Stmt> body = scopedBody(inLoop, endName);
    in.take();
    return body;
  }

  private void statement(List<Stmt> out) {
    Token tag = in.expect(Kind.NAME, "the name of a tag");
    int line = tag.line();
    in.enter();
    switch (tag.text()) {
      case "set" -> out.add(set(line));
      case "if" -> out.add(conditional(line));
      case "for" -> out.add(loop(line));
      case "macro" -> out.add(macro(line));
      case "call" -> out.add(callBlock(line));
      case "filter" -> {
        JinjaNode.Filter filter = filterChain(in.filter(Optional.empty(), false));
        out.add(new JinjaNode.FilterBlock(filter, scopedBody("endfilter"), line));
      }
      case "with" -> out.add(with(line));
      case "generation" ->
          out.add(new JinjaNode.Scoped(functionBody("endgeneration"), false, line));
      case "block" -> out.add(block(line));
      case "print" -> print(out, line);
      case "break", "continue" -> {
        if (!inLoop) {
          throw new JinjaException("'" + tag.text() + "' outside of a loop", line);
        }
        out.add(
            tag.text().equals("break") ? new JinjaNode.Break(line) : new JinjaNode.Continue(line));
      }
      case "autoescape" -> {
        if (!in.expression().equals(new JinjaNode.Const(false))) {
          throw new JinjaException("chat templates cannot turn autoescape on", line);
        }
        out.add(new JinjaNode.Scoped(scopedBody("endautoescape"), false, line));
      }
      case "extends", "include", "import", "from" ->
          throw new JinjaException(
              "'" + tag.text() + "' is not for chat templates: there is no other template", line);
      default -> throw new JinjaException("unknown tag '" + tag.text() + "'", line);
    }
    in.leave();
  }

  private Stmt set(int line) {
    Expr target = in.target(true);
    if (in.skipOperator("=")) {
      return new JinjaNode.Set(target, in.tuple(true, false), line);
    }
    Optional<JinjaNode.Filter> filter = Optional.empty();
    if (in.atOperator("|")) {
      filter = Optional.of(filterChain(in.filter(Optional.empty(), true)));
    }
    return new JinjaNode.SetBlock(target, filter, scopedBody("endset"), line);
  }

  private JinjaNode.Filter filterChain(JinjaNode.Filter first) {
    JinjaNode.Filter filter = first;
    while (in.atOperator("|")) {
      filter = in.filter(Optional.of(filter), true);
    }
    return filter;
  }

  private Stmt conditional(int line) {
    boolean outer = in.lenient;
    in.lenient = true;
    List<JinjaNode.Branch> branches = new ArrayList<>();
    List<Stmt> otherwise = List.of();
    int branchLine = line;
    while (true) {
      Expr test = in.tuple(false, false);
      List<Stmt> body = body("elif", "else", "endif");
      branches.add(new JinjaNode.Branch(test, body, branchLine));
      Token end = in.take();
      if (end.text().equals("elif")) {
        branchLine = end.line();
        continue;
      }
      if (end.text().equals("else")) {
        otherwise = body("endif");
        in.take();
      }
      in.lenient = outer;
      return new JinjaNode.If(branches, otherwise, line);
    }
  }

  private Stmt loop(int line) {
    boolean outer = in.lenient;
    in.lenient = false;
    in.loops++;
    Expr target = in.target(false);
    if (!in.skipName("in")) {
      throw in.fail("expected 'in', got " + PyStr.repr(in.peek().describe()));
    }
    in.lenient = outer;
    Expr iterable = in.tuple(false, false);
    Optional<Expr> filter = in.skipName("if") ? Optional.of(in.expression()) : Optional.empty();
    boolean recursive = in.skipName("recursive");
    List<Stmt> body = scopedBody(true, "endfor", "else");
    List<Stmt> otherwise = List.of();
    if (in.take().text().equals("else")) {
      otherwise = scopedBody("endfor");
    }
    in.loops--;
    return new JinjaNode.For(target, iterable, filter, recursive, body, otherwise, line);
  }

  private Stmt with(int line) {
    List<Expr> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!in.at(Kind.BLOCK_END)) {
      if (!targets.isEmpty()) {
        in.expectOperator(",");
      }
      targets.add(in.target(false));
      in.expectOperator("=");
      values.add(in.expression());
    }
    return new JinjaNode.With(targets, values, scopedBody("endwith"), line);
  }

  private Stmt block(int line) {
    String name = in.targetName();
    in.skipName("scoped");
    in.skipName("required");
    List<Stmt> body = functionBody("endblock");
    in.skipName(name);
    return new JinjaNode.Scoped(body, true, line);
  }

  private void print(List<Stmt> out, int line) {
    boolean first = true;
    while (!in.at(Kind.BLOCK_END)) {
      if (!first) {
        in.expectOperator(",");
      }
      first = false;
      out.add(new JinjaNode.Print(in.expression(), line));
    }
  }

  /** A body that runs as a function: no {@code break} out of it. */
  private List<Stmt> functionBody(String endName) {
    List<Stmt> body = scopedBody(false, endName);
    in.take();
    return body;
  }

  private Stmt macro(int line) {
    String name = in.targetName();
    in.openMacro();
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = parameters(parameters);
    List<Stmt> body = functionBody("endmacro");
    Signature signature = signature(name, parameters, defaults);
    return new JinjaNode.MacroDef(signature, body, line);
  }

  private Signature signature(String name, List<String> parameters, List<Expr> defaults) {
    Set<String> uses = in.closeMacro();
    if (uses.contains("caller")
        && parameters.contains("caller")
        && parameters.indexOf("caller") < parameters.size() - defaults.size()) {
      throw in.fail("a macro's parameter 'caller' needs a default value");
    }
    return new Signature(name, parameters, defaults, uses);
  }

  /** {@code (a, b=1)}: adds the names and gives the defaults of the last ones. */
  private List<Expr> parameters(List<String> names) {
    List<Expr> defaults = new ArrayList<>();
    in.expectOperator("(");
    while (!in.skipOperator(")")) {
      if (!names.isEmpty()) {
        in.expectOperator(",");
      }
      names.add(in.targetName());
      if (in.skipOperator("=")) {
        defaults.add(in.expression());
      } else if (!defaults.isEmpty()) {
        throw in.fail("a parameter without a default follows one with a default");
      }
    }
    if (names.size() != Set.copyOf(names).size()) {
      throw in.fail("a parameter is named twice");
    }
    return defaults;
  }

  private Stmt callBlock(int line) {
    in.openMacro();
    List<String> parameters = new ArrayList<>();
    List<Expr> defaults = in.atOperator("(") ? parameters(parameters) : List.of();
    if (!(in.expression() instanceof JinjaNode.Call call)) {
      throw new JinjaException("'call' needs a call", line);
    }
    List<Stmt> body = functionBody("endcall");
    Signature signature = signature("caller", parameters, defaults);
    return new JinjaNode.CallBlock(signature, call, body, line);
  }
}
