package io.tiefsee.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * A list of strings as UTF-8, one behind the other in one array. A vocabulary of a hundred thousand
 * tokens is two objects instead of as many; {@link #get} makes a string each time. Immutable.
 */
public final class Utf8Strings extends AbstractList<String> implements RandomAccess {
  private final byte[] bytes;
  private final int[] ends;

  /**
   * @param bytes well-formed UTF-8; not to be changed any more
   * @param ends where in {@code bytes} each string ends and the next begins
   */
  public Utf8Strings(byte[] bytes, int[] ends) {
    this.bytes = bytes;
    this.ends = ends;
  }

  public static Utf8Strings of(List<String> strings) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int[] ends = new int[strings.size()];
    for (int i = 0; i < ends.length; i++) {
      bytes.writeBytes(strings.get(i).getBytes(StandardCharsets.UTF_8));
      ends[i] = bytes.size();
    }
    return new Utf8Strings(bytes.toByteArray(), ends);
  }

  /** The array in which all strings lie; for reading. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where string {@code i} begins. */
  public int start(int i) {
    return i == 0 ? 0 : ends[i - 1];
  }

  /** Where string {@code i} ends. */
  public int end(int i) {
    return ends[i];
  }

  @Override
  public String get(int i) {
    int start = start(Objects.checkIndex(i, ends.length));
    return new String(bytes, start, ends[i] - start, StandardCharsets.UTF_8);
  }

  @Override
  public int size() {
    return ends.length;
  }
}
