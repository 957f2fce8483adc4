package io.tiefsee.recipe;

import io.tiefsee.recipe.Demonstration.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Written-out calculations with whole numbers, column by column, one line each. Numbers stand as
 * single digits, so that long ones need nothing but the facts of the columns.
 *
 * <pre>
 *  3 4 7 + 8 9 : 7 + 9 = 16 , 4 + 8 + 1 = 13 , 3 + 1 = 4 , so 4 3 6
 *  9 4 2 - 5 7 : 12 - 7 = 5 , 14 - 5 - 1 = 8 , 9 - 1 = 8 , so 8 8 5
 *  4 7 * 6 : 7 * 6 = 42 , 4 * 6 = 24 + 4 = 28 , so 2 8 2
 *  9 2 / 4 : 9 / 4 = 2 rest 1 , 12 / 4 = 3 , so 2 3
 * </pre>
 *
 * Dividing by two digits is long division: each digit of the quotient is guessed, multiplied out
 * and found to be high, low or right. Some first guesses are one off on purpose; they are read, but
 * not learnt.
 *
 * <pre>
 *  1 6 8 / 1 4
 *  1 6 : 1 ?
 *  1 6 - 1 4 : 6 - 4 = 2 , 1 - 1 = 0 , so 2
 *  2 8 : 3 ?
 *  1 4 * 3 : 4 * 3 = 12 , 1 * 3 = 3 + 1 = 4 , so 4 2
 *  4 2 high
 *  2 8 : 2 ?
 *  1 4 * 2 : 4 * 2 = 8 , 1 * 2 = 2 , so 2 8
 *  2 8 hit
 *  1 6 8 / 1 4 = 1 2
 * </pre>
 */
final class Working {
  private final List<Piece> pieces = new ArrayList<>();
  private final double misguess;
  private final SplittableRandom random;

  /**
   * @param misguess chance that the first guess of a quotient's digit is one off
   * @param random decides where
   */
  Working(double misguess, SplittableRandom random) {
    this.misguess = misguess;
    this.random = random;
  }

  /** The lines so far, each with its newline. */
  List<Piece> pieces() {
    return pieces;
  }

  /** The same as one text. */
  String text() {
    return pieces.stream().map(Piece::text).collect(Collectors.joining());
  }

  void line(String line) {
    pieces.add(new Piece(" " + line + "\n", true));
  }

  /** A number as it stands in thoughts: sign and digits apart. */
  static String show(long n) {
    String digits = Long.toString(Math.abs(n)).replaceAll("(?<=.)(?=.)", " ");
    return n < 0 ? "- " + digits : digits;
  }

  /** Adds two numbers of any sign. */
  long add(long a, long b) {
    long sum = a + b;
    if (a >= 0 && b >= 0) {
      return plus(a, b);
    }
    if (a < 0 && b < 0) {
      long size = plus(-a, -b);
      return signed(show(a) + " + " + show(b), -size);
    }
    long high = Math.max(Math.abs(a), Math.abs(b));
    long low = Math.min(Math.abs(a), Math.abs(b));
    minus(high, low);
    return signed(show(a) + " + " + show(b), sum);
  }

  /** Subtracts. */
  long subtract(long a, long b) {
    if (a >= 0 && b >= 0 && a >= b) {
      return minus(a, b);
    }
    if (a >= 0 && b >= 0) {
      minus(b, a);
    } else if (a < 0 && b >= 0) {
      plus(-a, b);
    } else if (a >= 0) {
      plus(a, -b);
    } else {
      minus(Math.max(-a, -b), Math.min(-a, -b));
    }
    return signed(show(a) + " - " + show(b), a - b);
  }

  /** Multiplies. */
  long multiply(long a, long b) {
    long size = times(Math.abs(a), Math.abs(b));
    return a < 0 || b < 0 ? signed(show(a) + " * " + show(b), a * b) : size;
  }

  /** Divides, without rest. */
  long divide(long a, long b) {
    long size = over(Math.abs(a), Math.abs(b));
    return a < 0 || b < 0 ? signed(show(a) + " / " + show(b), a / b) : size;
  }

  /** What has no columns is known by heart. */
  private long known(long a, char sign, long b, long result) {
    line(show(a) + " " + sign + " " + show(b) + " = " + show(result));
    return result;
  }

  private long signed(String what, long result) {
    line(what + " = " + show(result));
    return result;
  }

  /** Digits, the last first. */
  private static int[] digits(long n) {
    String s = new StringBuilder(Long.toString(n)).reverse().toString();
    return s.chars().map(c -> c - '0').toArray();
  }

