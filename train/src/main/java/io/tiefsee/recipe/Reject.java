package io.tiefsee.recipe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rejection sampling (DeepSeek-R1, section 2.3.3): samples answers and keeps right ones of the
 * right form that came to their end, different ones, the shortest first. The model stands still.
 */
public final class Reject implements Stage {
  private final String name;
  private final RejectConfig config;
  private final Rollouts rollouts;
  private final Question.Source questions;
  private final long seed;

  /**
   * @param name of the stage
   * @param rollouts of the model that answers; stays the caller's to close
   * @param seed of the run
   */
  public Reject(
      String name, RejectConfig config, Rollouts rollouts, Question.Source questions, long seed) {
    this.name = name;
    this.config = config;
    this.rollouts = rollouts;
    this.questions = questions;
    this.seed = Seeds.of(seed, name.hashCode());
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
    return new StageState();
  }

  @Override
  public Step step(long step) {
    List<Question> asked = new ArrayList<>();
    for (int i = 0; i < config.prompts(); i++) {
      asked.add(questions.at(step, i));
    }
    Rollouts.Sampling how = new Rollouts.Sampling(config.temperature(), config.maxTokens());
    List<Rollout.Group> groups =
        rollouts.sample(asked, config.samples(), how, Seeds.of(seed, step), 0);
    List<Sample> kept = new ArrayList<>();
    double tokens = 0;
    double right = 0;
    for (Rollout.Group g : groups) {
      kept.addAll(keep(g));
      right += g.accuracy() / groups.size();
      tokens += g.rollouts().stream().mapToInt(Rollout::length).sum();
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(Metrics.ACCURACY, right);
    metrics.put(Metrics.LENGTH, tokens / config.prompts() / config.samples());
    metrics.put(Metrics.TOKENS, tokens);
    metrics.put("kept", (double) kept.size());
    return new Step(metrics, List.of(), kept);
  }

  private List<Sample> keep(Rollout.Group group) {
    List<Sample> kept = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    group.rollouts().stream()
        .sorted(Comparator.comparingInt(Rollout::length))
        .filter(r -> !r.truncated()) // what was cut might have gone on to something wrong
        .map(Rollout::marks)
        .filter(m -> m.correct() && m.wellFormed() && seen.add(m.thinking()))
        .limit(config.keep())
        .forEach(m ->
            kept.add(
                new Sample(
                    group.question().id(), group.question().text(), m.thinking(), m.answer(), 1)));
    return kept;
  }

  @Override
  public void close() {
    // What it uses belongs to others.
  }
}
