package io.tiefsee.text;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Jinja2's tests: what may stand behind {@code is}. */
final class JinjaTests {
  private static final Set<String> NAMES =
      Set.of(
          "odd",
          "even",
          "divisibleby",
          "defined",
          "undefined",
          "filter",
          "test",
          "none",
          "boolean",
          "false",
          "true",
          "integer",
          "float",
          "lower",
          "upper",
          "string",
          "mapping",
          "number",
          "sequence",
          "iterable",
          "callable",
          "sameas",
          "escaped",
          "in",
          "==",
          "eq",
          "equalto",
          "!=",
          "ne",
          ">",
          "gt",
          "greaterthan",
          "ge",
          ">=",
          "<",
          "lt",
          "lessthan",
          "<=",
          "le");

  private JinjaTests() {}

  static boolean exists(String name) {
    return NAMES.contains(name);
  }

  static boolean test(String name, Object value, PyArgs args) {
    if (!exists(name)) {
      throw new JinjaException("no test named '" + name + "'");
    }
    if (Py.isText(value)) {
      args.budget().work(Py.str(value).length());
    }
    return switch (name) {
      case "divisibleby" -> remainder(value, one(args, "num"), args) == 0;
      case "sameas" -> same(value, one(args, "other"));
      case "in" -> PyOps.contains(one(args, "seq"), value, args.budget());
      case "==", "eq", "equalto" -> PyCompare.equal(value, one(args, "b"));
      case "!=", "ne" -> !PyCompare.equal(value, one(args, "b"));
      case ">", "gt", "greaterthan" -> PyCompare.ordered(">", value, one(args, "b"));
      case ">=", "ge" -> PyCompare.ordered(">=", value, one(args, "b"));
      case "<", "lt", "lessthan" -> PyCompare.ordered("<", value, one(args, "b"));
      case "<=", "le" -> PyCompare.ordered("<=", value, one(args, "b"));
      default -> {
        args.bind(0);
        yield plain(name, value, args);
      }
    };
  }

  private static Object one(PyArgs args, String parameter) {
    return args.bind(1, parameter)[0];
  }

  private static boolean plain(String name, Object value, PyArgs args) {
    return switch (name) {
      case "defined" -> !(value instanceof Py.Undefined);
      case "undefined" -> value instanceof Py.Undefined;
      case "none" -> value == Py.NONE;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value instanceof Boolean b && b;
      case "false" -> value instanceof Boolean b && !b;
      case "integer" -> PyNumbers.isInt(value) && !(value instanceof Boolean);
      case "float" -> value instanceof Double;
      case "number" -> PyNumbers.isNumber(value);
      case "string" -> Py.isText(value);
      case "mapping" -> value instanceof Map;
      case "sequence" ->
          Py.isText(value)
              || value instanceof List
              || value instanceof Map
              || value instanceof Py.Undefined;
      case "iterable" -> Py.isIterable(value);
      case "callable" -> value instanceof Py.Callable || value instanceof Py.Undefined;
      case "escaped" -> value instanceof Py.Markup;
      case "lower" -> PyStr.allCase(Py.str(value), false);
      case "upper" -> PyStr.allCase(Py.str(value), true);
      case "odd" -> remainder(value, 2L, args) == 1;
      case "even" -> remainder(value, 2L, args) == 0;
      case "filter" -> JinjaFilters.exists(Py.str(value));
      default -> exists(Py.str(value));
    };
  }

  /** {@code value % by}, as -1 where it is no small whole number. */
  private static int remainder(Object value, Object by, PyArgs args) {
    Object r = PyOps.binary("%", value, by, args.budget());
    return PyCompare.equal(r, 0L) ? 0 : PyCompare.equal(r, 1L) ? 1 : -1;
  }

  /** Python's {@code is}, as far as it means something: single values and small ints are one. */
  private static boolean same(Object a, Object b) {
    if (a instanceof Boolean || a instanceof Long || a instanceof String) {
      return a.equals(b);
    }
    return a == b;
  }
}
