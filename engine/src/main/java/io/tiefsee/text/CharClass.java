package io.tiefsee.text;

/**
 * Unicode classes of code points as bit sets, one table look-up for the basic plane. The classes
 * are those the pre-tokenisers' regular expressions name; white space is the Unicode property
 * White_Space, which is what the reference regex engines mean by {@code \s}.
 */
final class CharClass {
  /** {@code \p{L}}. */
  static final int LETTER = 1;

  /** {@code \p{M}}. */
  static final int MARK = 2;

  /** {@code \p{N}}. */
  static final int NUMBER = 4;

  /** {@code \p{P}} or {@code \p{S}}. */
  static final int PUNCTUATION_OR_SYMBOL = 8;

  /** {@code \s}. */
  static final int SPACE = 16;

  /** {@code [\r\n]}, which are {@link #SPACE} too. */
  static final int NEWLINE = 32;

  /** Han, Hiragana and Katakana as DeepSeek-V3 has them: U+4E00–9FA5 and U+3040–30FF. */
  static final int CJK = 64;

  /** ASCII punctuation, all 32 characters. */
  static final int ASCII_PUNCTUATION = 128;

  /** Set where the code point takes two chars. */
  private static final int WIDE = 256;

  private static final int[] BY_TYPE = byType();
  private static final byte[] TABLE = table();

  private CharClass() {}

  private static int[] byType() {
    int[] flags = new int[31];
    for (int type = Character.UPPERCASE_LETTER; type <= Character.OTHER_LETTER; type++) {
      flags[type] = LETTER;
    }
    for (int type = Character.NON_SPACING_MARK; type <= Character.COMBINING_SPACING_MARK; type++) {
      flags[type] = MARK;
    }
    for (int type = Character.DECIMAL_DIGIT_NUMBER; type <= Character.OTHER_NUMBER; type++) {
      flags[type] = NUMBER;
    }
    for (int type = Character.DASH_PUNCTUATION; type <= Character.FINAL_QUOTE_PUNCTUATION; type++) {
      flags[type] = PUNCTUATION_OR_SYMBOL;
    }
    return flags;
  }

  private static byte[] table() {
    byte[] table = new byte[1 << 16];
    for (int c = 0; c < table.length; c++) {
      int flags = BY_TYPE[Character.getType(c)];
      if (isSpace(c)) {
        flags |= SPACE;
      }
      if (c == '\r' || c == '\n') {
        flags |= NEWLINE;
      }
      if (c >= 0x4E00 && c <= 0x9FA5 || c >= 0x3040 && c <= 0x30FF) {
        flags |= CJK;
      }
      if (c < 128 && (flags & PUNCTUATION_OR_SYMBOL) != 0) {
        flags |= ASCII_PUNCTUATION;
      }
      table[c] = (byte) flags;
    }
    return table;
  }

  /** Whether {@code codePoint} has the Unicode property White_Space. */
  static boolean isSpace(int codePoint) {
    return switch (codePoint) {
      case ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
      default ->
          codePoint >= '\t' && codePoint <= '\r' || codePoint >= 0x2000 && codePoint <= 0x200A;
    };
  }

  /** The classes of the code point at {@code text[at]}; pass the result to {@link #length}. */
  static int at(char[] text, int at, int to) {
    char c = text[at];
    if (Character.isHighSurrogate(c) && at + 1 < to && Character.isLowSurrogate(text[at + 1])) {
      return BY_TYPE[Character.getType(Character.toCodePoint(c, text[at + 1]))] | WIDE;
    }
    return TABLE[c] & 0xFF;
  }

  /** How many chars the code point with these classes takes: 1 or 2. */
  static int length(int classes) {
    return 1 + (classes >>> 8);
  }

  /**
   * The end of the run, starting at {@code from}, of code points that have a class of {@code mask}.
   */
  static int run(char[] text, int from, int to, int mask) {
    int i = from;
    while (i < to) {
      int classes = at(text, i, to);
      if ((classes & mask) == 0) {
        break;
      }
      i += length(classes);
    }
    return i;
  }
}
