package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.text.RegexSplitter.Behavior;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The hand-written scanners cut as the regular expressions do that they stand for. */
class WordScannersTest {
  static Stream<Arguments> scanners() {
    return Stream.of(
        Arguments.of(RegexSplitter.GPT2, WordScanners.gpt2()),
        Arguments.of(RegexSplitter.LLAMA3, WordScanners.gpt4(3, false)),
        Arguments.of(RegexSplitter.QWEN2, WordScanners.gpt4(1, false)),
        Arguments.of(RegexSplitter.QWEN35, WordScanners.gpt4(1, true)),
        Arguments.of(RegexSplitter.DEEPSEEK3, WordScanners.deepSeek3()),
        Arguments.of(
            RegexSplitter.DEEPSEEK3_CJK, WordScanners.runs(CharClass.CJK, Integer.MAX_VALUE)),
        Arguments.of("\\p{N}{1,3}", WordScanners.runs(CharClass.NUMBER, 3)),
        Arguments.of("\\p{N}", WordScanners.runs(CharClass.NUMBER, 1)),
        Arguments.of("[\\r\\n]", WordScanners.runs(CharClass.NEWLINE, 1)),
        Arguments.of("\\s?\\p{L}+", WordScanners.spaceAndRun(Character::isLetter)),
        Arguments.of("\\s+\\z", WordScanners.trailingSpace()));
  }

  @ParameterizedTest
  @MethodSource("scanners")
  void agreesWithTheExpression(String regex, PreTokenizer scanner) {
    PreTokenizer reference =
        new RegexSplitter(RegexSplitter.compile(regex), Behavior.ISOLATED, false);
    for (String text : TokenizerResources.randomTexts(3, 1500)) {
      assertThat(split(scanner, text)).as(text).isEqualTo(split(reference, text));
    }
  }

  @Test
  void splitBehaviorsAreThoseOfTheReference() {
    // The reference's own documentation: "the-final--countdown" split at "-".
    assertThat(split("-", Behavior.REMOVED, false)).containsExactly("the", "final", "countdown");
    assertThat(split("-", Behavior.ISOLATED, false))
        .containsExactly("the", "-", "final", "-", "-", "countdown");
    assertThat(split("-", Behavior.MERGED_WITH_PREVIOUS, false))
        .containsExactly("the-", "final-", "-", "countdown");
    assertThat(split("-", Behavior.MERGED_WITH_NEXT, false))
        .containsExactly("the", "-final", "-", "-countdown");
    assertThat(split("-", Behavior.CONTIGUOUS, false))
        .containsExactly("the", "-", "final", "--", "countdown");
    assertThat(split("[a-z]+", Behavior.REMOVED, true))
        .containsExactly("the", "final", "countdown");
  }

  @Test
  void expressionsAreReadAsOnigurumaReadsThem() {
    assertThat(split("\\p{Han}+", "ab漢字c")).containsExactly("ab", "漢字", "c");
    assertThat(split("\\p{^L}+", "ab12c")).containsExactly("ab", "12", "c");
    assertThat(split("\\h+", "xy1fz")).containsExactly("xy", "1f", "z");
    assertThat(split("\\s+", "a\u00A0\u3000b")).containsExactly("a", "\u00A0\u3000", "b");
    assertThat(split("x$", "ax\nbx")).containsExactly("a", "x", "\nb", "x");
    assertThat(split("(?i:'s)", "a'\u017Fb")).containsExactly("a", "'\u017F", "b");
  }

  private static List<String> split(String regex, String text) {
    return split(new RegexSplitter(RegexSplitter.compile(regex), Behavior.ISOLATED, false), text);
  }

  private static List<String> split(String regex, Behavior behavior, boolean invert) {
    return split(
        new RegexSplitter(RegexSplitter.compile(regex), behavior, invert), "the-final--countdown");
  }

  private static List<String> split(PreTokenizer splitter, String text) {
    List<String> pieces = new ArrayList<>();
    // An offset, so that mixing up absolute and relative positions shows.
    String padded = "ab" + text + "cd";
    splitter.split(
        padded.toCharArray(),
        2,
        2 + text.length(),
        (chars, from, to) -> pieces.add(new String(chars, from, to - from)));
    return pieces;
  }
}
