package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import java.util.List;

/**
 * What answers are rewarded for: a weighted sum of rules, as in R1 (section 2.2.2; language:
 * section 2.3.2). A weight of 0 leaves a rule out.
 *
 * @param accuracy for a right final answer: 1
 * @param format for an answer of the right form: 1
 * @param language share of the thoughts' letters that are of the question's script
 * @param brevity for answers that are shorter than their fellows (Kimi k1.5, section 2.3.3): λ =
 *     0.5 − (length − shortest) / (longest − shortest), for wrong answers min(0, λ)
 */
public record Reward(double accuracy, double format, double language, double brevity) {

  public Reward {
    for (double w : new double[] {accuracy, format, language, brevity}) {
      if (!(Math.abs(w) <= 100)) {
        throw new BadInput("a reward's weight is " + w + ", but must be between -100 and 100");
      }
    }
  }

  /** Rewards of the answers to one question, [group]. */
  public double[] of(Rollout.Group group) {
    List<Rollout> rollouts = group.rollouts();
    int shortest = rollouts.stream().mapToInt(Rollout::length).min().orElse(0);
    int longest = rollouts.stream().mapToInt(Rollout::length).max().orElse(0);
    double[] rewards = new double[rollouts.size()];
    for (int i = 0; i < rewards.length; i++) {
      Rollout r = rollouts.get(i);
      boolean correct = r.marks().correct();
      rewards[i] = (correct ? accuracy : 0) + (r.marks().wellFormed() ? format : 0);
      if (language != 0) {
        rewards[i] += language * sameScript(group.question().text(), r.marks().thinking());
      }
      if (brevity != 0 && longest > shortest) {
        double lambda = 0.5 - (double) (r.length() - shortest) / (longest - shortest);
        rewards[i] += brevity * (correct ? lambda : Math.min(0, lambda));
      }
    }
    return rewards;
  }

  /** Share of the letters of {@code text} that are of the script of most letters of the model. */
  static double sameScript(String model, String text) {
    Character.UnicodeScript script = script(model);
    long letters = text.codePoints().filter(Character::isLetter).count();
    long same =
        text.codePoints()
            .filter(c -> Character.isLetter(c) && Character.UnicodeScript.of(c) == script)
            .count();
    return letters == 0 ? 1 : (double) same / letters;
  }

  private static Character.UnicodeScript script(String text) {
    int[] counts = new int[Character.UnicodeScript.values().length];
    text.codePoints()
        .filter(Character::isLetter)
        .forEach(c -> counts[Character.UnicodeScript.of(c).ordinal()]++);
    int best = Character.UnicodeScript.LATIN.ordinal();
    for (int i = 0; i < counts.length; i++) {
      best = counts[i] > counts[best] ? i : best;
    }
    return Character.UnicodeScript.values()[best];
  }
}
