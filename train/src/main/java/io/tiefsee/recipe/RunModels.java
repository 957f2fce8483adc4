package io.tiefsee.recipe;

import io.tiefsee.engine.ModelFolder;
import io.tiefsee.format.GgufFile;
import io.tiefsee.format.Weights;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import io.tiefsee.train.ModelFiles;
import io.tiefsee.train.TrainableModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The models of a run with what belongs to their words: tokenizer, chat template, and the metadata
 * that carry both into each GGUF file. From nothing, that is the {@link EmbeddedVocabulary}; a
 * model to go on with brings its own.
 *
 * @param tokenizer of all models of the run
 * @param template of their chats
 * @param context tokens of prompt and answer together, in the model that learns first
 * @param metadata of the tokenizer, as GGUF has it; empty for a Hugging Face folder
 */
record RunModels(
    Tokenizer tokenizer, ChatTemplate template, int context, Map<String, Object> metadata) {

  /** A vocabulary for models from nothing, by the tasks of a configuration. */
  static RunModels fromNothing(StageConfig config) {
    Mixture mixture = new Mixture(Recipe.parts(config), 0);
    EmbeddedVocabulary vocabulary = new EmbeddedVocabulary(Words.of(mixture, config.manner()));
    ChatTemplate template =
        ChatTemplate.ofGguf(
            Optional.of(EmbeddedVocabulary.CHAT_TEMPLATE),
            Map.of("bos_token", EmbeddedVocabulary.BEGIN, "eos_token", EmbeddedVocabulary.END));
    return new RunModels(
        vocabulary.tokenizer(), template, config.model().context(), vocabulary.metadata());
  }

  /**
   * Those of a model to go on with.
   *
   * @param adapted adapters learn, which leave its files alone
   * @throws BadInput if it lacks tokenizer or chat template, or, unless adapters learn, is no GGUF
   */
  static RunModels of(Path model, boolean adapted) {
    try (Weights files = Weights.open(model)) {
      if (!adapted && !(files instanceof GgufFile)) {
        throw new BadInput(
            model
                + " is no GGUF file, from which models that learn all weights, and students, take"
                + " their tokenizer: give one (for a teacher as model.from), or learn adapters"
                + " (lora.rank)");
      }
      ModelFolder folder = ModelFolder.of(files);
      Map<String, Object> metadata = new LinkedHashMap<>();
      files
          .metadata()
          .forEach((key, value) -> {
            if (key.startsWith("tokenizer.")) {
              metadata.put(key, value);
            }
          });
      return new RunModels(
          folder
              .tokenizer()
              .orElseThrow(
                  () -> new BadInput(model + " has no tokenizer: it cannot learn answers")),
          folder.chatTemplate().orElseThrow(() -> new BadInput(model + " has no chat template")),
          ModelLoader.describe(files).context(),
          metadata);
    }
  }

  /**
   * Writes a model; the file appears when it is complete.
   *
   * @param temperature that it recommends for sampling
   */
  void write(Path file, TrainableModel model, String name, QuantType type, double temperature) {
    Map<String, Object> all = new LinkedHashMap<>(metadata);
    all.put("general.sampling.temp", (float) temperature);
    all.put("general.name", name);
    ModelFiles.writeGguf(file, model.transformer(), all, type);
  }
}
