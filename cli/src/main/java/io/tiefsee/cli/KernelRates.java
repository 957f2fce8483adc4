package io.tiefsee.cli;

import io.tiefsee.tensor.QuantType;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What the kernels take on this machine, and what follows for a model that is not there.
 *
 * @param types of matrix products, by the type of the weights
 * @param layer of a layer so thin that only its fixed costs are left
 */
record KernelRates(Map<QuantType, Product> types, Thin layer) {
  /** Tokens of the prompts that rates are measured with and foretold for. */
  static final int PROMPT_TOKENS = 512;

  /**
   * Of weights that come from memory.
   *
   * @param one seconds a weight, for one token
   * @param many seconds a weight and token, for {@link #PROMPT_TOKENS} at once
   */
  record Product(double one, double many) {}

  /**
   * What a layer takes that does not grow with its weights: handing work to threads, attention,
   * norms.
   *
   * @param width of its attention, as in {@link TokenWork}
   * @param generate seconds of a token of an answer
   * @param prompt seconds of a token of a prompt; nearly all of it grows with the width
   */
  record Thin(double width, double generate, double prompt) {}

  /** Seconds of a token of an answer, after a short prompt. */
  double generate(TokenWork work) {
    return one(work.body()) + one(work.output()) + work.layers() * layer.generate;
  }

  /**
   * Seconds of a token of a prompt. Experts are read for few tokens each, and all of them; of the
   * output one row is computed at the end.
   */
  double prompt(TokenWork work) {
    return sum(work.body(), Product::many)
        + (one(work.others()) + one(work.output())) / PROMPT_TOKENS
        + work.layers() * layer.prompt * work.width() / layer.width;
  }

  private double one(Map<QuantType, Double> weights) {
    return sum(weights, Product::one);
  }

  private double sum(Map<QuantType, Double> weights, ToDoubleFunction<Product> seconds) {
    return weights.entrySet().stream()
        .mapToDouble(e -> e.getValue() * seconds.applyAsDouble(rate(e.getKey())))
        .sum();
  }

  private Product rate(QuantType type) {
    Product rate = types.get(type);
    if (rate == null) {
      throw new IllegalStateException(type + " was not measured");
    }
    return rate;
  }
}
