package io.tiefsee.text;

import static io.tiefsee.text.CharClass.ASCII_PUNCTUATION;
import static io.tiefsee.text.CharClass.LETTER;
import static io.tiefsee.text.CharClass.MARK;
import static io.tiefsee.text.CharClass.NEWLINE;
import static io.tiefsee.text.CharClass.NUMBER;
import static io.tiefsee.text.CharClass.PUNCTUATION_OR_SYMBOL;
import static io.tiefsee.text.CharClass.SPACE;
import static io.tiefsee.text.CharClass.at;
import static io.tiefsee.text.CharClass.length;
import static io.tiefsee.text.CharClass.run;

import java.util.function.IntPredicate;

/**
 * Hand-written equivalents of the regular expressions of the well-known pre-tokenisers: one pass,
 * no backtracking, no recursion. Each method quotes the expression it stands for; {@link
 * RegexSplitter} with the same expression is the slow reference that tests compare with.
 */
final class WordScanners {
  private WordScanners() {}

  /**
   * GPT-2: {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}.
   * Covers every character.
   */
  static PreTokenizer gpt2() {
    return PreTokenizer.scanning((text, from, to) -> {
      char c = text[from];
      if (c == '\'') {
        int end = contraction(text, from, to, false);
        if (end > 0) {
          return end;
        }
      }
      int start = c == ' ' && from + 1 < to ? from + 1 : from;
      int classes = at(text, start, to);
      if ((classes & LETTER) != 0) {
        return run(text, start, to, LETTER);
      }
      if ((classes & NUMBER) != 0) {
        return run(text, start, to, NUMBER);
      }
      if ((classes & SPACE) == 0) {
        return runWithout(text, start, to, SPACE | LETTER | NUMBER);
      }
      return whitespace(text, from, to, false);
    });
  }

  /**
   * GPT-4's and its descendants' (Llama 3, Qwen 2): {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|
   * [^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,maxDigits}|
   * ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}. Covers every character.
   *
   * @param maxDigits how many digits stay together
   * @param marks whether {@code \p{M}} counts as a letter (Qwen 3.5): {@code [\p{L}\p{M}]+}
   */
  static PreTokenizer gpt4(int maxDigits, boolean marks) {
    int letters = marks ? LETTER | MARK : LETTER;
    int notOther = SPACE | NUMBER | letters;
    return PreTokenizer.scanning((text, from, to) -> {
      char c = text[from];
      if (c == '\'') {
        int end = contraction(text, from, to, true);
        if (end > 0) {
          return end;
        }
      }
      int classes = at(text, from, to);
      int next = from + length(classes);
      if ((classes & letters) != 0) {
        return run(text, next, to, letters);
      }
      if ((classes & NUMBER) != 0) {
        return runAtMost(text, next, to, NUMBER, maxDigits - 1);
      }
      int nextClasses = next < to ? at(text, next, to) : SPACE;
      if ((classes & NEWLINE) == 0 && (nextClasses & letters) != 0) {
        return run(text, next, to, letters);
      }
      if ((classes & notOther) == 0 || c == ' ' && (nextClasses & notOther) == 0) {
        return run(text, runWithout(text, next, to, notOther), to, NEWLINE);
      }
      return whitespace(text, from, to, true);
    });
  }

  /**
   * The main expression of DeepSeek-V3 and R1: {@code
   * [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+| [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
   * ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}. What it does not cover (digits, control
   * characters) stays in pieces as long as possible.
   */
  static PreTokenizer deepSeek3() {
    return matchesAndGaps(WordScanners::deepSeek3Match);
  }

  private static int deepSeek3Match(char[] text, int from, int to) {
    int classes = at(text, from, to);
    int next = from + length(classes);
    int nextClasses = next < to ? at(text, next, to) : SPACE;
    if ((classes & ASCII_PUNCTUATION) != 0 && next < to && isAsciiLetter(text[next])) {
      int end = next + 1;
      while (end < to && isAsciiLetter(text[end])) {
        end++;
      }
      return end;
    }
    if ((classes & (LETTER | MARK)) != 0) {
      return run(text, next, to, LETTER | MARK);
    }
    if ((classes & (NEWLINE | PUNCTUATION_OR_SYMBOL)) == 0
        && (nextClasses & (LETTER | MARK)) != 0) {
      return run(text, next, to, LETTER | MARK);
    }
    if ((classes & PUNCTUATION_OR_SYMBOL) != 0
        || text[from] == ' ' && (nextClasses & PUNCTUATION_OR_SYMBOL) != 0) {
      return run(text, run(text, next, to, PUNCTUATION_OR_SYMBOL), to, NEWLINE);
    }
    return (classes & SPACE) != 0 ? whitespace(text, from, to, true) : -1;
  }

