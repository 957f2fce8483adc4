package io.tiefsee.recipe;

import java.util.List;

/**
 * One sampled answer.
 *
 * @param tokens ids, with the one that ended it
 * @param logProbs natural log-probability of each under the model that sampled it
 * @param truncated whether the limit of tokens ended it
 * @param marks of the verifier
 */
public record Rollout(int[] tokens, float[] logProbs, boolean truncated, Question.Marks marks) {

  public int length() {
    return tokens.length;
  }

  /** All answers to one question. */
  public record Group(Question question, List<Rollout> rollouts) {
    public Group {
      rollouts = List.copyOf(rollouts);
    }

    /** Share of answers that are right. */
    public double accuracy() {
      return rollouts.stream().filter(r -> r.marks().correct()).count() / (double) rollouts.size();
    }

    /**
     * Whether the most frequent final answer is right; of equally frequent ones the first given
     * counts. Answers without a final answer have no vote.
     */
    public boolean majority() {
      int most = 0;
      boolean correct = false;
      for (Rollout r : rollouts) {
        String answer = r.marks().extracted();
        int votes = 0;
        for (Rollout other : rollouts) {
          votes += !answer.isEmpty() && other.marks().extracted().equals(answer) ? 1 : 0;
        }
        if (votes > most) {
          most = votes;
          correct = r.marks().correct();
        }
      }
      return correct;
    }
  }
}