  private long plus(long a, long b) {
    if (a < 10 && b < 10) {
      return known(a, '+', b, a + b);
    }
    int[] x = digits(a);
    int[] y = digits(b);
    List<String> columns = new ArrayList<>();
    int carry = 0;
    for (int i = 0; i < Math.max(x.length, y.length); i++) {
      int sum = (i < x.length ? x[i] : 0) + (i < y.length ? y[i] : 0) + carry;
      String column =
          i >= x.length
              ? Integer.toString(y[i])
              : i >= y.length ? Integer.toString(x[i]) : x[i] + " + " + y[i];
      columns.add(column + (carry > 0 ? " + 1" : "") + " = " + sum);
      carry = sum / 10;
    }
    columns(show(a) + " + " + show(b), columns, a + b);
    return a + b;
  }

  private long minus(long a, long b) {
    if (a < 10) {
      return known(a, '-', b, a - b);
    }
    int[] x = digits(a);
    int[] y = digits(b);
    List<String> columns = new ArrayList<>();
    int borrow = 0;
    for (int i = 0; i < x.length; i++) {
      int low = i < y.length ? y[i] : 0;
      int left = x[i] - low - borrow;
      int top = left < 0 ? x[i] + 10 : x[i];
      columns.add(
          top
              + (i < y.length ? " - " + low : "")
              + (borrow > 0 ? " - 1" : "")
              + " = "
              + (top - low - borrow));
      borrow = left < 0 ? 1 : 0;
    }
    columns(show(a) + " - " + show(b), columns, a - b);
    return a - b;
  }

  private void columns(String what, List<String> columns, long result) {
    line(what + " : " + String.join(" , ", columns) + " , so " + show(result));
  }

  private long times(long a, long b) {
    if (b < 10) {
      return digitTimes(a, (int) b);
    }
    if (a < 10) {
      line(show(a) + " * " + show(b) + " = " + show(b) + " * " + show(a));
      return digitTimes(b, (int) a);
    }
    int[] y = digits(b);
    long sum = 0;
    long place = 1;
    for (int digit : y) {
      if (digit > 0) {
        long part = digitTimes(a, digit);
        sum = sum == 0 ? part * place : plus(sum, part * place);
      }
      place *= 10;
    }
    line(show(a) + " * " + show(b) + " = " + show(a * b));
    return sum;
  }

  /** A number times one digit. */
  private long digitTimes(long a, int digit) {
    if (a < 10) {
      return known(a, '*', digit, a * digit);
    }
    List<String> columns = new ArrayList<>();
    int carry = 0;
    for (int x : digits(a)) {
      int product = x * digit + carry;
      String sum = carry > 0 ? " + " + carry + " = " + product : "";
      columns.add(x + " * " + digit + " = " + x * digit + sum);
      carry = product / 10;
    }
    columns(show(a) + " * " + digit, columns, a * digit);
    return a * digit;
  }

  private long over(long a, long b) {
    if (a < 10) {
      return known(a, '/', b, a / b);
    }
    return b < 10 ? shortDivision(a, b) : longDivision(a, b);
  }

  private long shortDivision(long a, long b) {
    List<String> columns = new ArrayList<>();
    long rest = 0;
    for (char c : Long.toString(a).toCharArray()) {
      long part = 10 * rest + (c - '0');
      long digit = part / b;
      rest = part % b;
      if (!columns.isEmpty() || digit > 0) {
        columns.add(part + " / " + b + " = " + digit + (rest > 0 ? " rest " + rest : ""));
      }
    }
    columns(show(a) + " / " + show(b), columns, a / b);
    return a / b;
  }

  private long longDivision(long a, long b) {
    String what = show(a) + " / " + show(b);
    line(what);
    long rest = 0;
    boolean begun = false;
    for (char c : Long.toString(a).toCharArray()) {
      long part = 10 * rest + (c - '0');
      int digit = (int) (part / b);
      rest = part % b;
      if (digit == 0) {
        if (begun) {
          line(show(part) + " : 0");
        }
        continue;
      }
      begun = true;
      if (random.nextDouble() < misguess) {
        int off = digit == 1 || digit < 9 && random.nextBoolean() ? digit + 1 : digit - 1;
        guess(part, b, off, false);
      }
      guess(part, b, digit, true);
    }
    return signed(what, a / b);
  }

  /** Tries a digit of a quotient and says whether it is high, low or a hit. */
  private void guess(long part, long b, int digit, boolean learnt) {
    pieces.add(new Piece(" " + show(part) + " :", true));
    pieces.add(new Piece(" " + digit, learnt));
    pieces.add(new Piece(" ?\n", true));
    long product = digit == 1 ? b : digitTimes(b, digit);
    if (product < part) {
      long rest = minus(part, product);
      if (rest >= b) {
        line(show(rest) + " low");
      }
    } else {
      line(show(product) + (product > part ? " high" : " hit"));
    }
  }
}
