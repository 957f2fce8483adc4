package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.util.List;

/**
 * Contestants that run in this process: one for each instruction set, number of threads and budget.
 *
 * @param name in the report; empty: that of the model's file
 * @param model as {@code --model} takes it
 * @param budgets tokens of thoughts; 0: no limit
 * @param k how many answers vote
 * @param isa instruction sets, to stand for older machines: scalar, vector, avx2, avx512; none: the
 *     machine's best
 * @param threads none: one per physical core
 * @param parallel questions at once
 */
public record LocalConfig(
    String name,
    String model,
    List<Integer> budgets,
    List<Integer> k,
    List<String> isa,
    List<Integer> threads,
    int parallel) {
  public static final LocalConfig DEFAULTS =
      new LocalConfig("", "embedded", List.of(0), List.of(1), List.of(), List.of(), 16);

  public LocalConfig {
    checkLists(budgets, k);
    if (parallel < 1 || parallel > 1024) {
      throw new BadInput("parallel is " + parallel + ", but must be 1 to 1024");
    }
    if (threads.stream().anyMatch(t -> t < 1 || t > 1024)) {
      throw new BadInput("threads is a list of numbers from 1 to 1024, not " + threads);
    }
  }

  static void checkLists(List<Integer> budgets, List<Integer> k) {
    if (budgets.isEmpty() || budgets.stream().anyMatch(b -> b < 0)) {
      throw new BadInput(
          "budgets is a list of tokens, 0 for no limit, like [64, 256, 0], not " + budgets);
    }
    if (k.isEmpty() || k.stream().anyMatch(n -> n < 1 || n > 1024)) {
      throw new BadInput("k is a list of numbers of answers, like [1, 8], not " + k);
    }
  }
}
