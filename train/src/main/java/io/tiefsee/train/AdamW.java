package io.tiefsee.train;

import io.tiefsee.kernel.GradientOps;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.Slab;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter, 2019) with bias correction; decay is decoupled and spares vectors
 * (norms and biases). A parameter without gradient, like an expert that no token visited, goes on
 * along its old moments and is decayed.
 */
public final class AdamW {
  /**
   * Numbers of the smallest piece of work; sums of squares are taken over such pieces, in order.
   */
  private static final int PIECE = 1 << 14;

  /**
   * @param decay of 2-D parameters, times the learning rate a step
   */
  public record Config(float beta1, float beta2, float eps, float decay) {
    /** The values of DeepSeek-V3's pre-training (section 4.2). */
    public static final Config DEFAULT = new Config(0.9f, 0.95f, 1e-8f, 0.1f);
  }

  /** A parameter's moments, f32 like itself; kept in checkpoints. */
  public record State(Parameter parameter, MemorySegment first, MemorySegment second) {}

  private record Piece(State state, int from, int n) {}

  private final Config config;
  private final GradientOps ops;
  private final Parallel parallel;
  private final List<State> states = new ArrayList<>();
  private final List<Piece> pieces = new ArrayList<>();
  private long steps;

  /**
   * @param arena owns the moments
   */
  public AdamW(
      Config config, Parameters parameters, GradientOps ops, Parallel parallel, Arena arena) {
    this.config = config;
    this.ops = ops;
    this.parallel = parallel;
    Slab slab = new Slab(arena);
    for (Parameter p : parameters) {
      State state = new State(p, slab.take(4L * p.size()), slab.take(4L * p.size()));
      states.add(state);
      for (int from = 0; from < p.size(); from += PIECE) {
        pieces.add(new Piece(state, from, Math.min(PIECE, p.size() - from)));
      }
    }
  }

  public List<State> states() {
    return List.copyOf(states);
  }

  /** Steps done. */
  public long steps() {
    return steps;
  }

  /** Goes on from a checkpoint whose moments are already in {@link #states}. */
  public void resume(long stepsDone) {
    steps = stepsDone;
  }

  /** L2 norm of all gradients together; NaN or infinite if one of them is. */
  public double gradientNorm() {
    double[] sums = new double[pieces.size()];
    parallel.run(
        sums.length,
        1,
        (from, to, thread) -> {
          for (int i = from; i < to; i++) {
            Piece p = pieces.get(i);
            sums[i] = ops.squares(p.state.parameter.gradient().address() + 4L * p.from, p.n);
          }
        });
    double sum = 0;
    for (double s : sums) {
      sum += s;
    }
    return Math.sqrt(sum);
  }

  /**
   * Takes a step and clears the gradients; leaves all as it is if their norm is not finite.
   *
   * @param learningRate of this step
   * @param clip largest norm of the gradient, which is scaled down to it; infinity: as it is
   * @return the norm before clipping
   */
  public double step(double learningRate, double clip) {
    double norm = gradientNorm();
    if (!Double.isFinite(norm)) {
      return norm;
    }
    steps++;
    double correction1 = 1 - Math.pow(config.beta1, steps);
    double correction2 = 1 - Math.pow(config.beta2, steps);
    GradientOps.AdamStep matrices =
        new GradientOps.AdamStep(
            config.beta1,
            config.beta2,
            config.eps,
            norm > clip ? (float) (clip / norm) : 1,
            (float) (1 - learningRate * config.decay),
            (float) (learningRate / correction1),
            (float) (1 / Math.sqrt(correction2)));
    GradientOps.AdamStep vectors =
        new GradientOps.AdamStep(
            config.beta1,
            config.beta2,
            config.eps,
            matrices.scale(),
            1,
            matrices.rate(),
            matrices.rootScale());
    parallel.run(
        pieces.size(),
        1,
        (from, to, thread) -> {
          for (Piece p : pieces.subList(from, to)) {
            update(p, p.state.parameter.vector() ? vectors : matrices);
          }
        });
    return norm;
  }

  private void update(Piece p, GradientOps.AdamStep step) {
    State s = p.state;
    long at = 4L * p.from;
    ops.adamW(
        s.parameter.values().address() + at,
        s.parameter.gradient().address() + at,
        s.first.address() + at,
        s.second.address() + at,
        p.n,
        step);
  }
}
