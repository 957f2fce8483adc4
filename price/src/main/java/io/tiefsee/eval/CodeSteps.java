package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The steps that {@link CodeTask} puts functions together of. */
final class CodeSteps {
  private static final String VOWELS = "aeiou";

  private CodeSteps() {}

  /**
   * A step.
   *
   * @param words what it does, after "must"
   * @param template a JavaScript expression, with @ for the variable
   * @param run the same in Java
   */
  record Step(String words, String template, Function<Object, Object> run) {
    /** The expression for a variable of this name. */
    String script(String variable) {
      return template.replace("@", variable);
    }
  }

  private static Step number(String words, String script, Function<Long, Long> run) {
    return new Step(words, script, value -> run.apply((Long) value));
  }

  private static Step list(String words, String script, Function<List<Long>, Object> run) {
    return new Step(words, script, value -> run.apply(longs(value)));
  }

  private static Step text(String words, String script, Function<String, String> run) {
    return new Step(words, script, value -> run.apply((String) value));
  }

  private static List<Long> longs(Object value) {
    return ((List<?>) value).stream().map(v -> (Long) v).toList();
  }

  /** A step from a kind of value to the same kind: {@code number}, {@code list}, {@code text}. */
  static Step step(String kind, Randomness random) {
    return switch (kind) {
      case "number" -> numberStep(random);
      case "list" -> listStep(random);
      default -> textStep(random);
    };
  }

  private static Step numberStep(Randomness random) {
    int a = random.between(2, 30);
    int b = random.between(2, 12);
    return switch (random.between(0, 5)) {
      case 0 -> number("add %d".formatted(a), "@ + %d".formatted(a), n -> n + a);
      case 1 -> number("multiply by %d".formatted(b), "@ * %d".formatted(b), n -> n * b);
      case 2 ->
          number(
              "take the remainder of the division by %d".formatted(a),
              "@ %% %d".formatted(a),
              n -> n % a);
      case 3 ->
          number(
              "take the sum of the decimal digits",
              "String(@).split('').reduce((x, y) => x + Number(y), 0)",
              n -> String.valueOf(n).chars().mapToLong(c -> c - '0').sum());
      case 4 ->
          number(
              "divide by %1$d if it is divisible by %1$d and else add %2$d".formatted(b, a),
              "(@ %% %1$d === 0 ? @ / %1$d : @ + %2$d)".formatted(b, a),
              n -> n % b == 0 ? n / b : n + a);
      default ->
          number(
              "replace the number by its square if it is below %d".formatted(a),
              "(@ < %d ? @ * @ : @)".formatted(a),
              n -> n < a ? n * n : n);
    };
  }

  private static Step listStep(Randomness random) {
    int a = random.between(-20, 30);
    int b = random.between(2, 9);
    return switch (random.between(0, 9)) {
      case 0 ->
          list(
              "keep only the numbers greater than %d".formatted(a),
              "@.filter(x => x > %d)".formatted(a),
              l -> l.stream().filter(x -> x > a).toList());
      case 1 ->
          list(
              "keep only the numbers divisible by %d".formatted(b),
              "@.filter(x => x %% %d === 0)".formatted(b),
              l -> l.stream().filter(x -> x % b == 0).toList());
      case 2 ->
          list(
              "multiply each number by %d".formatted(b),
              "@.map(x => x * %d)".formatted(b),
              l -> l.stream().map(x -> x * b).toList());
      case 3 ->
          list(
              "add %d to each number".formatted(b),
              "@.map(x => x + %d)".formatted(b),
              l -> l.stream().map(x -> x + b).toList());
      case 4 ->
          list(
              "remove repeated numbers, keeping the first of each",
              "@.filter((x, i) => @.indexOf(x) === i)",
              l -> List.copyOf(new LinkedHashSet<>(l)));
      case 5 ->
          list(
              "sort the numbers in ascending order",
              "@.slice().sort((x, y) => x - y)",
              l -> l.stream().sorted().toList());
      case 6 ->
          list(
              "sort the numbers in descending order",
              "@.slice().sort((x, y) => y - x)",
              l -> l.stream().sorted(Collections.reverseOrder()).toList());
      case 7 -> list("reverse the order", "@.slice().reverse()", List::reversed);
      case 8 ->
          list(
              "drop the first %d numbers (all, if there are fewer)".formatted(b),
              "@.slice(%d)".formatted(b),
              l -> l.stream().skip(b).toList());
      default ->
          list(
              "replace each number by the sum of all numbers up to and including it",
              "@.map((x, i) => @.slice(0, i + 1).reduce((y, z) => y + z, 0))",
              CodeSteps::sums);
    };
  }

  private static List<Long> sums(List<Long> list) {
    List<Long> sums = new ArrayList<>();
    long sum = 0;
    for (long x : list) {
      sum += x;
      sums.add(sum);
    }
    return sums;
  }

