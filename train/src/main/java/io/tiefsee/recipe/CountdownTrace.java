package io.tiefsee.recipe;

import io.tiefsee.eval.Content;
import io.tiefsee.recipe.Demonstration.Piece;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Thoughts on a countdown problem: line by line, join all but two numbers in some way, then try
 * each operation on the last two and say whether the result is low, high or a hit. Lines come in
 * random order.
 *
 * <pre>
 *  numbers 3 7 2 , target 27
 *  7 - 2 = 5 : + 3 = 8 low - 3 = 2 low * 3 = 15 low
 *  7 + 2 = 9 : + 3 = 12 low - 3 = 6 low * 3 = 27 hit
 *  check : 7 + 2 = 9 , 9 * 3 = 27 yes
 * </pre>
 */
final class CountdownTrace {
  /** A result of two numbers. */
  private record Step(char sign, int left, int right, int value) {
    @Override
    public String toString() {
      return left + " " + sign + " " + right + " = " + value;
    }
  }

  /** What leaves two numbers: the result of the last step, and another. */
  private record Line(List<Step> steps, int other) {
    int last() {
      return steps.getLast().value;
    }
  }

  private final List<Integer> numbers;
  private final int target;
  private final Manner manner;
  private final SplittableRandom random;
  private final List<Piece> pieces = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private String closest = "";
  private long distance = Long.MAX_VALUE;

  private CountdownTrace(Content.Countdown problem, Manner manner, SplittableRandom random) {
    this.numbers = problem.numbers();
    this.target = problem.target();
    this.manner = manner;
    this.random = random;
  }

  static Demonstration of(
      String question, Content.Countdown problem, Manner manner, SplittableRandom random) {
    CountdownTrace trace = new CountdownTrace(problem, manner, random);
    String answer = trace.search();
    return new Demonstration(question, trace.pieces, answer);
  }

  private String search() {
    text.append(" numbers");
    numbers.forEach(n -> text.append(' ').append(n));
    text.append(" , target ").append(target).append('\n');
    String answer = "";
    double giveUp = random.nextDouble() < manner.patience() ? 0 : manner.giveUp();
    if (numbers.size() > 3) {
      giveUp /= 3; // there is more to try
    }
    for (Line line : order()) {
      answer = attempt(line, manner.slip());
      if (!answer.isEmpty() || random.nextDouble() < giveUp) {
        break;
      }
    }
    if (answer.isEmpty()) {
      text.append(" I give up\n");
      answer = closest;
    }
    flush(true);
    return answer;
  }

  private void flush(boolean learnt) {
    pieces.add(new Piece(text.toString(), learnt));
    text.setLength(0);
  }

  /** The lines to try, in order: with four numbers, one that hits comes early. */
  private List<Line> order() {
    Map<String, Line> all = new LinkedHashMap<>();
    lines(numbers, List.of(), all);
    List<Line> lines = new ArrayList<>(all.values());
    if (numbers.size() == 3) {
      lines = byPair(lines);
    } else {
      Collections.shuffle(lines, new Random(random.nextLong()));
      int place = 0;
      while (place < manner.lines() - 1 && random.nextDouble() >= manner.insight()) {
        place++;
      }
      int at = Math.min(place, lines.size() - 1);
      Optional<Line> good =
          lines.stream()
              .filter(l -> finishes(l).stream().anyMatch(s -> s.value == target))
              .findFirst();
      if (good.isPresent()) {
        lines.remove(good.get());
        lines.add(at, good.get());
      }
    }
    return lines.subList(0, Math.min(lines.size(), manner.lines()));
  }

  /** Pairs in random order, the operations of each as they come: easy to keep track of. */
  private List<Line> byPair(List<Line> lines) {
    Map<List<Integer>, List<Line>> pairs = new LinkedHashMap<>();
    for (Line l : lines) {
      Step first = l.steps.getFirst();
      List<Integer> pair =
          List.of(Math.min(first.left, first.right), Math.max(first.left, first.right));
      pairs.computeIfAbsent(pair, p -> new ArrayList<>()).add(l);
    }
    List<List<Line>> order = new ArrayList<>(pairs.values());
    Collections.shuffle(order, new Random(random.nextLong()));
    return order.stream().flatMap(List::stream).toList();
  }

