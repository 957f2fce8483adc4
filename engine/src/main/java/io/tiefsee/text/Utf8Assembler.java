package io.tiefsee.text;

/**
 * Turns bytes that come in any portions into characters, never half of one. What is not UTF-8
 * becomes one U+FFFD for each maximal ill-formed part (the Unicode standard's practice, also the
 * reference tokenizers'; java.lang.String differs for surrogates). Not thread-safe.
 */
final class Utf8Assembler {
  private static final char REPLACEMENT = '\uFFFD';

  private int codePoint;
  private int missing;
  // The range the next continuation byte must be in: E0, ED, F0 and F4 narrow it.
  private int lower = 0x80;
  private int upper = 0xBF;

  /** Appends to {@code out} the characters that {@code bytes} complete. */
  void accept(byte[] bytes, StringBuilder out) {
    for (byte b : bytes) {
      accept(b & 0xFF, out);
    }
  }

  private void accept(int b, StringBuilder out) {
    if (missing > 0) {
      if (b >= lower && b <= upper) {
        codePoint = codePoint << 6 | b & 0x3F;
        lower = 0x80;
        upper = 0xBF;
        if (--missing == 0) {
          out.appendCodePoint(codePoint);
        }
        return;
      }
      flush(out);
    }
    if (b < 0x80) {
      out.append((char) b);
    } else if (b >= 0xC2 && b <= 0xDF) {
      begin(1, b & 0x1F);
    } else if (b >= 0xE0 && b <= 0xEF) {
      lower = b == 0xE0 ? 0xA0 : 0x80;
      upper = b == 0xED ? 0x9F : 0xBF;
      begin(2, b & 0x0F);
    } else if (b >= 0xF0 && b <= 0xF4) {
      lower = b == 0xF0 ? 0x90 : 0x80;
      upper = b == 0xF4 ? 0x8F : 0xBF;
      begin(3, b & 0x07);
    } else {
      out.append(REPLACEMENT);
    }
  }

  private void begin(int continuationBytes, int bits) {
    missing = continuationBytes;
    codePoint = bits;
  }

  /** Appends U+FFFD where a character has begun and is not complete. */
  void flush(StringBuilder out) {
    if (missing > 0) {
      out.append(REPLACEMENT);
      missing = 0;
      lower = 0x80;
      upper = 0xBF;
    }
  }
}
