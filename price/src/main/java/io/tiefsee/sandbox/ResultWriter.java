package io.tiefsee.sandbox;

import java.math.BigInteger;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.NativeObject;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/**
 * Writes a program's value as JSON. The program's own {@code toJSON} and {@code JSON.stringify} are
 * not asked.
 */
final class ResultWriter {
  private static final int MAX_DEPTH = 30;
  private static final double LARGEST_WHOLE = 1L << 53;

  private final int most;
  private final StringBuilder json = new StringBuilder();

  ResultWriter(int most) {
    this.most = most;
  }

  /** The value is too large, or is none of JSON's. */
  static final class NotPlain extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotPlain(String why) {
      super(why, null, false, false);
    }
  }

  /**
   * @throws NotPlain if the value is not made of numbers, strings, truth values, null, arrays and
   *     plain objects, or is too large
   */
  String write(Object value) {
    write(value, 0);
    return json.toString();
  }

  private void write(Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new NotPlain("it returns something too deeply nested");
    }
    switch (value) {
      case null -> add("null");
      case Boolean b -> add(b.toString());
      case BigInteger i -> add(i.bitLength() > 8L * most ? tooLong() : i.toString());
      case Number n -> number(n.doubleValue());
      case CharSequence s -> string(s);
      case NativeArray array -> array(array, depth);
      case NativeObject object -> object(object, depth);
      default ->
          throw new NotPlain(
              Undefined.isUndefined(value)
                  ? "it returns nothing"
                  : "it returns neither a number, a string, a truth value nor an array");
    }
  }

  private static String tooLong() {
    throw new NotPlain("it returns too much");
  }

  private void add(String text) {
    if (json.length() + text.length() > most) {
      tooLong();
    }
    json.append(text);
  }

  private void number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new NotPlain("it returns " + (Double.isNaN(value) ? "NaN" : "Infinity"));
    }
    boolean whole = value == Math.rint(value) && Math.abs(value) < LARGEST_WHOLE;
    add(whole ? Long.toString((long) value) : Double.toString(value));
  }

  private void string(CharSequence text) {
    if (text.length() > most) {
      tooLong();
    }
    String string = text.toString();
    add("\"");
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      boolean plain = c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate(c);
      add(plain ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    add("\"");
  }

  private void array(NativeArray array, int depth) {
    if (array.getLength() > most) {
      tooLong();
    }
    add("[");
    for (int i = 0; i < array.getLength(); i++) {
      add(i == 0 ? "" : ",");
      write(ScriptableObject.getProperty(array, i), depth + 1);
    }
    add("]");
  }

  private void object(NativeObject object, int depth) {
    add("{");
    boolean first = true;
    for (Object id : object.getIds()) {
      add(first ? "" : ",");
      first = false;
      string(id.toString());
      add(":");
      Object value =
          id instanceof Integer index
              ? ScriptableObject.getProperty(object, index)
              : ScriptableObject.getProperty(object, id.toString());
      write(value, depth + 1);
    }
    add("}");
  }
}