  /**
   * Runs of code points of the classes in {@code mask}, cut after {@code max}; and what is between.
   */
  static PreTokenizer runs(int mask, int max) {
    return PreTokenizer.scanning((text, from, to) -> {
      int end = runAtMost(text, from, to, mask, max);
      return end > from ? end : runWithout(text, from, to, mask);
    });
  }

  /** {@code [set]+}, and what is between. */
  static PreTokenizer setRuns(IntPredicate set) {
    return matchesAndGaps((text, from, to) -> {
      int end = setRun(text, from, to, set);
      return end > from ? end : -1;
    });
  }

  /** {@code \s?[set]+}, and what is between. */
  static PreTokenizer spaceAndRun(IntPredicate set) {
    return matchesAndGaps((text, from, to) -> {
      int start = (at(text, from, to) & SPACE) != 0 ? from + 1 : from;
      int end = setRun(text, start, to, set);
      if (end == start && start > from) {
        // The space itself may be in the set.
        start = from;
        end = setRun(text, start, to, set);
      }
      return end > start ? end : -1;
    });
  }

  /** Pieces that {@code match} finds (it gives -1 where there is none) and what is between. */
  private static PreTokenizer matchesAndGaps(PreTokenizer.Scanner match) {
    return PreTokenizer.scanning((text, from, to) -> {
      int end = match.end(text, from, to);
      int at = from;
      while (end < 0) {
        at += length(at(text, at, to));
        end = at < to ? match.end(text, at, to) : at;
      }
      return at > from ? at : end;
    });
  }

  private static int setRun(char[] text, int from, int to, IntPredicate set) {
    int i = from;
    while (i < to && set.test(Character.codePointAt(text, i, to))) {
      i += Character.charCount(Character.codePointAt(text, i, to));
    }
    return i;
  }

  /** {@code \s+$}: white space at the end is a piece of its own. */
  static PreTokenizer trailingSpace() {
    return (text, from, to, out) -> {
      int end = to;
      while (end > from && CharClass.isSpace(text[end - 1])) {
        end--;
      }
      PreTokenizer.WHOLE.split(text, from, end, out);
      PreTokenizer.WHOLE.split(text, end, to, out);
    };
  }

  /**
   * {@code \s*[\r\n]+|\s+(?!\S)|\s+}, the first alternative only with {@code newlines}: up to the
   * last line break of the run; else all of it but the last, which belongs to what follows.
   */
  private static int whitespace(char[] text, int from, int to, boolean newlines) {
    int end = run(text, from, to, SPACE);
    if (newlines) {
      for (int i = end - 1; i >= from; i--) {
        if (text[i] == '\n' || text[i] == '\r') {
          return i + 1;
        }
      }
    }
    return end == to || end == from + 1 ? end : end - 1;
  }

  /**
   * The end of 's, 't, 're, 've, 'm, 'll or 'd at {@code from}, or -1. Where case does not matter
   * the long s (U+017F) is an s, as Unicode's case folding has it.
   */
  private static int contraction(char[] text, int from, int to, boolean anyCase) {
    if (from + 1 >= to) {
      return -1;
    }
    char first = fold(text[from + 1], anyCase);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return from + 2;
    }
    if (from + 2 >= to) {
      return -1;
    }
    char second = fold(text[from + 2], anyCase);
    boolean pair =
        first == 'r' && second == 'e'
            || first == 'v' && second == 'e'
            || first == 'l' && second == 'l';
    return pair ? from + 3 : -1;
  }

  private static char fold(char c, boolean anyCase) {
    if (!anyCase) {
      return c;
    }
    if (c == '\u017F') {
      return 's';
    }
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
  }

  private static boolean isAsciiLetter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static int runAtMost(char[] text, int from, int to, int mask, int max) {
    int i = from;
    for (int n = 0; n < max && i < to; n++) {
      int classes = at(text, i, to);
      if ((classes & mask) == 0) {
        break;
      }
      i += length(classes);
    }
    return i;
  }

  private static int runWithout(char[] text, int from, int to, int mask) {
    int i = from;
    while (i < to) {
      int classes = at(text, i, to);
      if ((classes & mask) != 0) {
        break;
      }
      i += length(classes);
    }
    return i;
  }
}
