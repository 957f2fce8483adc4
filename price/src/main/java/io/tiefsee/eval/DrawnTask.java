package io.tiefsee.eval;

import io.tiefsee.tensor.BadInput;

/**
 * A task that draws contents until one falls into the split asked for, then words it.
 *
 * @param <C> its content
 */
abstract class DrawnTask<C extends Content> implements Task {
  /** One draw in eight is in TEST, so that only a level without any such problem gets here. */
  private static final int TRIES = 100_000;

  /** A content of this level. */
  abstract C draw(int level, Randomness random);

  /** The same text for equal contents, without the task's name. */
  abstract String canonical(C content);

  /** One of the task's wordings. */
  abstract String word(C content, Randomness random);

  abstract Check check(C content);

  /** What {@link #describe} says of a level that exists. */
  abstract String describeLevel(int level);

  @Override
  public final String describe(int level) {
    require(level);
    return describeLevel(level);
  }

  @Override
  public final Problem generate(int level, Split split, long seed) {
    require(level);
    Randomness random =
        new Randomness(Randomness.mix(Randomness.mix(seed, Split.hash(name())), level));
    for (int i = 0; i < TRIES; i++) {
      C content = draw(level, random);
      String id = name() + ":" + canonical(content);
      if (Split.of(id) == split) {
        return new Problem(name(), level, id, word(content, random), content, check(content));
      }
    }
    throw new IllegalStateException(name() + ", level " + level + ", has nothing in " + split);
  }

  private void require(int level) {
    if (level < 1 || level > levels()) {
      throw new BadInput(
          "the task %s has levels 1 to %d, not %d".formatted(name(), levels(), level));
    }
  }
}
