package io.tiefsee.train;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.tiefsee.format.PeftAdapter;
import io.tiefsee.model.Lora;
import io.tiefsee.model.ModelWeights;
import io.tiefsee.model.NamedWeights;
import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Slab;
import io.tiefsee.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The trainable tensors of a model, all of its weights or adapters of them, in a fixed order.
 * Values are views of the model's own memory; gradients lie beside. A tied output is one parameter.
 * Not thread-safe, except that kernels may write disjoint parts of gradients.
 */
public final class Parameters implements Iterable<Parameter> {
  private final List<Parameter> list = new ArrayList<>();
  private final Map<String, Parameter> byName = new HashMap<>();
  private final Map<Object, Parameter> byWeight = new IdentityHashMap<>();
  private final List<Gathered> gathered = new ArrayList<>();
  private final boolean lowRank;
  private final Slab slab;

  /** A transposed copy of rows of a parameter, which gathers a gradient of its own. */
  private record Gathered(Parameter whole, int firstRow, Parameter part) {}

  /**
   * All weights of a model but the routers' correction biases.
   *
   * @param weights f32 matrices in layout ROWS
   * @param arena owns the gradients
   */
  public Parameters(ModelWeights weights, Arena arena) {
    lowRank = false;
    slab = new Slab(arena);
    NamedWeights.map(
        weights,
        new NamedWeights.Mapper() {
          @Override
          public Matrix matrix(String name, Matrix m) {
            if (m.type() != QuantType.F32 || m.layout() != Layout.ROWS) {
              throw new IllegalArgumentException(name + " is " + m.type() + " in " + m.layout());
            }
            add(m, name, m.rows(), m.cols(), false, m.data());
            return m;
          }

          @Override
          public Tensor vector(String name, Tensor v) {
            add(v, name, 1, v.cols(), true, v.data());
            return v;
          }

          @Override
          public Tensor correction(String name, Tensor v) {
            return v;
          }
        });
  }

  /**
   * The factors of adapters, under PEFT's names; the weights that they change stand still.
   *
   * @param lora attached to the model already
   * @param arena owns the gradients
   */
  public Parameters(Lora lora, Arena arena) {
    lowRank = true;
    slab = new Slab(arena);
    lora.modules()
        .forEach((module, change) -> {
          Matrix a = change.down();
          Matrix b = change.up();
          String name = PeftAdapter.tensorName(module, 'A');
          add(a, name, a.rows(), a.cols(), false, a.data());
          name = PeftAdapter.tensorName(module, 'B');
          add(b, name, b.rows(), b.cols(), false, b.data());
        });
    for (Lora.Part p : lora.parts()) {
      Parameter whole = of(p.of()).orElseThrow();
      Matrix m = p.part();
      MemorySegment gradient =
          p.transposed()
              ? slab.take(4L * m.rows() * m.cols())
              : whole.gradient().asSlice(p.of().rowOffset(p.firstRow()), m.rowBytes() * m.rows());
      Parameter part = new Parameter(whole.name(), m.rows(), m.cols(), false, m.data(), gradient);
      byWeight.put(m, part);
      if (p.transposed()) {
        gathered.add(new Gathered(whole, p.firstRow(), part));
      }
    }
  }

  /** True if adapters learn, not all weights. */
  boolean lowRank() {
    return lowRank;
  }

  /** Adds the gradients of transposed copies to those of what they are copies of. */
  public void gather() {
    for (Gathered g : gathered) {
      Parameter part = g.part;
      for (int r = 0; r < part.cols(); r++) {
        for (int c = 0; c < part.rows(); c++) {
          long to = (long) (g.firstRow + r) * g.whole.cols() + c;
          float more = part.gradient().getAtIndex(JAVA_FLOAT, (long) c * part.cols() + r);
          float sum = g.whole.gradient().getAtIndex(JAVA_FLOAT, to) + more;
          g.whole.gradient().setAtIndex(JAVA_FLOAT, to, sum);
        }
      }
      part.gradient().fill((byte) 0);
    }
  }

  private void add(
      Object weight, String name, int rows, int cols, boolean vector, MemorySegment values) {
    MemorySegment gradient = slab.take(4L * rows * cols);
    Parameter p = new Parameter(name, rows, cols, vector, values, gradient);
    list.add(p);
    byName.put(name, p);
    byWeight.put(weight, p);
  }

  /** The parameter behind a weight of the model (the object itself), if it is learnt. */
  Optional<Parameter> of(Matrix weight) {
    return Optional.ofNullable(byWeight.get(weight));
  }

  /** The gradient of a norm's weight or of a bias, [1, cols], if it is learnt. */
  Optional<Tensor> gradient(Tensor weight) {
    return Optional.ofNullable(byWeight.get(weight)).map(p -> Tensor.of(1, p.cols(), p.gradient()));
  }

  public Optional<Parameter> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  public List<Parameter> list() {
    return List.copyOf(list);
  }

  /** Numbers in all of them. */
  public long size() {
    return list.stream().mapToLong(Parameter::size).sum();
  }

  /** Forgets all gradients. */
  public void clearGradients() {
    for (Parameter p : list) {
      p.gradient().fill((byte) 0);
    }
    gathered.forEach(g -> g.part.gradient().fill((byte) 0));
  }

  @Override
  public Iterator<Parameter> iterator() {
    return list().iterator();
  }
}
