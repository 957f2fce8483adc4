package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.Schedule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Supervised fine-tuning: cross-entropy of thoughts and answers, averaged over the tokens that are
 * learnt in a step; prompts are only read.
 */
public final class Sft implements Stage {
  private final String name;
  private final SftConfig config;
  private final Learner learner;
  private final Example.Source source;
  private final Schedule schedule;

  /**
   * @param name of the stage
   * @param learner stays the caller's to close
   * @param source what is learnt from
   */
  public Sft(String name, SftConfig config, Learner learner, Example.Source source) {
    this.name = name;
    this.config = config;
    this.learner = learner;
    this.source = source;
    this.schedule = config.optimiser().schedule(Math.max(1, config.steps()));
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
    return new StageState().optimiser(learner.adamW()).corrections(learner.model());
  }

  @Override
  public Step step(long step) {
    List<Example> examples = new ArrayList<>();
    int targets = 0;
    int tokens = 0;
    for (int i = 0; i < config.batch(); i++) {
      Example e = source.at(step, i);
      examples.add(e);
      targets += e.targets();
      tokens += e.tokens().length;
    }
    boolean mtp = learner.model().spec().mtp();
    float lambda = mtp ? (float) config.nextTokenWeight() : 0;
    Learner.Losses loss = new Learner.Losses(0, 0);
    learner.batch().clear();
    for (Example e : examples) {
      if (!learner.batch().fits(e.tokens().length) && learner.batch().batch().size() > 0) {
        loss = loss.plus(learner.crossEntropy(lambda));
        learner.batch().clear();
      }
      learner.batch().add(e.tokens(), e.weights(1f / targets));
    }
    loss = loss.plus(learner.crossEntropy(lambda));
    double whole = loss.next() + lambda * loss.second();
    if (!Double.isFinite(whole)) {
      throw new BadInput("the loss is " + whole + ": try a smaller learning rate");
    }
    double rate = schedule.at((int) step);
    Learner.Step done = learner.step(rate, config.optimiser().clip());
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(Metrics.LOSS, loss.next());
    if (mtp) {
      metrics.put(Metrics.SECOND_LOSS, loss.second());
    }
    metrics.put(Metrics.TOKENS, (double) tokens);
    metrics.put(Metrics.LEARNING_RATE, rate);
    metrics.put(Metrics.GRADIENT_NORM, done.gradientNorm());
    metrics.put(Metrics.MAX_VIOLATION, done.maxViolation());
    return Step.of(metrics);
  }

  @Override
  public void close() {
    // What it uses belongs to others.
  }
}
