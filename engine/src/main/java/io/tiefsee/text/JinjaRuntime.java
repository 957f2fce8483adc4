package io.tiefsee.text;

import io.tiefsee.text.JinjaNode.Expr;
import io.tiefsee.text.JinjaNode.Stmt;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a parsed template: statements here, expressions in {@link #evaluate}. One object a
 * rendering, not thread-safe; the tree it walks is shared and never changes.
 *
 * <p>Names live in scopes: {@code if} has none of its own, everything else that has a body does,
 * and a loop has a fresh one for each element, so that only a namespace carries a value out of it.
 */
final class JinjaRuntime {
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final JinjaBudget budget = new JinjaBudget();

  /** The line that runs, for error messages. */
  private int line = 1;

  /** Renders {@code template}; {@code names} are the outermost scope and are changed by it. */
  static String render(List<Stmt> template, Map<String, Object> names) {
    JinjaRuntime runtime = new JinjaRuntime();
    try {
      return ScopedValue.where(JinjaBudget.CURRENT, runtime.budget)
          .call(() -> runtime.render(template, new JinjaScope(names)));
    } catch (JinjaException e) {
      throw e.at(runtime.line);
    } catch (StackOverflowError _) { // the caller's thread has a small stack
      throw new JinjaException("the template is nested too deeply for this thread", runtime.line);
    }
  }

  String render(List<Stmt> body, JinjaScope scope) {
    StringBuilder out = new StringBuilder();
    run(body, scope, out);
    return out.toString();
  }

  private Flow run(List<Stmt> body, JinjaScope scope, StringBuilder out) {
    budget.enter();
    Flow flow = Flow.NEXT;
    for (int i = 0; i < body.size() && flow == Flow.NEXT; i++) {
      Stmt statement = body.get(i);
      line = statement.line();
      flow = run(statement, scope, out);
    }
    budget.leave();
    return flow;
  }

  private Flow run(Stmt statement, JinjaScope scope, StringBuilder out) {
    switch (statement) {
      case JinjaNode.Text s -> write(s.text(), out);
      case JinjaNode.Print s -> write(Py.str(evaluate(s.value(), scope)), out);
      case JinjaNode.Set s -> assign(s.target(), evaluate(s.value(), scope), scope);
      case JinjaNode.If s -> {
        return conditional(s, scope, out);
      }
      case JinjaNode.For s -> loop(s, evaluate(s.iterable(), scope), 0, scope, out);
      case JinjaNode.SetBlock s -> {
        Object text = render(s.body(), scope.inner());
        assign(
            s.target(), s.filter().isEmpty() ? text : piped(s.filter().get(), text, scope), scope);
      }
      case JinjaNode.FilterBlock s ->
          write(Py.str(piped(s.filter(), render(s.body(), scope.inner()), scope)), out);
      case JinjaNode.With s -> {
        JinjaScope inner = scope.inner();
        for (int i = 0; i < s.targets().size(); i++) {
          assign(s.targets().get(i), evaluate(s.values().get(i), scope), inner);
        }
        return run(s.body(), inner, out);
      }
      case JinjaNode.Scoped s -> {
        return run(s.body(), (s.atRoot() ? scope.root() : scope).inner(), out);
      }
      case JinjaNode.MacroDef s ->
          scope.set(s.signature().name(), new JinjaMacro(s.signature(), s.body(), scope, this));
      case JinjaNode.CallBlock s -> {
        Py.Callable caller = new JinjaMacro(s.signature(), s.body(), scope, this);
        write(Py.str(call(s.call(), Optional.of(caller), scope)), out);
      }
      case JinjaNode.Break _ -> {
        return Flow.BREAK;
      }
      case JinjaNode.Continue _ -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.NEXT;
  }

  private void write(String text, StringBuilder out) {
    budget.characters(out.length() > JinjaBudget.MAX_SIZE ? out.length() : text.length());
    out.append(text);
  }

  private Flow conditional(JinjaNode.If s, JinjaScope scope, StringBuilder out) {
    for (JinjaNode.Branch branch : s.branches()) {
      line = branch.line();
      if (Py.truth(evaluate(branch.test(), scope))) {
        return run(branch.body(), scope, out);
      }
    }
    return run(s.otherwise(), scope, out);
  }

  private void loop(
      JinjaNode.For s, Object iterable, int depth, JinjaScope scope, StringBuilder out) {
    Object items = iterable;
    if (s.filter().isPresent()) {
      Expr test = s.filter().get();
      Iterator<Object> all = Py.iterate(iterable);
      items =
          new Py.Iter(
              JinjaIterators.filtered(
                  all,
                  item -> {
                    JinjaScope inner = scope.inner();
                    assign(s.target(), item, inner);
                    return Py.truth(evaluate(test, inner));
                  },
                  budget));
    }
    JinjaLoop loop =
        new JinjaLoop(
            items,
            s.recursive()
                ? Optional.of((children, level) -> again(s, children, level, scope))
                : Optional.empty(),
            depth);
    boolean completed = false; // Jinja2: a body that was never run to its end counts as none
    while (loop.advance()) {
      budget.step();
      JinjaScope inner = scope.inner();
      inner.set("loop", loop);
      assign(s.target(), loop.current(), inner);
      Flow flow = run(s.body(), inner, out);
      if (flow == Flow.BREAK) {
        break;
      }
      completed |= flow == Flow.NEXT;
      line = s.line();
    }
    if (!completed) {
      run(s.otherwise(), scope.inner(), out);
    }
  }

  private String again(JinjaNode.For s, Object children, int depth, JinjaScope scope) {
    StringBuilder out = new StringBuilder();
    loop(s, children, depth, scope, out);
    return out.toString();
  }

  private void assign(Expr target, Object value, JinjaScope scope) {
    switch (target) {
      case JinjaNode.Name n -> scope.set(n.name(), value);
      case JinjaNode.NamespaceRef ref -> {
        if (!(scope.get(ref.name()) instanceof Py.Namespace namespace)) {
          throw new JinjaException("cannot assign attribute on non-namespace object");
        }
        namespace.attributes().put(ref.attribute(), value);
      }
      case JinjaNode.TupleOf t -> {
        int n = t.items().size();
        List<Object> values = new ArrayList<>();
        Iterator<Object> it = Py.iterate(value);
        while (it.hasNext() && values.size() <= n) {
          values.add(it.next());
        }
        if (values.size() != n) {
          throw new JinjaException(
              "expected "
                  + n
                  + " values to unpack, got "
                  + (values.size() > n ? "more" : values.size()));
        }
        for (int i = 0; i < n; i++) {
          assign(t.items().get(i), values.get(i), scope);
        }
      }
      default -> throw new JinjaException("cannot assign to this expression");
    }
  }

  /** The value of an expression. */
  Object evaluate(Expr e, JinjaScope scope) {
    switch (e) {
      case JinjaNode.Const c -> {
        return c.value();
      }
      case JinjaNode.Name n -> {
        budget.step();
        return scope.get(n.name());
      }
      default -> {
        budget.enter();
        Object value = compound(e, scope);
        budget.leave();
        return value;
      }
    }
  }

  private Object compound(Expr e, JinjaScope scope) {
    return switch (e) {
      case JinjaNode.Attribute a -> {
        Object object = evaluate(a.object(), scope);
        line = a.line();
        yield PyOps.attribute(object, a.name());
      }
      case JinjaNode.Item i -> item(i, scope);
      case JinjaNode.Call c -> call(c, Optional.empty(), scope);
      case JinjaNode.Filter f -> {
        Object input = evaluate(f.input().orElseThrow(), scope);
        yield filter(f, input, scope);
      }
      case JinjaNode.Test t -> {
        Object input = evaluate(t.input(), scope);
        PyArgs args = arguments(t.name(), t.arguments(), scope);
        line = t.line();
        yield JinjaTests.test(t.name(), input, args);
      }
      case JinjaNode.Binary b -> {
        Object left = evaluate(b.left(), scope);
        yield PyOps.binary(b.operator(), left, evaluate(b.right(), scope), budget);
      }
      case JinjaNode.Unary u -> PyOps.unary(u.operator(), evaluate(u.operand(), scope));
      case JinjaNode.Compare c -> compare(c, scope);
      case JinjaNode.Concat c -> {
        StringBuilder text = new StringBuilder();
        for (Expr part : c.parts()) {
          write(Py.str(evaluate(part, scope)), text);
        }
        yield text.toString();
      }
      case JinjaNode.Not n -> !Py.truth(evaluate(n.operand(), scope));
      case JinjaNode.And a -> {
        Object left = evaluate(a.left(), scope);
        yield Py.truth(left) ? evaluate(a.right(), scope) : left;
      }
      case JinjaNode.Or o -> {
        Object left = evaluate(o.left(), scope);
        yield Py.truth(left) ? left : evaluate(o.right(), scope);
      }
      case JinjaNode.Conditional c -> {
        boolean test = Py.truth(evaluate(c.test(), scope));
        if (!test && c.otherwise().isEmpty()) {
          yield new Py.Undefined(
              "the inline if-expression evaluated to false and no else section was defined");
        }
        yield evaluate(test ? c.then() : c.otherwise().get(), scope);
      }
      case JinjaNode.ListOf l -> values(l.items(), scope);
      case JinjaNode.TupleOf t -> Py.Tuple.of(values(t.items(), scope));
      case JinjaNode.DictOf d -> {
        Map<Object, Object> dict = new LinkedHashMap<>();
        for (JinjaNode.Pair p : d.items()) {
          Object key = evaluate(p.key(), scope);
          PyDict.put(dict, key, evaluate(p.value(), scope));
        }
        yield dict;
      }
      case JinjaNode.NamespaceRef ref -> PyOps.attribute(scope.get(ref.name()), ref.attribute());
      case JinjaNode.Slice _ -> throw new JinjaException("a slice cannot stand in a tuple");
      case JinjaNode.Const c -> c.value();
      case JinjaNode.Name n -> scope.get(n.name());
    };
  }

  private List<Object> values(List<Expr> items, JinjaScope scope) {
    List<Object> values = new ArrayList<>(items.size());
    for (Expr item : items) {
      values.add(evaluate(item, scope));
    }
    return values;
  }

  private Object item(JinjaNode.Item i, JinjaScope scope) {
    Object object = evaluate(i.object(), scope);
    if (i.index() instanceof JinjaNode.Slice s) {
      Object start = bound(s.start(), scope);
      Object stop = bound(s.stop(), scope);
      Object step = bound(s.step(), scope);
      line = i.line();
      return PyOps.slice(object, start, stop, step, budget);
    }
    Object index = evaluate(i.index(), scope);
    line = i.line();
    return PyOps.item(object, index);
  }

  private Object bound(Optional<Expr> e, JinjaScope scope) {
    return e.isPresent() ? evaluate(e.get(), scope) : Py.NONE;
  }

  private boolean compare(JinjaNode.Compare c, JinjaScope scope) {
    Object left = evaluate(c.first(), scope);
    for (JinjaNode.Operand operand : c.operands()) {
      Object right = evaluate(operand.value(), scope);
      if (!PyOps.compare(operand.operator(), left, right, budget)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Object filter(JinjaNode.Filter f, Object input, JinjaScope scope) {
    PyArgs args = arguments(f.name(), f.arguments(), scope);
    line = f.line();
    return JinjaFilters.apply(f.name(), input, args);
  }

  /** A chain of filters whose first one has no input of its own. */
  private Object piped(JinjaNode.Filter f, Object input, JinjaScope scope) {
    budget.enter();
    Object value =
        f.input().isPresent() && f.input().get() instanceof JinjaNode.Filter first
            ? piped(first, input, scope)
            : input;
    Object result = filter(f, value, scope);
    budget.leave();
    return result;
  }

  private Object call(JinjaNode.Call c, Optional<Py.Callable> caller, JinjaScope scope) {
    Object function = evaluate(c.function(), scope);
    String name =
        switch (c.function()) {
          case JinjaNode.Name n -> n.name();
          case JinjaNode.Attribute a -> a.name();
          default -> "function";
        };
    PyArgs args = arguments(name, c.arguments(), scope);
    caller.ifPresent(f -> args.named().put("caller", f));
    line = c.line();
    return switch (function) {
      case Py.Callable f -> f.call(args);
      case Py.Undefined u -> throw u.error();
      default -> throw new JinjaException("'" + Py.typeName(function) + "' object is not callable");
    };
  }

  private PyArgs arguments(String function, JinjaNode.Arguments a, JinjaScope scope) {
    List<Object> positional = values(a.positional(), scope);
    Map<String, Object> named = new LinkedHashMap<>();
    a.star()
        .ifPresent(star ->
            Py.iterate(evaluate(star, scope))
                .forEachRemaining(v -> {
                  budget.step();
                  positional.add(v);
                }));
    for (JinjaNode.Keyword k : a.named()) {
      named.put(k.name(), evaluate(k.value(), scope));
    }
    if (a.starStar().isPresent()) {
      if (!(evaluate(a.starStar().get(), scope) instanceof Map<?, ?> more)) {
        throw new JinjaException(function + "() argument after ** must be a mapping");
      }
      more.forEach((k, v) -> {
        if (named.put(Py.text(k, "a keyword"), v) != null) {
          throw new JinjaException(
              function + "() got multiple values for keyword argument " + Py.repr(k));
        }
      });
    }
    return new PyArgs(function, positional, named, budget);
  }
}
