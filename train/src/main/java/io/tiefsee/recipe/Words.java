package io.tiefsee.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The words of which the vocabulary of a model from nothing makes tokens. */
final class Words {
  private static final Pattern WORD = Pattern.compile(" ?\\p{L}+");

  /** Signs that questions may have beside the ASCII ones. */
  private static final List<String> SIGNS = List.of("×", " ×", "÷", " ÷", "−", " −");

  private static final int DEMONSTRATIONS = 6000;

  private Words() {}

  /** A word that less than one demonstration in so many has is spelt in pieces. */
  private static final int RARE = 500;

  /**
   * The words that demonstrations have often, sorted.
   *
   * @param mixture its seed decides nothing that matters, so vocabularies of other seeds are equal
   *     if it is fixed
   */
  static List<String> of(Mixture mixture, Manner manner) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < DEMONSTRATIONS; i++) {
      Demonstration d = mixture.demonstration(0, i, manner);
      for (String text : List.of(d.question(), d.thoughts(), d.answer())) {
        WORD.matcher(text).results().forEach(m -> counts.merge(m.group(), 1, Integer::sum));
      }
    }
    List<String> words = new ArrayList<>(SIGNS);
    counts.forEach((word, n) -> {
      if (n >= DEMONSTRATIONS / RARE && word.strip().length() > 1) {
        words.add(word);
      }
    });
    words.sort(null);
    return words;
  }
}
