package io.tiefsee.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * GPT-2's printable stand-ins for bytes, in which byte-level vocabularies are written: printable
 * Latin-1 characters stand for themselves, the other 68 bytes are U+0100, U+0101, … in order.
 */
final class ByteAlphabet {
  private static final char[] CHARS = new char[256];
  private static final short[] BYTES = new short[324];

  static {
    Arrays.fill(BYTES, (short) -1);
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      CHARS[b] = (char) (printable ? b : next++);
      BYTES[CHARS[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character that stands for {@code value}, 0 to 255. */
  static char charOf(int value) {
    return CHARS[value];
  }

  /** {@code bytes} in the alphabet. */
  static String write(byte[] bytes) {
    char[] chars = new char[bytes.length];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = CHARS[bytes[i] & 0xFF];
    }
    return new String(chars);
  }

  /** The bytes {@code text} stands for; its UTF-8 form if it is not written in the alphabet. */
  static byte[] read(String text) {
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = text.charAt(i);
      if (c >= BYTES.length || BYTES[c] < 0) {
        return text.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) BYTES[c];
    }
    return bytes;
  }
}
