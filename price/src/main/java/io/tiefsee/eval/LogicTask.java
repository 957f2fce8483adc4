package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * Logic grids: who has which thing, from clues that leave one solution. Clues are drawn until all
 * other solutions are excluded, so that each puzzle can be solved and has one answer.
 */
final class LogicTask extends DrawnTask<Content.Logic> {
  /**
   * @param people how many
   * @param kinds how many kinds of things
   */
  private record Level(int people, int kinds) {}

  private static final List<Level> LEVELS =
      List.of(new Level(3, 1), new Level(3, 2), new Level(4, 2), new Level(5, 2));

  private static final List<String> PEOPLE =
      List.of(
          "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Lena",
          "Max");

  /**
   * A kind of thing.
   *
   * @param question asks for it
   * @param has with %1$s for a person and %2$s for a thing
   * @param hasNot the same, denied
   * @param who "the one who …", with %s for a thing
   */
  private record Kind(
      String question, String has, String hasNot, String who, List<String> things) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "Which pet does each of them have?",
              "%1$s has the %2$s.",
              "%1$s does not have the %2$s.",
              "the one with the %s",
              List.of("cat", "dog", "horse", "rabbit", "parrot", "turtle", "hamster", "goldfish")),
          new Kind(
              "What does each of them drink?",
              "%1$s drinks %2$s.",
              "%1$s does not drink %2$s.",
              "the one who drinks %s",
              List.of("tea", "coffee", "milk", "water", "juice", "cocoa", "lemonade", "cider")),
          new Kind(
              "In which city does each of them live?",
              "%1$s lives in %2$s.",
              "%1$s does not live in %2$s.",
              "the one who lives in %s",
              List.of("Paris", "Rome", "Oslo", "Vienna", "Lisbon", "Prague", "Dublin", "Athens")),
          new Kind(
              "Which instrument does each of them play?",
              "%1$s plays the %2$s.",
              "%1$s does not play the %2$s.",
              "the one who plays the %s",
              List.of("piano", "violin", "flute", "guitar", "cello", "drums", "harp", "trumpet")));

  /** With %1$s for the people, %2$s for the things, %3$s for the clues, %4$s for the question. */
  private static final List<String> WORDINGS =
      List.of(
          "%1$s each have one of these, no two the same: %2$s. %3$s %4$s",
          "There are %1$s. Among them they share out %2$s, one each. %3$s %4$s",
          "Solve the puzzle. People: %1$s. To be matched one to one: %2$s. %3$s %4$s",
          "Here are clues about %1$s, to whom %2$s belong, one of each kind per person. %3$s %4$s",
          "%3$s The people are %1$s; the choices are %2$s, each taken once. %4$s",
          "Match %1$s with %2$s, each with a different one. Clues: %3$s %4$s");

  @Override
  public String name() {
    return "logic";
  }

  @Override
  public int levels() {
    return LEVELS.size();
  }

  @Override
  String describeLevel(int level) {
    Level it = LEVELS.get(level - 1);
    return "%d people and %d kind%s of things"
        .formatted(it.people, it.kinds, it.kinds == 1 ? "" : "s");
  }

  @Override
  Content.Logic draw(int level, Randomness random) {
    Level it = LEVELS.get(level - 1);
    List<String> people = some(PEOPLE, it.people, random);
    List<Kind> kinds = some(KINDS, it.kinds, random);
    List<List<String>> things = kinds.stream().map(k -> some(k.things, it.people, random)).toList();
    List<LogicClue> clues = LogicClue.unique(it.people, it.kinds, random);
    List<String> sentences = clues.stream().map(c -> sentence(c, people, kinds, things)).toList();
    return new Content.Logic(people, things, sentences, random.between(0, it.kinds - 1));
  }

  private static <T> List<T> some(List<T> of, int count, Randomness random) {
    List<T> shuffled = new ArrayList<>(of);
    random.shuffle(shuffled);
    return List.copyOf(shuffled.subList(0, count));
  }

  /** The solution gives thing i to person i. */
  private static String sentence(
      LogicClue clue, List<String> people, List<Kind> kinds, List<List<String>> things) {
    return switch (clue) {
      case LogicClue.Has(int kind, int person, int thing) ->
          kinds.get(kind).has.formatted(people.get(person), things.get(kind).get(thing));
      case LogicClue.HasNot(int kind, int person, int thing) ->
          kinds.get(kind).hasNot.formatted(people.get(person), things.get(kind).get(thing));
      case LogicClue.Together(int first, int second, boolean are) -> {
        String who = kinds.get(0).who.formatted(things.get(0).get(first));
        String name = Character.toUpperCase(who.charAt(0)) + who.substring(1);
        String form = are ? kinds.get(1).has : kinds.get(1).hasNot;
        yield form.formatted(name, things.get(1).get(second));
      }
      case LogicClue.Either(int kind, int one, int other, int thing) ->
          kinds
              .get(kind)
              .has
              .formatted(
                  "Either " + people.get(one) + " or " + people.get(other),
                  things.get(kind).get(thing));
    };
  }

  @Override
  String canonical(Content.Logic content) {
    return String.join(" ", content.clues().stream().sorted().toList()) + " " + content.asked();
  }

  @Override
  String word(Content.Logic content, Randomness random) {
    List<String> people = content.people();
    List<String> things = new ArrayList<>();
    for (List<String> kind : content.things()) {
      List<String> mixed = new ArrayList<>(kind);
      random.shuffle(mixed);
      things.add(Wording.list(mixed, "and"));
    }
    List<String> asked = content.things().get(content.asked());
    Kind kind = KINDS.stream().filter(k -> k.things.containsAll(asked)).findFirst().orElseThrow();
    String question =
        "%s Answer with %d words in the order %s."
            .formatted(kind.question, people.size(), String.join(", ", people));
    return random
        .oneOf(WORDINGS)
        .formatted(
            Wording.list(people, "and"),
            String.join("; ", things),
            String.join(" ", content.clues()),
            question);
  }

  @Override
  Check check(Content.Logic content) {
    List<String> right = content.things().get(content.asked());
    return new Check.Words(content.people(), right, right);
  }
}
