package io.tiefsee.eval;

import io.tiefsee.eval.CodeSteps.Step;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.ObjectMapper;

/**
 * Write a small function in JavaScript. What it must do is put together of steps, each of which is
 * known in words, as JavaScript and as Java: the Java gives the expected results of the tests, the
 * JavaScript a solution.
 */
final class CodeTask extends DrawnTask<Content.Programming> {
  /**
   * @param kind what the function takes
   * @param parameter its name
   * @param steps how many
   */
  private record Level(String kind, String parameter, int steps, String describe) {}

  private static final List<Level> LEVELS =
      List.of(
          new Level("number", "n", 2, "two steps with a whole number"),
          new Level("list", "a", 2, "two steps with a list of whole numbers, to a number"),
          new Level("list", "a", 3, "three steps with a list of whole numbers"),
          new Level("text", "s", 3, "three steps with a text"));

  private static final int TESTS = 12;

  private static final List<String> NAMES =
      List.of("solve", "compute", "transform", "process", "calculate");

  /** With %1$s for the function's head, %2$s for what it takes, %3$s for the steps. */
  private static final List<String> WORDINGS =
      List.of(
          "Write a JavaScript function %1$s that takes %2$s. It must %3$s.",
          "Implement %1$s in JavaScript. Its argument is %2$s. The function has to %3$s.",
          "In JavaScript, define %1$s, where the argument is %2$s, so that it does the following:"
              + " %3$s.",
          "Give the code of a JavaScript function %1$s. Given %2$s, it should %3$s.",
          "Program %1$s in JavaScript; it gets %2$s and has to %3$s.",
          "I need a JavaScript function %1$s. For %2$s it shall %3$s.");

  private static final String FORM =
      " Answer with one code block that holds the function, in plain JavaScript without classes.";

  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public String name() {
    return "code";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    return LEVELS.get(level - 1).describe;
  }

  @Override
  Content.Programming draw(int level, Randomness random) {
    Level it = LEVELS.get(level - 1);
    List<Step> steps = new ArrayList<>();
    while (steps.size() < it.steps) {
      boolean fold = level == 2 && steps.size() == it.steps - 1;
      Step step = fold ? CodeSteps.fold(random) : CodeSteps.step(it.kind, random);
      if (steps.stream().noneMatch(s -> s.words().equals(step.words()))) {
        steps.add(step);
      }
    }
    List<String> words = steps.stream().map(Step::words).toList();
    String name = random.oneOf(NAMES);
    return new Content.Programming(it.kind, words, code(it, name, steps, words));
  }

  private static Check.Code code(Level level, String name, List<Step> steps, List<String> words) {
    StringBuilder solution =
        new StringBuilder("function %s(%s) {\n".formatted(name, level.parameter));
    for (Step step : steps) {
      solution.append("  %1$s = %2$s;\n".formatted(level.parameter, step.script(level.parameter)));
    }
    solution.append("  return %s;\n}".formatted(level.parameter));
    // The tests belong to what is asked, not to how.
    Randomness random = new Randomness(Split.hash(level.kind + words));
    List<Check.Case> cases = new ArrayList<>();
    for (Object input : CodeSteps.inputs(level.kind, TESTS, random)) {
      Object value = input;
      for (Step step : steps) {
        value = step.run().apply(value);
      }
      cases.add(
          new Check.Case(JSON.writeValueAsString(List.of(input)), JSON.writeValueAsString(value)));
    }
    return new Check.Code(name, cases, solution.toString());
  }

  @Override
  String canonical(Content.Programming content) {
    return content.kind() + ":" + String.join(";", content.steps());
  }

  @Override
  String word(Content.Programming content, Randomness random) {
    String takes =
        switch (content.kind()) {
          case "number" -> "a whole number that is not negative";
          case "list" -> "an array of whole numbers, which may be empty";
          default -> "a string of lower-case letters and single spaces, which may be empty";
        };
    List<String> steps = new ArrayList<>(content.steps());
    boolean folds = content.steps().getLast().startsWith("return ");
    if (!folds) {
      steps.add("return the result");
    }
    String head =
        "%s(%s)"
            .formatted(
                content.check().function(),
                content.kind().equals("number") ? "n" : content.kind().equals("list") ? "a" : "s");
    return random.oneOf(WORDINGS).formatted(head, takes, "first " + String.join(", then ", steps))
        + FORM;
  }

  @Override
  Check check(Content.Programming content) {
    return content.check();
  }
}
