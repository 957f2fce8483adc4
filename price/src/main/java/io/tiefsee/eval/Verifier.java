package io.tiefsee.eval;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Judges answers. It takes the text after the thinking; it never throws, and its time is bounded
 * whatever the text is.
 *
 * <p><b>The format.</b> An answer is well-formed if its last line that is not blank is the final
 * answer and nothing else, or holds it in {@code \boxed{…}}, or begins with {@code Answer:}, {@code
 * The answer is} or the like. Bold marks, formula marks, and a full stop at the end do no harm.
 * Otherwise the last thing in the text that reads as an answer is taken, unless the line hedges ("7
 * or 8", "not 7", "about 7").
 *
 * <p><b>What an answer looks like.</b>
 *
 * <ul>
 *   <li>A number: {@code 126}, {@code x = 7}, {@code (17 + 25) * 3 = 126}, {@code 1,234}, {@code
 *       7.0}, {@code 3/4}. It must be worked out: {@code 42 * 3} is no answer, and a fraction must
 *       be in lowest terms. In a chain of equations each link must hold.
 *   <li>Countdown: {@code (7 - 4) * 9 - 3}, or the same followed by {@code = 24}.
 *   <li>One of several: as it stands in the question ({@code 17 + 25}), or its value ({@code 42}),
 *       or both ({@code 17 + 25 = 42}).
 *   <li>Mathematics: any notation of the value; see {@link MathsEquality}.
 *   <li>The letter of an option: {@code B}, {@code (B)}, {@code B) its text}, or its text.
 *   <li>A date: {@code 2024-03-05}, {@code March 5, 2024}, {@code Tuesday, 5 March 2024}.
 *   <li>A quantity: {@code 5000}, {@code 5000 m}, {@code 5 km = 5000 m}.
 *   <li>Words of a choice: {@code Tuesday}; {@code cat, dog}; {@code Anna: cat, Ben: dog}.
 *   <li>Code: a block between lines of three back quotes, which is run in a sandbox against tests;
 *       it is well-formed if it is the only one.
 *   <li>A list: {@code 3, 7, 9}, {@code [3, 7, 9]}, {@code 3 7 9}, {@code 3 < 7 < 9}.
 * </ul>
 *
 * <p>Numbers are compared as exact fractions.
 */
public final class Verifier {
  private Verifier() {}

  /** What a reader makes of a text. */
  sealed interface Reading {
    record Right() implements Reading {}

    record Wrong(String why) implements Reading {}

    /** It is of another kind than what was asked for, so another place may be looked at. */
    record Other(String why) implements Reading {}

    /** It might have been meant as the answer but cannot be read; nothing further is looked at. */
    record Unreadable(String why) implements Reading {}
  }

  /** The verdict on an answer to a problem. */
  public static Verdict verify(Problem problem, String answer) {
    return switch (problem.check()) {
      case Check.Exact check -> judgePlain(answer, text -> Readers.exact(check, text));
      case Check.Makes check -> judgePlain(answer, text -> Readers.makes(check, text));
      case Check.Choice check -> judgePlain(answer, text -> Readers.choice(check, text));
      case Check.Order check -> judgePlain(answer, text -> ListReader.order(check, text));
      case Check.Maths check ->
          judgeLatex(answer, text -> MathsEquality.read(check.reference(), text));
      case Check.Letter check -> judgeLatex(answer, text -> LetterReader.read(check, text));
      case Check.Day check -> {
        String text = AnswerText.latexTail(answer);
        yield judge(text, it -> DateReader.read(check, it), () -> DateReader.places(text));
      }
      case Check.Quantity check -> {
        String text = AnswerText.latexTail(answer);
        yield judge(text, it -> QuantityReader.read(check, it), () -> QuantityReader.places(text));
      }
      case Check.Words check -> {
        String text = AnswerText.latexTail(answer);
        yield judge(text, it -> WordsReader.read(check, it), () -> WordsReader.places(check, text));
      }
      case Check.Code check -> CodeJudge.judge(check, answer);
    };
  }

  private static Verdict judgePlain(String answer, Function<String, Reading> reader) {
    String text = AnswerText.tail(answer);
    return judge(text, reader, () -> AnswerText.lenient(text));
  }

  private static Verdict judgeLatex(String answer, Function<String, Reading> reader) {
    String text = AnswerText.latexTail(answer);
    return judge(text, reader, () -> AnswerText.lenientLatex(text));
  }

  /**
   * @param places where a lenient reader may look if the answer does not stand where it should
   */
  private static Verdict judge(
      String text, Function<String, Reading> reader, Supplier<List<String>> places) {
    Optional<String> strict = AnswerText.strict(text);
    String why = "there is no answer";
    if (strict.isPresent()) {
      switch (reader.apply(strict.get())) {
        case Reading.Right right -> {
          return new Verdict(true, true, strict.get(), "right");
        }
        case Reading.Wrong wrong -> {
          return new Verdict(false, true, strict.get(), wrong.why());
        }
        case Reading.Other other -> why = other.why();
        case Reading.Unreadable unreadable -> why = unreadable.why();
      }
    }
    for (String candidate : places.get()) {
      switch (reader.apply(candidate)) {
        case Reading.Right right -> {
          return new Verdict(true, false, candidate, "right, but not in the last line by itself");
        }
        case Reading.Wrong wrong -> {
          return new Verdict(false, false, candidate, wrong.why());
        }
        case Reading.Other other -> why = other.why();
        case Reading.Unreadable unreadable -> {
          return new Verdict(false, false, "", unreadable.why());
        }
      }
    }
    return new Verdict(false, false, "", why);
  }
}
