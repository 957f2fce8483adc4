package io.tiefsee.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrammarTest {
  /** Whether a grammar lets a whole text through. */
  static boolean matches(ByteMatcher matcher, String text) {
    ByteMatcher.State s = matcher.start();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      s = matcher.next(s, b & 0xFF);
    }
    return s.accepting();
  }

  private static boolean matches(String gbnf, String text) {
    return matches(new ByteMatcher(Gbnf.parse(gbnf)), text);
  }

  @Test
  void readsWhatLlamaCppReads() {
    String chess =
        """
        # Specifies chess moves as a list in algebraic notation, using PGN conventions
        root   ::= "1. " move " " move "\\n" ([1-9] [0-9]? ". " move " " move "\\n")+
        move   ::= (pawn | nonpawn | castle) [+#]?
        nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
        pawn   ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
        castle ::= "O-O" "-O"?
        """;
    assertThat(matches(chess, "1. e4 e5\n2. Nf3 Nc6\n3. O-O exd4\n")).isTrue();
    assertThat(matches(chess, "1. e4 e5\n2. Nf3 Zc6\n")).isFalse();
    assertThat(matches(chess, "1. e4 e5\n")).isFalse();
    String nested =
        """
        root ::= expr # comment
        expr ::= term ("+" term)*
        term ::= [0-9]+ | ("(" expr
          ")")
        """;
    assertThat(matches(nested, "1+(2+(33+4))+5")).isTrue();
    assertThat(matches(nested, "1+(2+(33+4)+5")).isFalse();
    assertThat(matches("root ::= [^\\n\"] {2,3} \"\\u00e9\"?", "äöé")).isTrue();
    assertThat(matches("root ::= . \"x\"", "\uD83D\uDE00x")).isTrue();
    assertThat(matches("root ::= [à-ü]+", "äéü")).isTrue();
    assertThat(matches("root ::= [à-ü]+", "äzü")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "+", "?", "{3}", "{2,}", "{2,4}", "{0,1}"})
  void countsRepetitions(String count) {
    ByteMatcher matcher = new ByteMatcher(Gbnf.parse("root ::= \"ab\"" + count));
    Pattern same = Pattern.compile("(ab)" + count);
    for (int n = 0; n < 7; n++) {
      String text = "ab".repeat(n);
      assertThat(matches(matcher, text)).as(text).isEqualTo(same.matcher(text).matches());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "root = \"a\"|expected ::=",
        "root ::= \"a|ends before the closing",
        "root ::= x|names rule 'x', which is missing",
        "start ::= \"a\"|no rule 'root'",
        "root ::= root \"a\"|left recursion",
        "root ::= \"\"? root|left recursion",
        "root ::= \"a\" root|never ends",
        "root ::= (\"a\"|expected )",
        "root ::= \"a\"{3,2}|at most 2",
        "root ::= [z-a]|ends before it begins",
        "root ::= \"\\q\"|unknown escape",
        "root ::= \"a\"{99999}{99999}|too large",
      })
  void brokenGrammarsAreNamed(String gbnf, String why) {
    assertThatThrownBy(() -> new ByteMatcher(Gbnf.parse(gbnf)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(why);
  }

  @Test
  void anyInputEndsInAGrammarOrOneLine() {
    Random random = new Random(7);
    String seed = "root ::= (\"a\" | [b-d]{1,2} x)* # c\nx ::= \"\\x41\" root? .\n";
    for (int i = 0; i < 3000; i++) {
      StringBuilder s = new StringBuilder(seed);
      for (int k = random.nextInt(4); k >= 0; k--) {
        int at = random.nextInt(s.length());
        if (random.nextBoolean()) {
          s.deleteCharAt(at);
        } else {
          s.insert(at, seed.charAt(random.nextInt(seed.length())));
        }
      }
      try {
        Gbnf.parse(s.toString());
      } catch (BadInput e) {
        assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
      }
    }
  }

  @Test
  void everyCodePointIsReadAsUtf8() {
    Random random = new Random(3);
    for (int i = 0; i < 400; i++) {
      int a = random.nextInt(1 << (7 + random.nextInt(14))) % 0x110000;
      int b = Math.min(0x10FFFF, a + random.nextInt(1 << (1 + random.nextInt(18))));
      ByteMatcher matcher =
          new ByteMatcher(Grammar.of("r", java.util.Map.of("r", Expr.range(a, b))));
      List<Integer> probes = new ArrayList<>(List.of(a, b, a - 1, b + 1, (a + b) / 2));
      random.ints(10, 0, 0x110000).forEach(probes::add);
      for (int c : probes) {
        if (c >= 0 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF)) {
          assertThat(matches(matcher, Character.toString(c)))
              .as("%x in %x-%x", c, a, b)
              .isEqualTo(a <= c && c <= b);
        }
      }
    }
  }

  @Test
  void deepNestingNeedsNoDeepStack() {
    ByteMatcher matcher = new ByteMatcher(Gbnf.parse("root ::= \"(\" root? \")\""));
    assertThat(matches(matcher, "(".repeat(20_000) + ")".repeat(20_000))).isTrue();
    assertThat(matches(matcher, "(".repeat(20_000) + ")".repeat(19_999))).isFalse();
  }
}
