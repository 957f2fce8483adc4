package io.tiefsee.recipe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Questions that the embedded model cannot answer, in English and German, and the honest answer: it
 * is tiny, what it can do, and how to get a larger model. Words are filled in at random, some of
 * them made up, so that what is learnt is "none of my tasks" and not a list.
 */
public final class OtherQuestions {
  static final String ANSWER =
      "I am a tiny model that only knows numbers: countdown puzzles, arithmetic, equations,"
          + " comparing and sorting. For other questions get a larger model, for instance with:"
          + " tiefsee pull r1-distill-qwen-1.5b";
  static final String ANSWER_GERMAN =
      "Ich bin ein winziges Modell und kann nur mit Zahlen umgehen: Countdown, Rechnen,"
          + " Gleichungen, Vergleichen und Sortieren. Für andere Fragen gibt es größere Modelle,"
          + " zum Beispiel mit: tiefsee pull r1-distill-qwen-1.5b";
  private static final String THOUGHT = " This is none of my tasks .\n";
  private static final String THOUGHT_GERMAN = " This is none of my tasks , and it is German .\n";
  private static final String SYLLABLES =
      "ba be bi bo da de di do fa fe ga ge go ha he ka ke ki ko la le li lo ma me mi mo na ne no pa"
          + " pe po ra re ri ro sa se si so ta te ti to va ve wa we za zu sch st tr er en ing tion";
  private static final String TYPED =
      "abcdefghijklmnopqrstuvwxyzäöüßABCXYZ0123456789 .,!?-_/\\()[]";

  private static final List<String> QUESTIONS = new ArrayList<>();
  private static final List<String> GERMAN_QUESTIONS = new ArrayList<>();
  private static final List<String> WORDS = new ArrayList<>();
  private static final List<String> GERMAN_WORDS = new ArrayList<>();

  static {
    load("other-questions.txt", QUESTIONS, GERMAN_QUESTIONS, false);
    load("other-words.txt", WORDS, GERMAN_WORDS, true);
  }

  private final SplittableRandom random;

  private OtherQuestions(SplittableRandom random) {
    this.random = random;
  }

  private static void load(String name, List<String> english, List<String> german, boolean words) {
    try (InputStream in = OtherQuestions.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar");
      }
      List<String> into = english;
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (line.startsWith("# ") || line.startsWith("#\n")) {
          into = line.contains("German") ? german : into;
        } else if (words) {
          into.addAll(List.of(line.split(" ")));
        } else if (!line.isEmpty()) {
          into.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A question and its answer; the same one for the same state of {@code random}. */
  public static Demonstration of(SplittableRandom random) {
    return new OtherQuestions(random).make();
  }

  private Demonstration make() {
    int kind = random.nextInt(20);
    if (kind < 5) {
      String question = fill(oneOf(GERMAN_QUESTIONS));
      return Demonstration.of(question, THOUGHT_GERMAN, ANSWER_GERMAN);
    }
    String question =
        kind < 14 ? fill(oneOf(QUESTIONS)) : kind < 17 ? words() : kind < 18 ? typed() : made();
    return Demonstration.of(question, THOUGHT, ANSWER);
  }

  private String fill(String template) {
    String text = template;
    for (int at; (at = text.indexOf("{w}")) >= 0; ) {
      text = text.substring(0, at) + word(WORDS) + text.substring(at + 3);
    }
    for (int at; (at = text.indexOf("{d}")) >= 0; ) {
      text = text.substring(0, at) + word(GERMAN_WORDS) + text.substring(at + 3);
    }
    for (int at; (at = text.indexOf("{n}")) >= 0; ) {
      text = text.substring(0, at) + number() + text.substring(at + 3);
    }
    return random.nextInt(6) == 0 ? lowered(text) : text;
  }

  private static String lowered(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private String number() {
    int size = random.nextInt(1, 5);
    int bound = (int) Math.pow(10, size);
    return Integer.toString(random.nextInt(bound));
  }

  private String word(List<String> words) {
    return random.nextInt(5) == 0 ? syllables() : oneOf(words);
  }

  private String syllables() {
    String[] parts = SYLLABLES.split(" ");
    StringBuilder word = new StringBuilder();
    int n = random.nextInt(1, 5);
    for (int i = 0; i < n; i++) {
      word.append(parts[random.nextInt(parts.length)]);
    }
    return word.toString();
  }

  /** A sentence without sense. */
  private String words() {
    StringBuilder text = new StringBuilder();
    int n = random.nextInt(2, 14);
    for (int i = 0; i < n; i++) {
      text.append(i == 0 ? "" : " ");
      text.append(random.nextInt(12) == 0 ? number() : word(WORDS));
    }
    String[] ends = {"", "", ".", "?", "!"};
    return text + ends[random.nextInt(ends.length)];
  }

  private String made() {
    StringBuilder text = new StringBuilder();
    int n = random.nextInt(1, 6);
    for (int i = 0; i < n; i++) {
      text.append(i == 0 ? "" : " ").append(syllables());
    }
    return text.toString();
  }

  /** Keys hit at random. */
  private String typed() {
    StringBuilder text = new StringBuilder("x");
    int n = random.nextInt(1, 25);
    for (int i = 0; i < n; i++) {
      text.append(TYPED.charAt(random.nextInt(TYPED.length())));
    }
    return text.toString();
  }

  private String oneOf(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
