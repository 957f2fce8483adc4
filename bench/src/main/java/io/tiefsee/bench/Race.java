package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Rounds in which all racers do the same, one after the other, in turning order; so what slows the
 * machine down for a while slows down all of them. The first racer is the one that ratios compare
 * with.
 *
 * @param racers at least one
 * @param measures what is measured
 * @param rounds how often
 * @param said hears what is going on
 */
record Race(List<Racer> racers, List<Measure> measures, int rounds, Consumer<String> said) {
  /** All results of a model: by measure and racer, one value a round. */
  static final class Results {
    private final Map<Measure, Map<Racer, TreeMap<Integer, Racer.Result>>> all =
        new LinkedHashMap<>();

    private void put(Measure m, Racer r, int round, Racer.Result value) {
      all.computeIfAbsent(m, k -> new LinkedHashMap<>())
          .computeIfAbsent(r, k -> new TreeMap<>())
          .put(round, value);
    }

    private TreeMap<Integer, Racer.Result> of(Measure m, Racer r) {
      return all.getOrDefault(m, Map.of()).getOrDefault(r, new TreeMap<>());
    }

    /** The racer's own figures. */
    Spread values(Measure m, Racer r) {
      return Spread.of(of(m, r).values().stream().map(Racer.Result::value).toList());
    }

    /** How many times better {@code ours} is than {@code theirs}, round by round. */
    Spread ratios(Measure m, Racer ours, Racer theirs) {
      List<Double> ratios = new ArrayList<>();
      of(m, ours)
          .forEach((round, value) ->
              Optional.ofNullable(of(m, theirs).get(round))
                  .ifPresent(other -> ratios.add(m.ratio(value.value(), other.value()))));
      return Spread.of(ratios);
    }

    /** Part of the read bandwidth in use. */
    Spread shares(Measure m, Racer r) {
      return Spread.of(of(m, r).values().stream().flatMap(v -> v.share().stream()).toList());
    }
  }

  /**
   * Runs all rounds. A racer that fails is reported and left out of that measure from then on.
   *
   * @param excluded whether a racer must not take part in a measure
   */
  Results run(
      Child child, Racer.Track track, java.util.function.BiPredicate<Racer, Measure> excluded) {
    Results results = new Results();
    java.util.Set<List<Object>> failed = new java.util.HashSet<>();
    for (Measure measure : measures) {
      for (int round = 0; round < rounds; round++) {
        for (Racer racer : round % 2 == 0 ? racers : racers.reversed()) {
          if (!racer.supports(measure)
              || excluded.test(racer, measure)
              || failed.contains(List.of(racer, measure))) {
            continue;
          }
          try {
            Racer.Result result = racer.run(child, track, measure);
            results.put(measure, racer, round, result);
            said.accept(
                measure
                    + ", round "
                    + (round + 1)
                    + ": "
                    + racer.name()
                    + " "
                    + Racer.text(result.value())
                    + " "
                    + measure.unit());
          } catch (BadInput e) {
            failed.add(List.of(racer, measure));
            said.accept(measure + ": " + racer.name() + " failed: " + e.getMessage());
          }
        }
      }
    }
    return results;
  }
}
