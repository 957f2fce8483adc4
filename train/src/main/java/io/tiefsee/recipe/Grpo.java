package io.tiefsee.recipe;

import io.tiefsee.kernel.Isa;
import io.tiefsee.recipe.PolicyUpdate.Example;
import io.tiefsee.train.TrainableModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Group relative policy optimisation. One step: sample a group of answers to each of some questions
 * with the model as it is; reward them; take the advantage of each over its group; move the model
 * along the gradient of the clipped {@link Surrogate}.
 *
 * <p>Everything random derives from (seed, step, index), so that a step's outcome depends only on
 * its number and on what {@link #state} holds: a run goes on from that to the same bits. One thread
 * calls.
 */
public final class Grpo implements Stage {
  /** Kinds of randomness within a step. */
  private static final int SAMPLES = 1;

  private static final int ORDER = 2;
  private static final int EVALUATION = 3;

  /** Answers of a step that are handed on to be looked at. */
  private static final int SHOWN = 4;

  private final String name;
  private final long seed;
  private final GrpoConfig config;
  private final EvalConfig eval;
  private final Learner learner;
  private final Question.Source questions;
  private final List<Question> heldOut;
  private final Rollouts rollouts;
  private final Optional<Reference> reference;
  private long sampledTokens;

  /** A group with its rewards. */
  private record Rewarded(Rollout.Group group, double[] rewards) {}

  /**
   * @param name of the stage; stages of one run have names and so random numbers of their own
   * @param seed of the run
   * @param eval how to score on the way
   * @param learner of the model to train; stays the caller's to close
   * @param heldOut questions to evaluate on; may be empty
   * @param endOfGeneration tokens that end an answer
   * @param threads of sampling
   */
  public Grpo(
      String name,
      long seed,
      GrpoConfig config,
      EvalConfig eval,
      Learner learner,
      Question.Source questions,
      List<Question> heldOut,
      Set<Integer> endOfGeneration,
      Isa isa,
      int threads) {
    this.name = name;
    this.seed = Seeds.of(seed, name.hashCode());
    this.config = config;
    this.eval = eval;
    this.learner = learner;
    this.questions = questions;
    this.heldOut = List.copyOf(heldOut);
    TrainableModel model = learner.model();
    rollouts = new Rollouts(model.transformer(), endOfGeneration, room(), isa, threads);
    reference =
        config.kl() == 0
            ? Optional.empty()
            : Optional.of(new Reference(model.copy(), learner.batchTokens(), isa, threads));
  }

  /** For the answers of a step and those of an evaluation. */
  private Rollouts.Room room() {
    int longest = 0;
    for (int i = 0; i < config.prompts(); i++) {
      longest = Math.max(longest, questions.at(0, i).prompt().length);
    }
    for (Question q : heldOut) {
      longest = Math.max(longest, q.prompt().length);
    }
    int maxTokens = Math.max(config.maxTokens(), heldOut.isEmpty() ? 0 : eval.maxTokens());
    return Rollouts.Room.of((long) config.prompts() * config.group(), longest, maxTokens);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long steps() {
    return config.steps();
  }

  @Override
  public StageState state() {
    StageState state = new StageState().optimiser(learner.adamW()).corrections(learner.model());
    reference.ifPresent(r -> state.frozen("reference", r.model()));
    return state;
  }

  /**
   * Takes a step.
   *
   * @throws io.tiefsee.tensor.BadInput if a ratio or the gradient is beyond its limit; no step has
   *     been taken then along that gradient
   */
  @Override
  public Step step(long step) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    List<Sample> samples = new ArrayList<>();
    if (step == 0 && !heldOut.isEmpty() && eval.every() > 1) {
      evaluate(step).into(metrics); // where the curve begins
    }
    long start = System.nanoTime();
    rollouts.weightsChanged();
    List<Rewarded> groups = collect(step, metrics, samples);
    long sampled = System.nanoTime();
    PolicyUpdate update = new PolicyUpdate(learner, config.surrogate(), config.maxRatio());
    learn(step, examples(groups), update, metrics);
    long learnt = System.nanoTime();
    long learntTokens = update.tally().tokens;
    metrics.put("sampling_tokens/s", sampledTokens * 1e9 / (sampled - start));
    metrics.put("learning_tokens/s", learntTokens * 1e9 / (learnt - sampled));
    metrics.put("learnt_tokens", (double) learntTokens);
    metrics.put(Metrics.TOKENS, (double) (sampledTokens + learntTokens));
    boolean last = step + 1 == config.steps();
    if (!heldOut.isEmpty() && (last || (eval.every() > 0 && (step + 1) % eval.every() == 0))) {
      evaluate(step).into(metrics);
    }
    return new Step(metrics, samples, List.of());
  }

  /** The score on the held-out questions, as the model is now. */
  public Evaluation evaluate(long step) {
    Rollouts.Sampling how = new Rollouts.Sampling(eval.temperature(), eval.maxTokens());
    rollouts.weightsChanged();
    return Evaluation.of(
        rollouts.sample(heldOut, eval.samples(), how, Seeds.of(seed, EVALUATION, step), 0));
  }

  /** Asks until there are enough groups to learn from, or until no more may be drawn. */
  private List<Rewarded> collect(long step, Map<String, Double> metrics, List<Sample> samples) {
    Rollouts.Sampling how = new Rollouts.Sampling(config.temperature(), config.maxTokens());
    long samplesSeed = Seeds.of(seed, SAMPLES, step);
    List<Rewarded> kept = new ArrayList<>();
    sampledTokens = 0;
    int asked = 0;
    int informative = 0;
    for (int round = 0; round < config.draws() && kept.size() < config.prompts(); round++) {
      List<Question> next = new ArrayList<>();
      for (int i = 0; i < config.prompts(); i++) {
        next.add(questions.at(step, asked + i));
      }
      List<Rollout.Group> groups = rollouts.sample(next, config.group(), how, samplesSeed, asked);
      List<double[]> allRewards = groups.stream().map(config::rewards).toList();
      asked += next.size();
      if (round == 0) {
        RolloutMetrics.put(groups, allRewards, metrics);
      }
      for (int i = 0; i < groups.size(); i++) {
        Rollout.Group g = groups.get(i);
        double[] rewards = allRewards.get(i);
        sampledTokens += g.rollouts().stream().mapToInt(Rollout::length).sum();
        boolean differ = Advantages.differ(rewards);
        informative += differ ? 1 : 0;
        if (samples.size() < SHOWN) {
          samples.add(sample(g, rewards));
        }
        if ((differ || !config.dynamicSampling()) && kept.size() < config.prompts()) {
          kept.add(new Rewarded(g, rewards));
        }
      }
    }
    metrics.put("informative", informative / (double) asked);
    return kept;
  }

  /** The first answer of a group, to look at. */
  private static Sample sample(Rollout.Group g, double[] rewards) {
    Question.Marks marks = g.rollouts().getFirst().marks();
    Question q = g.question();
    return new Sample(q.id(), q.text(), marks.thinking(), marks.answer(), rewards[0]);
  }

  private List<Example> examples(List<Rewarded> groups) {
    List<Example> examples = new ArrayList<>();
    for (Rewarded g : groups) {
      int[] prompt = g.group.question().prompt();
      double[] advantages =
          Advantages.of(g.rewards, config.advantage() == GrpoConfig.Advantage.STANDARDISED);
      for (int i = 0; i < advantages.length; i++) {
        examples.add(new Example(prompt, g.group.rollouts().get(i), advantages[i], new float[0]));
      }
    }
    return reference.map(r -> withReference(r, examples)).orElse(examples);
  }

  private static List<Example> withReference(Reference r, List<Example> examples) {
    float[][] logProbs =
        r.logProbs(
            examples.stream().map(Example::prompt).toArray(int[][]::new),
            examples.stream().map(e -> e.rollout().tokens()).toArray(int[][]::new));
    List<Example> all = new ArrayList<>();
    for (int i = 0; i < logProbs.length; i++) {
      Example e = examples.get(i);
      all.add(new Example(e.prompt(), e.rollout(), e.advantage(), logProbs[i]));
    }
    return all;
  }

  private void learn(
      long step, List<Example> examples, PolicyUpdate update, Map<String, Double> metrics) {
    double rate = config.optimiser().schedule(config.steps()).at((int) step);
    double norm = 0;
    double violation = 0;
    int updates = 0;
    for (int epoch = 0; epoch < config.epochs() && !examples.isEmpty(); epoch++) {
      List<Example> order = new ArrayList<>(examples);
      Collections.shuffle(order, new Random(Seeds.of(seed, ORDER, step, epoch)));
      int parts = Math.min(config.minibatches(), order.size());
      for (int m = 0; m < parts; m++) {
        List<Example> part =
            order.subList(m * order.size() / parts, (m + 1) * order.size() / parts);
        if (!update.accumulate(part, weights(part))) {
          continue; // moments and decay would move the weights for no reason
        }
        Learner.Step done = learner.step(rate, config.optimiser().clip());
        norm = Math.max(norm, done.gradientNorm());
        violation = Math.max(violation, done.maxViolation());
        updates++;
      }
    }
    PolicyUpdate.Tally t = update.tally();
    metrics.put(Metrics.LEARNING_RATE, rate);
    metrics.put(Metrics.LOSS, updates == 0 ? 0 : t.loss / updates);
    metrics.put(Metrics.ENTROPY, t.mean(t.entropy));
    metrics.put(Metrics.KL, t.mean(t.kl));
    metrics.put(Metrics.CLIPPED, t.mean(t.clipped));
    metrics.put("max_ratio", t.maxRatio);
    metrics.put(Metrics.GRADIENT_NORM, norm);
    metrics.put(Metrics.MAX_VIOLATION, violation);
  }

  private double[] weights(List<Example> part) {
    boolean[] counts = new boolean[part.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] =
          config.overlong() != GrpoConfig.Overlong.FILTER || !part.get(i).rollout().truncated();
    }
    return config
        .loss()
        .weights(part.stream().map(e -> e.rollout().length()).toList(), counts, config.maxTokens());
  }

  @Override
  public void close() {
    rollouts.close();
    reference.ifPresent(Reference::close);
  }
}
