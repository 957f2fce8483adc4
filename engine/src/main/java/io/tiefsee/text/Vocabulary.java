package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The two-way map between token ids and token texts. Ids may have holes. The texts are UTF-8 in one
 * array, and a flat open-addressing hash table finds them there: to read a vocabulary makes no
 * objects. Immutable once built.
 */
final class Vocabulary {
  /** Far above any real vocabulary; keeps a broken file from asking for gigabytes. */
  static final int MAX_ID = 1 << 24;

  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int used;

  /** Of each id, where its text begins, and how long it is or -1. */
  private int[] starts;

  private int[] lengths;

  /** Ids plus one, 0 where free; at most half full, its size a power of two. */
  private int[] table;

  private int count;
  private int size;

  Vocabulary(int expected) {
    bytes = new byte[8 * Math.max(16, expected)];
    starts = new int[Math.max(16, expected)];
    lengths = new int[starts.length];
    Arrays.fill(lengths, -1);
    table = new int[Integer.highestOneBit(starts.length) << 2];
  }

  /** Adds a token; a {@link BadInput} if its id or its text is taken already. */
  void add(String text, long id) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    add(utf8, 0, utf8.length, id);
  }

  /** Adds the token whose text is {@code utf8[from..to)}. */
  void add(byte[] utf8, int from, int to, long id) {
    if (id < 0 || id > MAX_ID) {
      throw new BadInput(
          "the vocabulary gives " + quote(utf8, from, to) + " the impossible id " + id);
    }
    int index = (int) id;
    if (has(index)) {
      throw new BadInput(
          "the vocabulary gives id "
              + id
              + " to both "
              + quote(text(index))
              + " and "
              + quote(utf8, from, to));
    }
    int slot = slot(utf8, from, to);
    if (table[slot] != 0) {
      throw new BadInput(
          "the vocabulary gives "
              + quote(utf8, from, to)
              + " both ids "
              + (table[slot] - 1)
              + " and "
              + id);
    }
    makeRoom(index, to - from);
    System.arraycopy(utf8, from, bytes, used, to - from);
    starts[index] = used;
    lengths[index] = to - from;
    used += to - from;
    table[slot] = index + 1;
    size = Math.max(size, index + 1);
    if (2 * ++count > table.length) {
      rehash();
    }
  }

  private void makeRoom(int id, int length) {
    if (bytes.length - used < length) {
      long least = (long) used + length;
      if (least > MAX_BYTES) {
        throw new BadInput("the vocabulary's texts take " + least + " bytes and more");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(least, 2L * used)));
    }
    if (id >= starts.length) {
      int old = starts.length;
      starts = Arrays.copyOf(starts, Math.max(id + 1, old + old / 2));
      lengths = Arrays.copyOf(lengths, starts.length);
      Arrays.fill(lengths, old, lengths.length, -1);
    }
  }

  private void rehash() {
    table = new int[2 * table.length];
    for (int id = 0; id < size; id++) {
      if (has(id)) {
        table[slot(bytes, starts[id], starts[id] + lengths[id])] = id + 1;
      }
    }
  }

  /** Where the text is in the table, or where it would be put. */
  private int slot(byte[] utf8, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + utf8[i];
    }
    hash *= 0x9E3779B9;
    int at = (hash ^ hash >>> 15) & table.length - 1;
    while (table[at] != 0 && !same(table[at] - 1, utf8, from, to)) {
      at = at + 1 & table.length - 1;
    }
    return at;
  }

  private boolean same(int id, byte[] utf8, int from, int to) {
    if (lengths[id] != to - from) {
      return false;
    }
    int start = starts[id];
    for (int i = from; i < to; i++) {
      if (utf8[i] != bytes[start + i - from]) {
        return false;
      }
    }
    return true;
  }

  /** The largest id plus one. */
  int size() {
    return size;
  }

  boolean has(int id) {
    return id >= 0 && id < size && lengths[id] >= 0;
  }

  /** The token's text, empty where there is no such token. */
  String text(int id) {
    return has(id) ? new String(bytes, starts[id], lengths[id], StandardCharsets.UTF_8) : "";
  }

  OptionalInt id(String text) {
    int id = idOrMinus(text);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** The token's id, or -1. */
  int idOrMinus(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return idOrMinus(utf8, 0, utf8.length);
  }

  /** The id of the token whose text is {@code utf8[from..to)}, or -1. */
  int idOrMinus(byte[] utf8, int from, int to) {
    return table[slot(utf8, from, to)] - 1;
  }

  private static String quote(byte[] utf8, int from, int to) {
    return quote(new String(utf8, from, to - from, StandardCharsets.UTF_8));
  }

  /** For messages: shortened and on one line. */
  static String quote(String text) {
    String line = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    return "'" + line.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
