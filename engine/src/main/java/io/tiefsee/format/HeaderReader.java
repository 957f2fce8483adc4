package io.tiefsee.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Utf8Strings;
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
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
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

  private BadInput notUtf8() {
    return bad("a string in the header is not UTF-8");
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
    if (n < 0 || n > remaining() / eachBytes || n > MAX_ARRAY) {
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

  /** An array of strings: their number, then the strings. */
  Utf8Strings strings() {
    int[] ends = new int[count("strings in an array", 8)];
    byte[] all = new byte[Math.max(16, (int) Math.min(remaining(), 8L * ends.length))];
    int size = 0;
    for (int i = 0; i < ends.length; i++) {
      int n = count("bytes in a string", 1);
      if (all.length - size < n) {
        all = Arrays.copyOf(all, grown(size, n));
      }
      bytes(all, size, n);
      // Where all of them together are UTF-8, each is, unless one begins within a character.
      if (n > 0 && (all[size] & 0xC0) == 0x80) {
        throw notUtf8();
      }
      size += n;
      ends[i] = size;
    }
    if (!isUtf8(all, size)) {
      throw notUtf8();
    }
    return new Utf8Strings(all, ends);
  }

  /** Whether the first {@code n} bytes are well-formed UTF-8 (Unicode 16, table 3-7). */
  private static boolean isUtf8(byte[] bytes, int n) {
    int i = 0;
    while (i < n) {
      int first = bytes[i++];
      if (first >= 0) {
        continue;
      }
      int lead = first & 0xFF;
      int more = lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
      if (more < 0 || n - i < more) {
        return false;
      }
      // No overlong forms, no surrogates, nothing past the last code point.
      int second = bytes[i] & 0xFF;
      int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (second < least || second > most) {
        return false;
      }
      for (int end = i + more; i < end; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
          return false;
        }
      }
    }
    return true;
  }

  private int grown(int size, int n) {
    long least = (long) size + n;
    if (least > MAX_ARRAY) {
      throw bad("the strings of an array in the header take " + least + " bytes and more");
    }
    return (int) Math.min(MAX_ARRAY, Math.max(least, 2L * size));
  }

  /** Fills {@code into} with the next bytes. */
  void bytes(byte[] into) {
    bytes(into, 0, into.length);
  }

  private void bytes(byte[] into, int at, int n) {
    if (n <= window.length) {
      System.arraycopy(window, need(n), into, at, n);
      return;
    }
    if (remaining() < n) {
      throw truncated();
    }
    MemorySegment.copy(file.data(), JAVA_BYTE, position(), into, at, n);
    skip(n);
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
      throw notUtf8();
    }
  }
}
