package io.tiefsee.recipe;

/**
 * How the demonstrator of the cold start searches. Most of the time it is quick to give up, on
 * purpose: it shows how to search and to check, and leaves it to reinforcement learning to find out
 * that going on pays.
 *
 * @param patience share of searches that go on to the end
 * @param giveUp chance to give up after each line that failed, without patience
 * @param check chance to check a hit
 * @param slip chance of a try to be misread as a hit, which the check that follows finds out; the
 *     slip itself is not learnt
 * @param misguess chance that the first guess of a digit, in long division, is one off; not learnt
 *     either
 * @param insight of four numbers: chance that the next line is one that hits
 * @param lines at most
 */
public record Manner(
    double patience,
    double giveUp,
    double check,
    double slip,
    double misguess,
    double insight,
    int lines) {
  public static final Manner DEFAULT = new Manner(0.25, 0.4, 0.25, 0.002, 0.2, 0.1, 24);

  public Manner {
    Limits.within("patience", patience, 0, 1);
    Limits.within("give_up", giveUp, 0, 1);
    Limits.within("check", check, 0, 1);
    Limits.within("slip", slip, 0, 1);
    Limits.within("misguess", misguess, 0, 1);
    Limits.within("insight", insight, 0, 1);
    Limits.atLeast("lines", lines, 1);
  }

  /** The same without giving up, for those who have learnt that it does not pay. */
  public Manner patient() {
    return new Manner(1, 0, check, slip, misguess, insight, lines);
  }
}
