package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;

/**
 * How questions are asked. The defaults are those of DeepSeek-R1's report (section 3): temperature
 * 0.6, top-p 0.95, up to 32,768 tokens.
 *
 * @param temperature of sampling; 0 takes the most probable token
 * @param topP keeps the fewest tokens that reach this probability together
 * @param maxTokens of an answer, its thoughts included; the end of the context ends it earlier
 * @param thinkingBudget tokens of thoughts after which the thoughts are closed; 0: no limit
 * @param seed of the run
 */
public record Protocol(
    double temperature, double topP, int maxTokens, int thinkingBudget, long seed) {
  public static final Protocol DEFAULTS = new Protocol(0.6, 0.95, 32_768, 0, 1);

  public Protocol {
    if (!(temperature >= 0 && temperature <= 100)) {
      throw new BadInput("temperature is " + temperature + ", but must be 0 to 100");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new BadInput("top_p is " + topP + ", but must be above 0, up to 1");
    }
    if (maxTokens < 1) {
      throw new BadInput("max_tokens is " + maxTokens + ", but must be at least 1");
    }
    if (thinkingBudget < 0) {
      throw new BadInput(
          "a thinking budget is " + thinkingBudget + ", but must be 0 (no limit) or more");
    }
  }

  public Protocol withBudget(int tokens) {
    return new Protocol(temperature, topP, maxTokens, tokens, seed);
  }
}
