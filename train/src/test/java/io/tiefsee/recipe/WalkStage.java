package io.tiefsee.recipe;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A stage without a model: a random walk that derives from seed, step and what it has reached. */
final class WalkStage implements Stage {
  private static final int SIZE = 1000;

  private final long steps;
  private final long seed;
  private final long millis;
  private final MemorySegment place = Arena.ofAuto().allocate(4 * SIZE, 64);
  private long taken;

  WalkStage(long steps, long seed, long millis) {
    this.steps = steps;
    this.seed = seed;
    this.millis = millis;
  }

  @Override
  public String name() {
    return "walk";
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public Step step(long step) {
    SplittableRandom random = new SplittableRandom(seed + 31 * step);
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      float x = place.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      x = (float) (0.9 * x + random.nextDouble() + taken);
      place.setAtIndex(ValueLayout.JAVA_FLOAT, i, x);
      sum += x;
    }
    taken++;
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Sample sample = new Sample("p" + step, "where", "left or right", "here", sum);
    return new Step(
        Map.of("reward", sum, Metrics.TOKENS, (double) SIZE), List.of(sample), List.of(sample));
  }

  @Override
  public StageState state() {
    return new StageState().tensor("place", place).counter("taken", () -> taken, v -> taken = v);
  }

  /** All that the walk has reached, as text. */
  String reached() {
    return taken + ":" + java.util.Arrays.hashCode(place.toArray(ValueLayout.JAVA_INT));
  }

  @Override
  public void close() {}
}
