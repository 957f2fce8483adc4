package io.tiefsee.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/** What Python's {@code repr} gives: the text of a value as it would stand in a program. */
final class PyRepr {
  private PyRepr() {}

  static String of(Object v) {
    return repr(v, 0);
  }

  private static String repr(Object v, int depth) {
    Py.checkNesting(depth);
    return switch (v) {
      case Py.None _ -> "None";
      case Py.Undefined _ -> "Undefined";
      case String s -> PyStr.repr(s);
      case Py.Markup m -> "Markup(" + PyStr.repr(m.text()) + ")";
      case Py.Range r ->
          "range(" + r.start + ", " + r.stop + (r.step == 1 ? ")" : ", " + r.step + ")");
      case Py.Tuple t -> join(t, depth, "(", t.size() == 1 ? ",)" : ")");
      case List<?> l -> join(l, depth, "[", "]");
      case Map<?, ?> m -> {
        StringJoiner out = joiner("{", "}");
        long size = 0;
        for (Map.Entry<?, ?> e : m.entrySet()) {
          String item = repr(e.getKey(), depth + 1) + ": " + repr(e.getValue(), depth + 1);
          size = checkSize(size + item.length());
          out.add(item);
        }
        yield out.toString();
      }
      case Py.DictView d -> {
        List<Object> items = new ArrayList<>();
        d.iterator().forEachRemaining(items::add);
        yield "dict_" + d.kind() + "(" + repr(items, depth + 1) + ")";
      }
      case Py.Namespace n -> "<Namespace " + repr(n.attributes(), depth + 1) + ">";
      case JinjaLoop loop -> loop.toString();
      case JinjaMacro macro -> macro.toString();
      default -> PyNumbers.isNumber(v) ? PyNumbers.str(v) : "<" + Py.typeName(v) + " object>";
    };
  }

  private static String join(Collection<?> items, int depth, String open, String close) {
    StringJoiner out = joiner(open, close);
    long size = 0;
    for (Object item : items) {
      String text = repr(item, depth + 1);
      size = checkSize(size + text.length());
      out.add(text);
    }
    return out.toString();
  }

  private static StringJoiner joiner(String open, String close) {
    return new StringJoiner(", ", open, close);
  }

  private static long checkSize(long size) {
    if (size > JinjaBudget.MAX_SIZE) {
      throw new JinjaException("the template prints too large a value");
    }
    return size;
  }
}
