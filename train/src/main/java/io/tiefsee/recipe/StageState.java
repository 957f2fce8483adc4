package io.tiefsee.recipe;

import io.tiefsee.train.AdamW;
import io.tiefsee.train.Parameter;
import io.tiefsee.train.TrainableModel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Live views of what a checkpoint keeps: f32 tensors, by name, and whole numbers. To save is to
 * read them, to go on is to write them. The names are those of the file's tensors.
 */
public final class StageState {
  record Counter(LongSupplier get, LongConsumer set) {}

  private final Map<String, MemorySegment> tensors = new LinkedHashMap<>();
  private final Map<String, Counter> counters = new LinkedHashMap<>();
  private final List<Runnable> restored = new ArrayList<>();

  /** Nothing yet, for stages that leave nothing but their position. */
  public StageState() {}

  /** What an optimiser moves and how: weights, both moments, steps. */
  public StageState optimiser(AdamW adamW) {
    for (AdamW.State s : adamW.states()) {
      Parameter p = s.parameter();
      tensor("model." + p.name(), p.values());
      tensor("adamw.first." + p.name(), s.first());
      tensor("adamw.second." + p.name(), s.second());
    }
    return counter("adamw.steps", adamW::steps, adamW::resume);
  }

  /**
   * The routers' correction biases, which no optimiser moves; what the model derives from its
   * numbers is made anew after they have been restored.
   */
  public StageState corrections(TrainableModel model) {
    restored.add(model::refresh);
    model.corrections().forEach((name, bias) -> tensor("model." + name, bias.data()));
    return this;
  }

  /** Weights that stand still, of a reference model for instance. */
  public StageState frozen(String prefix, TrainableModel model) {
    restored.add(model::refresh);
    for (Parameter p : model.parameters()) {
      tensor(prefix + "." + p.name(), p.values());
    }
    model.corrections().forEach((name, bias) -> tensor(prefix + "." + name, bias.data()));
    return this;
  }

  /** Any f32 numbers. */
  public StageState tensor(String name, MemorySegment f32) {
    if (tensors.putIfAbsent(name, f32) != null) {
      throw new IllegalArgumentException("two tensors are named " + name);
    }
    return this;
  }

  /** Any whole number. */
  public StageState counter(String name, LongSupplier get, LongConsumer set) {
    if (counters.putIfAbsent(name, new Counter(get, set)) != null) {
      throw new IllegalArgumentException("two counters are named " + name);
    }
    return this;
  }

  /** Called after all has been written. */
  void restored() {
    restored.forEach(Runnable::run);
  }

  Map<String, MemorySegment> tensors() {
    return tensors;
  }

  /** A counter that is there. */
  Counter counter(String name) {
    return Optional.ofNullable(counters.get(name)).orElseThrow();
  }

  Map<String, Counter> counters() {
    return counters;
  }
}
