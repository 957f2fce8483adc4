package io.tiefsee.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.tiefsee.tensor.BadInput;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads little-endian numbers and strings from the start of a mapped file, one after the other.
 * Nothing is read past the end and nothing is allocated that the rest of the file could not fill.
 * The file goes through a window on the heap: a vocabulary is some hundred thousand small reads,
 * which in a program that has just started are far cheaper on an array.
 */
final class HeaderReader {
  private static final int WINDOW = 1 << 16;
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final MappedFile file;
  private final byte[] window;
  private long windowStart;
  private int at;
  private int filled;

  HeaderReader(MappedFile file) {
    this.file = file;
    window = new byte[(int) Math.min(WINDOW, file.size())];
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  long position() {
    return windowStart + at;
  }

  long remaining() {
    return file.size() - position();
  }

  BadInput bad(String what) {
    return file.bad(what);
  }

  private BadInput truncated() {
    return bad("the file ends within its header: it is truncated or damaged");
  }

  /** Makes {@code n} bytes lie in the window, n ≤ WINDOW, and returns where. */
  private int need(int n) {
    if (filled - at < n) {
      if (remaining() < n) {
        throw truncated();
      }
      windowStart = position();
      at = 0;
      filled = (int) Math.min(window.length, file.size() - windowStart);
      MemorySegment.copy(file.data(), JAVA_BYTE, windowStart, window, 0, filled);
    }
    int start = at;
    at += n;
    return start;
  }

  byte i8() {
    return window[need(1)];
  }

  short i16() {
    return (short) SHORT.get(window, need(2));
  }

  int i32() {
    return (int) INT.get(window, need(4));
  }

  long i64() {
    return (long) LONG.get(window, need(8));
  }

  boolean bool() {
    byte b = i8();
    if (b != 0 && b != 1) {
      throw bad("a boolean in the header is " + b);
    }
    return b == 1;
  }

  /**
   * A count of things that take at least {@code eachBytes} each.
   *
   * @throws BadInput if the rest of the file has not room for them
   */
  int count(String what, int eachBytes) {
    long n = i64();
    if (n < 0 || n > remaining() / eachBytes || n > Integer.MAX_VALUE - 8) {
      throw bad(
          "the header tells of "
              + Long.toUnsignedString(n)
              + " "
              + what
              + ", more than the file has room for: it is truncated or damaged");
    }
    return (int) n;
  }

  /** A string: u64 length, then UTF-8. */
  String string() {
    int n = count("bytes in a string", 1);
    String s;
    if (n <= window.length) {
      int start = need(n);
      s = new String(window, start, n, StandardCharsets.UTF_8);
      check(s, window, start, n);
    } else {
      byte[] bytes = new byte[n];
      bytes(bytes);
      s = new String(bytes, StandardCharsets.UTF_8);
      check(s, bytes, 0, n);
    }
    return s;
  }

  /** Fills {@code into} with the next bytes. */
  void bytes(byte[] into) {
    if (remaining() < into.length) {
      throw truncated();
    }
    MemorySegment.copy(file.data(), JAVA_BYTE, position(), into, 0, into.length);
    skip(into.length);
  }

  private void skip(long n) {
    windowStart = position() + n;
    at = 0;
    filled = 0;
  }

  /** Decoding puts U+FFFD where bytes are no UTF-8; it may also have been there in earnest. */
  private void check(String s, byte[] bytes, int from, int n) {
    if (s.indexOf('\uFFFD') < 0) {
      return;
    }
    byte[] again = s.getBytes(StandardCharsets.UTF_8);
    if (!Arrays.equals(again, 0, again.length, bytes, from, from + n)) {
      throw bad("a string in the header is not UTF-8");
    }
  }
}
