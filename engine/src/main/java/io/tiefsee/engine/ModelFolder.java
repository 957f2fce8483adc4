package io.tiefsee.engine;

import io.tiefsee.format.GgufFile;
import io.tiefsee.format.HuggingFaceFolder;
import io.tiefsee.format.Weights;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What lies beside a model's weights.
 *
 * @param tokenizer empty where the model has none
 * @param chatTemplate empty where the model has no tokenizer
 * @param samplingDefaults what the model's makers recommend
 */
public record ModelFolder(
    Optional<Tokenizer> tokenizer,
    Optional<ChatTemplate> chatTemplate,
    SamplingParams samplingDefaults) {

  /** What llama.cpp starts from; for models that recommend nothing. */
  private static final SamplingParams USUAL =
      SamplingParams.builder().temperature(0.8).topK(40).topP(0.95).minP(0.05).build();

  /** Reads tokenizer, template and defaults; works on folders without weights too. */
  public static ModelFolder of(Weights files) {
    return switch (files) {
      case GgufFile gguf -> ofGguf(gguf.metadata());
      case HuggingFaceFolder folder -> ofFolder(folder);
    };
  }

  private static ModelFolder ofGguf(Map<String, Object> metadata) {
    SamplingParams defaults = sampling(metadata, "general.sampling.", "temp");
    if (!metadata.containsKey("tokenizer.ggml.tokens")) {
      return new ModelFolder(Optional.empty(), Optional.empty(), defaults);
    }
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata);
    Map<String, String> special = new HashMap<>();
    putSpecial(special, "bos_token", tokenizer, tokenizer.bos());
    putSpecial(special, "eos_token", tokenizer, tokenizer.eos());
    Optional<String> source =
        Optional.ofNullable(metadata.get("tokenizer.chat_template")).map(Object::toString);
    return new ModelFolder(
        Optional.of(tokenizer), Optional.of(ChatTemplate.ofGguf(source, special)), defaults);
  }

  private static void putSpecial(
      Map<String, String> special, String name, Tokenizer tokenizer, OptionalInt id) {
    if (id.isPresent()) {
      special.put(name, tokenizer.text(id.getAsInt()));
    }
  }

  private static ModelFolder ofFolder(HuggingFaceFolder folder) {
    SamplingParams defaults = sampling(folder.generationConfig(), "", "temperature");
    Path path = folder.path();
    if (!Files.exists(path.resolve("tokenizer.json"))) {
      return new ModelFolder(Optional.empty(), Optional.empty(), defaults);
    }
    Tokenizer tokenizer = Tokenizer.fromHuggingFace(path);
    return new ModelFolder(
        Optional.of(tokenizer), Optional.of(ChatTemplate.fromHuggingFace(path)), defaults);
  }

  private static SamplingParams sampling(
      Map<String, Object> values, String prefix, String temperature) {
    if (Boolean.FALSE.equals(values.get(prefix + "do_sample"))) {
      return SamplingParams.GREEDY;
    }
    boolean any =
        values.containsKey(prefix + temperature)
            || values.containsKey(prefix + "top_p")
            || values.containsKey(prefix + "top_k");
    if (!any) {
      return USUAL;
    }
    return SamplingParams.builder()
        .temperature(number(values, prefix + temperature, 1))
        .topK((int) number(values, prefix + "top_k", 0))
        .topP(number(values, prefix + "top_p", 1))
        .minP(number(values, prefix + "min_p", 0))
        .repetitionPenalty(number(values, prefix + "repetition_penalty", 1))
        .build();
  }

  private static double number(Map<String, Object> values, String key, double otherwise) {
    return values.get(key) instanceof Number n ? n.doubleValue() : otherwise;
  }
}