  private static void lines(List<Integer> numbers, List<Step> before, Map<String, Line> into) {
    for (int i = 0; i < numbers.size(); i++) {
      for (int j = i + 1; j < numbers.size(); j++) {
        List<Integer> rest = new ArrayList<>(numbers);
        rest.remove(j);
        rest.remove(i);
        for (Step step : steps(numbers.get(i), numbers.get(j))) {
          List<Step> steps = new ArrayList<>(before);
          steps.add(step);
          if (rest.size() == 1) {
            into.putIfAbsent(steps + ":" + rest, new Line(steps, rest.getFirst()));
          } else {
            List<Integer> next = new ArrayList<>(rest);
            next.add(step.value);
            lines(next, steps, into);
          }
        }
      }
    }
  }

  /** Whole results that are not negative. */
  private static List<Step> steps(int a, int b) {
    int high = Math.max(a, b);
    int low = Math.min(a, b);
    List<Step> steps = new ArrayList<>();
    steps.add(new Step('+', a, b, a + b));
    steps.add(new Step('-', high, low, high - low));
    steps.add(new Step('*', a, b, a * b));
    if (low > 1 && high % low == 0) {
      steps.add(new Step('/', high, low, high / low));
    }
    return steps;
  }

  private static List<Step> finishes(Line line) {
    return steps(line.last(), line.other);
  }

  /** Writes a line; the answer, if it has one. */
  private String attempt(Line line, double slip) {
    for (int i = 0; i < line.steps.size(); i++) {
      text.append(i == 0 ? " " : " , ").append(line.steps.get(i));
    }
    text.append(" :");
    for (Step step : finishes(line)) {
      boolean turned = step.left != line.last();
      text.append(turned ? " " + step.left : "").append(' ').append(step.sign);
      text.append(' ').append(step.right);
      if (step.sign == '*' && step.value > Math.max(100, 2 * target)) {
        text.append(" high"); // seen without working it out
        continue;
      }
      text.append(" =");
      if (step.value != target && random.nextDouble() < slip) {
        flush(true);
        text.append(' ').append(target).append(" hit\n");
        flush(false);
        check(line, step);
        return attempt(line, 0); // once more, with care
      }
      text.append(' ').append(step.value).append(verdict(step.value));
      consider(line, step);
      if (step.value == target) {
        text.append('\n');
        if (random.nextDouble() < manner.check()) {
          check(line, step);
        }
        return expression(line, step);
      }
    }
    text.append('\n');
    return "";
  }

  private String verdict(int value) {
    return value < target ? " low" : value > target ? " high" : " hit";
  }

  private void check(Line line, Step finish) {
    text.append(" check :");
    line.steps.forEach(s -> text.append(' ').append(s).append(" ,"));
    text.append(' ').append(finish);
    text.append(finish.value == target ? " yes\n" : " no , wait\n");
  }

  private void consider(Line line, Step finish) {
    long d = Math.abs((long) finish.value - target);
    if (d < distance) {
      distance = d;
      closest = expression(line, finish);
    }
  }

  /** The whole line as one expression with its value. */
  private static String expression(Line line, Step finish) {
    Map<Integer, List<String>> known = new LinkedHashMap<>();
    for (Step step : line.steps) {
      String made =
          "(" + take(known, step.left) + " " + step.sign + " " + take(known, step.right) + ")";
      known.computeIfAbsent(step.value, v -> new ArrayList<>()).add(made);
    }
    // The last result is the operand that was there first in the line.
    boolean turned = finish.left != line.last();
    String last = takeLast(known, line.last());
    String other = take(known, line.other);
    return (turned ? other : last)
        + " "
        + finish.sign
        + " "
        + (turned ? last : other)
        + " = "
        + finish.value;
  }

  private static String take(Map<Integer, List<String>> known, int value) {
    List<String> made = known.getOrDefault(value, new ArrayList<>());
    return made.isEmpty() ? Integer.toString(value) : made.removeFirst();
  }

  private static String takeLast(Map<Integer, List<String>> known, int value) {
    List<String> made = known.getOrDefault(value, new ArrayList<>());
    return made.isEmpty() ? Integer.toString(value) : made.removeLast();
  }
}
