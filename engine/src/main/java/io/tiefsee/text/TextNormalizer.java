package io.tiefsee.text;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites text before it is cut into pieces, as tokenizer.json's {@code normalizer} says. */
@FunctionalInterface
interface TextNormalizer {
  TextNormalizer NONE = text -> text;

  String apply(String text);

  /** All of them, one after the other. */
  static TextNormalizer sequence(List<TextNormalizer> steps) {
    return steps.stream()
        .reduce((first, second) -> text -> second.apply(first.apply(text)))
        .orElse(NONE);
  }

  /** One of Unicode's normalisation forms. */
  static TextNormalizer unicode(Normalizer.Form form) {
    // Below U+0300 (composed) or U+0080 (all forms) every character is its own normal form.
    int inert = form == Normalizer.Form.NFC ? 0x300 : 0x80;
    return text -> {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) >= inert) {
          return Normalizer.normalize(text, form);
        }
      }
      return text;
    };
  }

  /** Puts {@code prefix} before text that is not empty. */
  static TextNormalizer prepend(String prefix) {
    return text -> text.isEmpty() ? text : prefix + text;
  }

  /** Replaces a string. */
  static TextNormalizer replace(String from, String to) {
    return text -> text.replace(from, to);
  }

  /** Replaces the matches of an expression by a literal text. */
  static TextNormalizer replace(Pattern from, String to) {
    return text -> from.matcher(text).replaceAll(Matcher.quoteReplacement(to));
  }

  /** Lower case, each character on its own (the final sigma is not special). */
  static TextNormalizer lowercase() {
    return text -> {
      StringBuilder out = new StringBuilder(text.length());
      text.codePoints().forEach(c -> out.append(Character.toString(c).toLowerCase(Locale.ROOT)));
      return out.toString();
    };
  }

  /** Takes white space off the ends. */
  static TextNormalizer strip(boolean left, boolean right) {
    return text -> {
      int from = 0;
      int to = text.length();
      while (left && from < to && CharClass.isSpace(text.charAt(from))) {
        from++;
      }
      while (right && to > from && CharClass.isSpace(text.charAt(to - 1))) {
        to--;
      }
      return text.substring(from, to);
    };
  }
}
