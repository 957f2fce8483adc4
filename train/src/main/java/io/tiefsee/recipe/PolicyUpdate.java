package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.LogProbs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Steps along the gradient of a {@link Surrogate}. A minibatch is packed into as few micro-batches
 * as the learner's room allows, the longest answers first; their gradients add up to one step.
 */
final class PolicyUpdate {
  /**
   * One answer to learn from.
   *
   * @param prompt token ids
   * @param rollout the answer with the log-probabilities of the model that sampled it
   * @param advantage of all its tokens
   * @param reference log-probabilities under the reference, [answer]; empty where it has no say
   */
  record Example(int[] prompt, Rollout rollout, double advantage, float[] reference) {
    int length() {
      return prompt.length + rollout.length();
    }

    int[] tokens() {
      int[] all = Arrays.copyOf(prompt, length());
      System.arraycopy(rollout.tokens(), 0, all, prompt.length, rollout.length());
      return all;
    }

    /** 1 for each token of the answer. */
    float[] targets() {
      float[] weights = new float[length()];
      Arrays.fill(weights, prompt.length, weights.length, 1);
      return weights;
    }
  }

  /** Sums over the tokens of all updates since {@link #reset}. */
  static final class Tally {
    long tokens;
    long clipped;
    double entropy;
    double kl;
    double maxRatio;
    double loss;

    double mean(double sum) {
      return tokens == 0 ? 0 : sum / tokens;
    }
  }

  private final Learner learner;
  private final Surrogate surrogate;
  private final double maxRatio;
  private final Tally tally = new Tally();

  PolicyUpdate(Learner learner, Surrogate surrogate, double maxRatio) {
    this.learner = learner;
    this.surrogate = surrogate;
    this.maxRatio = maxRatio;
  }

  Tally tally() {
    return tally;
  }

  /**
   * Adds the gradients of a minibatch to the parameters'.
   *
   * @param weights of each example's tokens, [examples]; 0 leaves it out
   * @return whether any example had something to teach
   * @throws BadInput if a ratio is beyond the limit or not a number
   */
  boolean accumulate(List<Example> examples, double[] weights) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] != 0 && teaches(examples.get(i))) {
        order.add(i);
      }
    }
    order.sort(Comparator.comparingInt(i -> -examples.get(i).length()));
    for (int from = 0; from < order.size(); ) {
      learner.batch().clear();
      int to = from;
      while (to < order.size()
          && (to == from || learner.batch().fits(examples.get(order.get(to)).length()))) {
        Example e = examples.get(order.get(to));
        learner.batch().add(e.tokens(), e.targets());
        to++;
      }
      microBatch(examples, order.subList(from, to), weights);
      from = to;
    }
    return !order.isEmpty();
  }

  /** Without advantage there is a gradient only from the reference or from the entropy. */
  private boolean teaches(Example e) {
    return e.advantage != 0 || surrogate.kl() != 0 || surrogate.entropy() != 0;
  }

  private void microBatch(List<Example> examples, List<Integer> members, double[] weights) {
    LogProbs now = learner.forward();
    float[] dValues = new float[now.values().length];
    float[] dEntropies = new float[dValues.length];
    int row = 0;
    for (int m : members) {
      Example e = examples.get(m);
      for (int i = 0; i < e.rollout.length(); i++, row++) {
        float logProb = now.values()[row];
        double old = e.rollout.logProbs()[i];
        double reference = e.reference.length == 0 ? logProb : e.reference[i];
        double ratio = Math.exp(logProb - old);
        if (!(ratio <= maxRatio)) {
          throw new BadInput(
              "the probability of a token is "
                  + ratio
                  + " times what it was when it was sampled, above the limit of "
                  + maxRatio
                  + ", so its minibatch was not learnt from; go on from the last checkpoint with a"
                  + " smaller learning rate or fewer updates a step");
        }
        double w = weights[m];
        dValues[row] = (float) (w * surrogate.gradient(logProb, old, reference, e.advantage));
        dEntropies[row] = (float) (-w * surrogate.entropy());
        tally.tokens++;
        tally.clipped += surrogate.clips(logProb, old, e.advantage) ? 1 : 0;
        tally.entropy += now.entropies()[row];
        tally.kl += Surrogate.k3(logProb, reference);
        tally.maxRatio = Math.max(tally.maxRatio, ratio);
        tally.loss +=
            w
                * (surrogate.loss(logProb, old, reference, e.advantage)
                    - surrogate.entropy() * now.entropies()[row]);
      }
    }
    now.gradient(dValues, dEntropies);
    learner.backward();
  }
}
