package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The pre-tokeniser {@code Split} of tokenizer.json for patterns that {@link WordScanners} does not
 * know. The pattern is written for Oniguruma and is translated for {@link Pattern} first: scripts
 * are {@code \p{IsHan}}, {@code \h} is a hexadecimal digit, {@code ^ $} mean lines ending in {@code
 * \n}, and classes like {@code \s \w} are Unicode's.
 */
final class RegexSplitter implements PreTokenizer {
  /** What becomes of the matches of the pattern. */
  enum Behavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS;

    static Behavior of(String name) {
      return switch (name) {
        case "Removed" -> REMOVED;
        case "Isolated" -> ISOLATED;
        case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
        case "MergedWithNext" -> MERGED_WITH_NEXT;
        case "Contiguous" -> CONTIGUOUS;
        default -> throw new BadInput("tokenizer.json: unknown split behavior '" + name + "'");
      };
    }
  }

  private record Span(int from, int to, boolean match) {}

  private final Pattern pattern;
  private final Behavior behavior;
  private final boolean invert;

  RegexSplitter(Pattern pattern, Behavior behavior, boolean invert) {
    this.pattern = pattern;
    this.behavior = behavior;
    this.invert = invert;
  }

  /** The splitter for an exact well-known expression, where there is a faster one. */
  static Optional<PreTokenizer> wellKnown(String regex, Behavior behavior, boolean invert) {
    boolean isolated = behavior == Behavior.ISOLATED;
    // These expressions match every character, so that keeping only matches is keeping everything.
    if (isolated || behavior == Behavior.REMOVED && invert) {
      switch (regex) {
        case GPT2, GPT2 + "|\\s+" -> {
          return Optional.of(WordScanners.gpt2());
        }
        case LLAMA3, LLAMA3_EXPLICIT -> {
          return Optional.of(WordScanners.gpt4(3, false));
        }
        case QWEN2, QWEN2_EXPLICIT -> {
          return Optional.of(WordScanners.gpt4(1, false));
        }
        case QWEN35 -> {
          return Optional.of(WordScanners.gpt4(1, true));
        }
        default -> {}
      }
    }
    if (!isolated) {
      return Optional.empty();
    }
    return switch (regex) {
      case DEEPSEEK3, DEEPSEEK3_ESCAPED -> Optional.of(WordScanners.deepSeek3());
      case DEEPSEEK3_CJK -> Optional.of(WordScanners.runs(CharClass.CJK, Integer.MAX_VALUE));
      case "\\p{N}{1,3}" -> Optional.of(WordScanners.runs(CharClass.NUMBER, 3));
      case "\\p{N}" -> Optional.of(WordScanners.runs(CharClass.NUMBER, 1));
      case "\\p{N}+" -> Optional.of(WordScanners.runs(CharClass.NUMBER, Integer.MAX_VALUE));
      case "[\r\n]", "[\\r\\n]" -> Optional.of(WordScanners.runs(CharClass.NEWLINE, 1));
      default -> Optional.empty();
    };
  }

  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
  private static final String ANY_CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String EACH_CASE =
      "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
  private static final String AFTER_DIGITS =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String LLAMA3 =
      ANY_CASE + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + AFTER_DIGITS;
  private static final String LLAMA3_EXPLICIT =
      EACH_CASE + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + AFTER_DIGITS;
  static final String QWEN2 = ANY_CASE + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + AFTER_DIGITS;
  private static final String QWEN2_EXPLICIT =
      EACH_CASE + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + AFTER_DIGITS;
  static final String QWEN35 =
      ANY_CASE
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
          + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String DEEPSEEK3 =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n"
          + "\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n"
          + "]*|\\s*[\r\n"
          + "]+|\\s+(?!\\S)|\\s+";
  private static final String DEEPSEEK3_ESCAPED =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
          + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String DEEPSEEK3_CJK = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";

  /** Translates and compiles an Oniguruma expression. */
  static Pattern compile(String regex) {
    try {
      return Pattern.compile(
          translate(regex),
          Pattern.UNICODE_CHARACTER_CLASS
              | Pattern.UNICODE_CASE
              | Pattern.MULTILINE
              | Pattern.UNIX_LINES);
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw new BadInput("the tokenizer's split pattern cannot be used: " + oneLine(regex), e);
    }
  }

  private static String oneLine(String regex) {
    String line = regex.replace("\r", "\\r").replace("\n", "\\n");
    return line.length() > 100 ? line.substring(0, 100) + "…" : line;
  }

  private static String translate(String regex) {
    StringBuilder out = new StringBuilder(regex.length() + 16);
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c != '\\' || i + 1 == regex.length()) {
        out.append(c);
        continue;
      }
      char escaped = regex.charAt(++i);
      int close = regex.indexOf('}', i);
      if ((escaped == 'p' || escaped == 'P') && regex.startsWith("{", i + 1) && close > 0) {
        String name = regex.substring(i + 2, close);
        boolean negated = name.startsWith("^") != (escaped == 'P');
        name = name.startsWith("^") ? name.substring(1) : name;
        out.append(negated ? "\\P{" : "\\p{").append(property(name)).append('}');
        i = close;
      } else if (escaped == 'h') {
        out.append("[0-9a-fA-F]");
      } else {
        out.append('\\').append(escaped);
      }
    }
    return out.toString();
  }

  /** General categories have one or two letters and keep their names; the rest are scripts. */
  private static String property(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "letter" -> "L";
      case "mark" -> "M";
      case "number" -> "N";
      case "punctuation", "punct" -> "P";
      case "symbol" -> "S";
      case "separator" -> "Z";
      default -> name.length() <= 2 || name.startsWith("Is") ? name : "Is" + name;
    };
  }

  @Override
  public void split(char[] text, int from, int to, Pieces out) {
    for (Span span : combine(spans(text, from, to))) {
      if (span.from < span.to) {
        out.accept(text, span.from, span.to);
      }
    }
  }

  /** Matches and what lies between, in order, covering everything. */
  private List<Span> spans(char[] text, int from, int to) {
    List<Span> spans = new ArrayList<>();
    Matcher matcher = pattern.matcher(CharBuffer.wrap(text, from, to - from));
    int last = from;
    try {
      while (matcher.find()) {
        int start = from + matcher.start();
        int end = from + matcher.end();
        if (start > last) {
          spans.add(new Span(last, start, invert));
        }
        spans.add(new Span(start, end, !invert));
        last = end;
      }
    } catch (StackOverflowError e) {
      throw new BadInput(
          "the tokenizer's split pattern cannot handle a text this long: "
              + oneLine(pattern.pattern()),
          e);
    }
    if (last < to) {
      spans.add(new Span(last, to, invert));
    }
    return spans;
  }

  private List<Span> combine(List<Span> spans) {
    return switch (behavior) {
      case ISOLATED -> spans;
      case REMOVED -> spans.stream().filter(span -> !span.match).toList();
      case CONTIGUOUS -> {
        List<Span> merged = new ArrayList<>();
        for (Span span : spans) {
          boolean joins = !merged.isEmpty() && merged.getLast().match == span.match;
          int from = joins ? merged.removeLast().from : span.from;
          merged.add(new Span(from, span.to, span.match));
        }
        yield merged;
      }
      case MERGED_WITH_PREVIOUS -> {
        List<Span> merged = new ArrayList<>();
        boolean afterMatch = false;
        for (Span span : spans) {
          boolean joins = span.match && !afterMatch && !merged.isEmpty();
          int from = joins ? merged.removeLast().from : span.from;
          merged.add(new Span(from, span.to, span.match));
          afterMatch = span.match;
        }
        yield merged;
      }
      case MERGED_WITH_NEXT -> {
        List<Span> merged = new ArrayList<>();
        boolean beforeMatch = false;
        for (Span span : spans.reversed()) {
          boolean joins = span.match && !beforeMatch && !merged.isEmpty();
          int to = joins ? merged.removeLast().to : span.to;
          merged.add(new Span(span.from, to, span.match));
          beforeMatch = span.match;
        }
        yield merged.reversed();
      }
    };
  }
}
