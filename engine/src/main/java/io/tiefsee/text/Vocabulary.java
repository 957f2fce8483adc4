package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** The two-way map between token ids and token texts. Ids may have holes. Immutable once built. */
final class Vocabulary {
  /** Far above any real vocabulary; keeps a broken file from asking for gigabytes. */
  static final int MAX_ID = 1 << 24;

  private String[] texts;
  private final Map<String, Integer> ids;
  private int size;

  Vocabulary(int expected) {
    texts = new String[Math.max(16, expected)];
    ids = HashMap.newHashMap(expected);
  }

  /** Adds a token; a {@link BadInput} if its id or its text is taken already. */
  void add(String text, long id) {
    if (id < 0 || id > MAX_ID) {
      throw new BadInput("the vocabulary gives " + quote(text) + " the impossible id " + id);
    }
    int index = (int) id;
    if (index >= texts.length) {
      texts = Arrays.copyOf(texts, Math.max(index + 1, texts.length + texts.length / 2));
    }
    if (texts[index] != null) {
      throw new BadInput(
          "the vocabulary gives id "
              + id
              + " to both "
              + quote(texts[index])
              + " and "
              + quote(text));
    }
    Integer other = ids.putIfAbsent(text, index);
    if (other != null) {
      throw new BadInput(
          "the vocabulary gives " + quote(text) + " both ids " + other + " and " + id);
    }
    texts[index] = text;
    size = Math.max(size, index + 1);
  }

  /** The largest id plus one. */
  int size() {
    return size;
  }

  boolean has(int id) {
    return id >= 0 && id < size && texts[id] != null;
  }

  /** The token's text, empty where there is no such token. */
  String text(int id) {
    return has(id) ? texts[id] : "";
  }

  OptionalInt id(String text) {
    Integer id = ids.get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** The token's id, or -1. */
  int idOrMinus(String text) {
    Integer id = ids.get(text);
    return id == null ? -1 : id;
  }

  /** For messages: shortened and on one line. */
  static String quote(String text) {
    String line = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    return "'" + line.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
