package io.tiefsee.eval;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A clue of a logic grid, about people and things by number. A solution says for each kind and each
 * person which thing it is; the right one gives each person the thing of the same number.
 */
sealed interface LogicClue {
  /** A person has a thing. */
  record Has(int kind, int person, int thing) implements LogicClue {}

  /** A person has not a thing. */
  record HasNot(int kind, int person, int thing) implements LogicClue {}

  /** The owner of a thing of the first kind has, or has not, one of the second. */
  record Together(int first, int second, boolean are) implements LogicClue {}

  /** One of two people has a thing. */
  record Either(int kind, int one, int other, int thing) implements LogicClue {}

  /**
   * Whether it holds in a solution.
   *
   * @param solution [kind][person] → thing
   */
  default boolean holds(int[][] solution) {
    return switch (this) {
      case Has(int kind, int person, int thing) -> solution[kind][person] == thing;
      case HasNot(int kind, int person, int thing) -> solution[kind][person] != thing;
      case Together(int first, int second, boolean are) -> {
        int person = 0;
        while (solution[0][person] != first) {
          person++;
        }
        yield (solution[1][person] == second) == are;
      }
      case Either(int kind, int one, int other, int thing) ->
          solution[kind][one] == thing || solution[kind][other] == thing;
    };
  }

  /** True clues, each of which excludes something, that leave the right solution only. */
  static List<LogicClue> unique(int people, int kinds, Randomness random) {
    Table table = Table.of(people, kinds);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < table.clues().size(); i++) {
      order.add(i);
    }
    random.shuffle(order);
    List<LogicClue> chosen = new ArrayList<>();
    BitSet left = new BitSet();
    left.set(0, table.solutions());
    int direct = 0;
    for (int i : order) {
      LogicClue clue = table.clues().get(i);
      boolean says = clue instanceof Has;
      if (says && direct == people - 2) {
        continue;
      }
      BitSet kept = (BitSet) left.clone();
      kept.and(table.holds().get(i));
      if (kept.cardinality() < left.cardinality()) {
        chosen.add(clue);
        left = kept;
        direct += says ? 1 : 0;
      }
    }
    return chosen;
  }

  /**
   * All clues of a size of puzzle and the solutions in which each holds, worked out once.
   *
   * @param holds by clue
   */
  record Table(List<LogicClue> clues, List<BitSet> holds, int solutions) {
    private static final Map<String, Table> TABLES = new ConcurrentHashMap<>();

    static Table of(int people, int kinds) {
      return TABLES.computeIfAbsent(people + "x" + kinds, size -> make(people, kinds));
    }

    private static Table make(int people, int kinds) {
      List<int[][]> solutions = LogicClue.solutions(people, kinds);
      List<LogicClue> clues = all(people, kinds);
      List<BitSet> holds = new ArrayList<>();
      for (LogicClue clue : clues) {
        BitSet in = new BitSet(solutions.size());
        for (int i = 0; i < solutions.size(); i++) {
          in.set(i, clue.holds(solutions.get(i)));
        }
        holds.add(in);
      }
      return new Table(clues, holds, solutions.size());
    }
  }

  /** All that are true of the right solution. */
  private static List<LogicClue> all(int people, int kinds) {
    List<LogicClue> all = new ArrayList<>();
    for (int kind = 0; kind < kinds; kind++) {
      for (int i = 0; i < people; i++) {
        all.add(new Has(kind, i, i));
        for (int j = 0; j < people; j++) {
          if (i != j) {
            all.add(new HasNot(kind, i, j));
            all.add(i < j ? new Either(kind, i, j, i) : new Either(kind, j, i, i));
          }
          if (kind == 1) {
            all.add(new Together(i, j, i == j));
          }
        }
      }
    }
    return all;
  }

  /** Every way to give out the things. */
  static List<int[][]> solutions(int people, int kinds) {
    List<int[]> orders = new ArrayList<>();
    permute(new int[people], 0, 0, orders);
    List<int[][]> solutions = new ArrayList<>();
    for (int[] first : orders) {
      if (kinds == 1) {
        solutions.add(new int[][] {first});
      } else {
        orders.forEach(second -> solutions.add(new int[][] {first, second}));
      }
    }
    return solutions;
  }

  private static void permute(int[] order, int at, int used, List<int[]> into) {
    if (at == order.length) {
      into.add(order.clone());
      return;
    }
    for (int i = 0; i < order.length; i++) {
      if ((used >> i & 1) == 0) {
        order[at] = i;
        permute(order, at + 1, used | 1 << i, into);
      }
    }
  }
}
