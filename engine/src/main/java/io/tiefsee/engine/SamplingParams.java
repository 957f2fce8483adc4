package io.tiefsee.engine;

import io.tiefsee.tensor.BadInput;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How the next token is chosen. The order is that of Hugging Face's warpers: logit bias and
 * penalties, temperature, top-k, top-p, min-p, then a draw that depends on (seed, position) only.
 *
 * @param temperature divides the logits; 0 is greedy, the exact argmax
 * @param topK keeps the k most probable tokens; 0 keeps all
 * @param topP keeps the smallest set of tokens whose probabilities reach p; 1 keeps all
 * @param minP drops tokens less probable than p times the best; 0 drops none
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens seen in prompt
 *     or answer (Keskar et al., 2019); 1 is none
 * @param presencePenalty subtracted from the logits of tokens in the answer
 * @param frequencyPenalty subtracted once for each occurrence in the answer
 * @param logitBias added to the logits of single tokens
 * @param seed of the draws; empty: a new one for every request
 * @param maxTokens tokens of the answer at most
 * @param ignoreEos goes on after an end-of-generation token
 * @param stop strings that end the answer; they are not part of it
 * @param logProbs tokens whose log-probabilities are reported at each step, beside the chosen one;
 *     -1 reports none
 */
public record SamplingParams(
    float temperature,
    int topK,
    float topP,
    float minP,
    float repetitionPenalty,
    float presencePenalty,
    float frequencyPenalty,
    Map<Integer, Float> logitBias,
    OptionalLong seed,
    int maxTokens,
    boolean ignoreEos,
    List<String> stop,
    int logProbs) {

  /** Greedy, without limits other than the context. */
  public static final SamplingParams GREEDY = builder().temperature(0).build();

  public SamplingParams {
    logitBias = Map.copyOf(logitBias);
    stop = List.copyOf(stop);
    require(temperature >= 0 && temperature <= 100, "temperature", temperature, "0 to 100");
    require(topK >= 0, "top-k", topK, "0 (off) or more");
    require(topP > 0 && topP <= 1, "top-p", topP, "above 0, up to 1");
    require(minP >= 0 && minP <= 1, "min-p", minP, "0 to 1");
    require(repetitionPenalty > 0, "repetition penalty", repetitionPenalty, "above 0");
    require(Math.abs(presencePenalty) <= 100, "presence penalty", presencePenalty, "-100 to 100");
    require(
        Math.abs(frequencyPenalty) <= 100, "frequency penalty", frequencyPenalty, "-100 to 100");
    require(maxTokens >= 1, "max tokens", maxTokens, "at least 1");
    for (float b : logitBias.values()) {
      require(!Float.isNaN(b), "logit bias", b, "a number");
    }
    for (String s : stop) {
      if (s.isEmpty()) {
        throw new BadInput("a stop string is empty");
      }
    }
  }

  private static void require(boolean ok, String what, Number value, String range) {
    if (!ok) {
      throw new BadInput(what + " is " + value + ", but must be " + range);
    }
  }

  /** True where the logits of single tokens change before the choice. */
  boolean hasPenalties() {
    return repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0;
  }

  /** True where tokens are drawn from the model's own distribution. */
  boolean isPlain() {
    return temperature == 1
        && topK == 0
        && topP == 1
        && minP == 0
        && !hasPenalties()
        && logitBias.isEmpty();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder with these values. */
  public Builder toBuilder() {
    return new Builder()
        .temperature(temperature)
        .topK(topK)
        .topP(topP)
        .minP(minP)
        .repetitionPenalty(repetitionPenalty)
        .presencePenalty(presencePenalty)
        .frequencyPenalty(frequencyPenalty)
        .logitBias(logitBias)
        .seed(seed)
        .maxTokens(maxTokens)
        .ignoreEos(ignoreEos)
        .stop(stop)
        .logProbs(logProbs);
  }

  /** Starts from: temperature 1, no truncation, no penalties, no limit. */
  public static final class Builder {
    private float temperature = 1;
    private int topK;
    private float topP = 1;
    private float minP;
    private float repetitionPenalty = 1;
    private float presencePenalty;
    private float frequencyPenalty;
    private Map<Integer, Float> logitBias = Map.of();
    private OptionalLong seed = OptionalLong.empty();
    private int maxTokens = Integer.MAX_VALUE;
    private boolean ignoreEos;
    private List<String> stop = List.of();
    private int logProbs = -1;

    private Builder() {}

    public Builder temperature(double value) {
      temperature = (float) value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder topP(double value) {
      topP = (float) value;
      return this;
    }

    public Builder minP(double value) {
      minP = (float) value;
      return this;
    }

    public Builder repetitionPenalty(double value) {
      repetitionPenalty = (float) value;
      return this;
    }

    public Builder presencePenalty(double value) {
      presencePenalty = (float) value;
      return this;
    }

    public Builder frequencyPenalty(double value) {
      frequencyPenalty = (float) value;
      return this;
    }

    public Builder logitBias(Map<Integer, Float> value) {
      logitBias = value;
      return this;
    }

    public Builder seed(long value) {
      return seed(OptionalLong.of(value));
    }

    Builder seed(OptionalLong value) {
      seed = value;
      return this;
    }

    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    public Builder ignoreEos(boolean value) {
      ignoreEos = value;
      return this;
    }

    public Builder stop(List<String> value) {
      stop = value;
      return this;
    }

    public Builder logProbs(int value) {
      logProbs = value;
      return this;
    }

    public SamplingParams build() {
      return new SamplingParams(
          temperature,
          topK,
          topP,
          minP,
          repetitionPenalty,
          presencePenalty,
          frequencyPenalty,
          logitBias,
          seed,
          maxTokens,
          ignoreEos,
          stop,
          logProbs);
    }
  }
}
