package io.tiefsee.bench;

import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.util.Locale;

/**
 * Which type a tensor of a {@link SyntheticModel} gets, by the part it plays.
 *
 * @param name for messages
 * @param most of nearly all matrices
 * @param finer of the output, and of every other layers' values and down-projections
 * @param fallback where a row does not fill whole blocks of the others
 */
public record TypeMix(String name, QuantType most, QuantType finer, QuantType fallback) {
  /**
   * A mix by name: one of llama.cpp's (Q2_K, Q3_K_M, Q4_K_M, Q5_K_M), or a type for all matrices.
   *
   * @throws BadInput if there is no such
   */
  public static TypeMix of(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return switch (upper) {
      case "Q3_K_M" -> new TypeMix(upper, QuantType.Q3_K, QuantType.Q5_K, QuantType.Q8_0);
      case "Q4_K_M" -> new TypeMix(upper, QuantType.Q4_K, QuantType.Q6_K, QuantType.Q8_0);
      case "Q5_K_M" -> new TypeMix(upper, QuantType.Q5_K, QuantType.Q6_K, QuantType.Q8_0);
      default -> plain(upper);
    };
  }

  private static TypeMix plain(String name) {
    for (QuantType type : QuantType.values()) {
      if (type.name().equals(name) && RandomWeights.supports(type)) {
        QuantType fallback = type.isFloat() ? type : QuantType.Q8_0;
        return new TypeMix(name, type, type, fallback);
      }
    }
    throw new BadInput(
        "there is no mix of types '"
            + name
            + "'; there are Q3_K_M, Q4_K_M, Q5_K_M, and single types such as Q4_0, Q8_0 or F16");
  }

  /** The type of the output matrix. */
  QuantType output(int cols) {
    return fitting(Quantize.supports(finer) ? finer : most, cols);
  }

  /** The type of any other matrix. */
  QuantType matrix(int cols) {
    return fitting(most, cols);
  }

  /**
   * The type of values and down-projections, after llama.cpp's rule: the first and last eighth of
   * the layers and every third in between are finer.
   */
  QuantType sensitive(int cols, int layer, int layers) {
    int eighth = layers / 8;
    boolean more =
        layer < eighth || layer >= 7 * layers / 8 || Math.floorMod(layer - eighth, 3) == 2;
    return fitting(more ? finer : most, cols);
  }

  private QuantType fitting(QuantType type, int cols) {
    return java.util.stream.Stream.of(type, fallback, QuantType.F16)
        .filter(t -> cols % t.blockElements() == 0)
        .findFirst()
        .orElse(QuantType.F16);
  }
}