  /** A step from a list to a number. */
  static Step fold(Randomness random) {
    int a = random.between(-10, 20);
    return switch (random.between(0, 4)) {
      case 0 ->
          list(
              "return the sum of the numbers, 0 if there are none",
              "@.reduce((x, y) => x + y, 0)",
              l -> l.stream().mapToLong(Long::longValue).sum());
      case 1 ->
          list(
              "return how many numbers are below %d".formatted(a),
              "@.filter(x => x < %d).length".formatted(a),
              l -> l.stream().filter(x -> x < a).count());
      case 2 ->
          list(
              "return the largest number, %d if there is none".formatted(a),
              "(@.length ? @.reduce((x, y) => Math.max(x, y)) : %d)".formatted(a),
              l -> l.stream().mapToLong(Long::longValue).max().orElse(a));
      case 3 ->
          list(
              "return the smallest number, %d if there is none".formatted(a),
              "(@.length ? @.reduce((x, y) => Math.min(x, y)) : %d)".formatted(a),
              l -> l.stream().mapToLong(Long::longValue).min().orElse(a));
      default ->
          list(
              "return the place of the first number above %d, counted from 0, or -1 if there is none"
                  .formatted(a),
              "@.findIndex(x => x > %d)".formatted(a),
              l -> {
                int place = 0;
                while (place < l.size() && l.get(place) <= a) {
                  place++;
                }
                return place == l.size() ? -1L : (long) place;
              });
    };
  }

  private static Step textStep(Randomness random) {
    int k = random.between(2, 9);
    return switch (random.between(0, 7)) {
      case 0 ->
          text(
              "reverse the text",
              "@.split('').reverse().join('')",
              s -> new StringBuilder(s).reverse().toString());
      case 1 ->
          text(
              "remove all vowels (a, e, i, o, u)",
              "@.replace(/[aeiou]/g, '')",
              s -> filter(s, c -> VOWELS.indexOf(c) < 0));
      case 2 ->
          text(
              "replace each space by a hyphen", "@.split(' ').join('-')", s -> s.replace(' ', '-'));
      case 3 ->
          text(
              "write each run of the same character as that character once",
              "@.split('').filter((c, i) => i === 0 || c !== @[i - 1]).join('')",
              CodeSteps::once);
      case 4 ->
          text(
              "replace each letter by the one %d places later in the alphabet, where a follows z"
                  .formatted(k),
              ("@.replace(/[a-z]/g, c =>"
                      + " String.fromCharCode((c.charCodeAt(0) - 97 + %d) %% 26 + 97))")
                  .formatted(k),
              s -> shifted(s, k));
      case 5 ->
          text(
              "keep only the first %d characters (all, if there are fewer)".formatted(k),
              "@.slice(0, %d)".formatted(k),
              s -> s.substring(0, Math.min(k, s.length())));
      case 6 ->
          text(
              "remove every character at a place divisible by %d, counted from 1".formatted(k),
              "@.split('').filter((c, i) => (i + 1) %% %d !== 0).join('')".formatted(k),
              s -> withoutEvery(s, k));
      default ->
          text(
              "put the last %d characters (all, if there are fewer) in front of the others"
                  .formatted(k),
              "@.slice(-%1$d) + @.slice(0, -%1$d)".formatted(k),
              s -> {
                int cut = Math.max(0, s.length() - k);
                return s.substring(cut) + s.substring(0, cut);
              });
    };
  }

  private static String filter(String text, Function<Character, Boolean> kept) {
    return text.chars()
        .mapToObj(c -> (char) c)
        .filter(kept::apply)
        .map(String::valueOf)
        .collect(Collectors.joining());
  }

  private static String once(String text) {
    StringBuilder once = new StringBuilder();
    for (char c : text.toCharArray()) {
      if (once.isEmpty() || once.charAt(once.length() - 1) != c) {
        once.append(c);
      }
    }
    return once.toString();
  }

  private static String shifted(String text, int by) {
    StringBuilder shifted = new StringBuilder();
    for (char c : text.toCharArray()) {
      shifted.append(c >= 'a' && c <= 'z' ? (char) ((c - 'a' + by) % 26 + 'a') : c);
    }
    return shifted.toString();
  }

  private static String withoutEvery(String text, int k) {
    StringBuilder kept = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if ((i + 1) % k != 0) {
        kept.append(text.charAt(i));
      }
    }
    return kept.toString();
  }

  /** Inputs for tests: the extreme ones first, then random ones. */
  static List<Object> inputs(String kind, int count, Randomness random) {
    List<Object> inputs =
        new ArrayList<>(
            switch (kind) {
              case "number" -> List.of(0L, 1L, 30L);
              case "list" -> List.of(List.of(), List.of(7L), List.of(5L, 5L, -5L, 0L));
              default -> List.of("", "a", "the zebra sees all bees");
            });
    while (inputs.size() < count) {
      inputs.add(
          switch (kind) {
            case "number" -> (Object) (long) random.between(0, 2000);
            case "list" -> randomList(random);
            default -> randomText(random);
          });
    }
    return inputs;
  }

  private static List<Long> randomList(Randomness random) {
    List<Long> list = new ArrayList<>();
    for (int n = random.between(2, 12); n > 0; n--) {
      boolean again = !list.isEmpty() && random.between(0, 3) == 0;
      list.add(again ? random.oneOf(list) : Long.valueOf(random.between(-40, 60)));
    }
    return list;
  }

  private static String randomText(Randomness random) {
    StringBuilder text = new StringBuilder();
    for (int words = random.between(1, 4); words > 0; words--) {
      text.append(text.isEmpty() ? "" : " ");
      for (int n = random.between(1, 8); n > 0; n--) {
        boolean again =
            !text.isEmpty() && random.between(0, 3) == 0 && !text.toString().endsWith(" ");
        text.append(again ? text.charAt(text.length() - 1) : (char) random.between('a', 'z'));
      }
    }
    return text.toString();
  }
}
