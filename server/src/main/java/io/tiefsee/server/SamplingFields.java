package io.tiefsee.server;

import io.tiefsee.engine.SamplingParams;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** The fields of sampling that all APIs share, by OpenAI's names and vLLM's for the others. */
final class SamplingFields {
  private static final int MAX_STOPS = 16;

  /** What OpenAI's top_p of 0 means: only the most probable token. */
  private static final double LEAST_TOP_P = 1e-6;

  private SamplingFields() {}

  /** What the fields change in a model's defaults. */
  static Consumer<SamplingParams.Builder> read(Fields fields) {
    var temperature = fields.number("temperature", 0, 2);
    var topP = fields.number("top_p", 0, 1);
    var topK = fields.integer("top_k", -1, Integer.MAX_VALUE);
    var minP = fields.number("min_p", 0, 1);
    var repetition = fields.number("repetition_penalty", 0.01, 100);
    var presence = fields.number("presence_penalty", -2, 2);
    var frequency = fields.number("frequency_penalty", -2, 2);
    var seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    var ignoreEos = fields.bool("ignore_eos");
    Map<Integer, Float> bias = logitBias(fields);
    List<String> stop = stop(fields, "stop");
    return b -> {
      temperature.ifPresent(b::temperature);
      topP.ifPresent(p -> b.topP(Math.max(p, LEAST_TOP_P)));
      topK.ifPresent(k -> b.topK(Math.max(k, 0)));
      minP.ifPresent(b::minP);
      repetition.ifPresent(b::repetitionPenalty);
      presence.ifPresent(b::presencePenalty);
      frequency.ifPresent(b::frequencyPenalty);
      seed.ifPresent(b::seed);
      ignoreEos.ifPresent(b::ignoreEos);
      if (!bias.isEmpty()) {
        b.logitBias(bias);
      }
      if (!stop.isEmpty()) {
        b.stop(stop);
      }
    };
  }

  /** Strings that end an answer. */
  static List<String> stop(Fields fields, String name) {
    List<String> stop = fields.strings(name);
    if (stop.size() > MAX_STOPS) {
      throw fields.invalid(name, "must have at most " + MAX_STOPS + " strings");
    }
    if (stop.contains("")) {
      throw fields.invalid(name, "must not have an empty string");
    }
    return stop;
  }

  private static Map<Integer, Float> logitBias(Fields fields) {
    Map<Integer, Float> bias = new HashMap<>();
    fields
        .object("logit_bias")
        .ifPresent(object -> {
          for (String token : object.names()) {
            int id;
            try {
              id = Integer.parseInt(token);
            } catch (NumberFormatException e) {
              throw fields.invalid("logit_bias", "must have token ids as names, not " + token);
            }
            if (id < 0) {
              throw fields.invalid("logit_bias", "has the token " + id + ", which cannot be");
            }
            object.number(token, -100, 100).ifPresent(value -> bias.put(id, (float) value));
          }
        });
    return bias;
  }

  /** The length that one of some fields sets; the first that is there counts. */
  static Consumer<SamplingParams.Builder> maxTokens(Fields fields, String... names) {
    for (String name : names) {
      var value = fields.integer(name, 1, Integer.MAX_VALUE);
      if (value.isPresent()) {
        return b -> b.maxTokens(value.getAsInt());
      }
    }
    return b -> {};
  }

  /** A JSON value as a schema; true and false are schemas too. */
  static boolean isSchema(JsonNode node) {
    return node.isObject() || node.isBoolean();
  }
}
