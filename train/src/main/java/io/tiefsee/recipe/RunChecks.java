package io.tiefsee.recipe;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.train.PackedBatch;

/**
 * What would end a run in a later step and is refused before the first one, when it costs nothing
 * yet. Each method is for the command of its name.
 *
 * @param longestPrompt in tokens
 */
record RunChecks(StageConfig config, RunModels models, int longestPrompt) {

  void sft() {
    works("sft.steps", config.sft().steps());
    demonstrations(config.sft(), false);
  }

  void grpo() {
    works("grpo.steps", config.grpo().steps());
    room("grpo", config.grpo(), models.context());
  }

  void reject() {
    works("reject.steps", config.reject().steps());
  }

  void distill() {
    works("distill.sample.steps", config.distill().sample().steps());
    works("distill.sft.steps", config.distill().sft().steps());
    demonstrations(config.distill().sft(), true);
    if (models.metadata().isEmpty()) {
      throw new BadInput(
          "a distilled student takes over the tokenizer of a GGUF file, and model.from is a folder:"
              + " give it as GGUF, or set distill.sft.steps = 0");
    }
  }

  /**
   * The whole way.
   *
   * @return the stage whose model comes out
   */
  String r1() {
    boolean supervised = !config.zero();
    String last = supervised && config.sft().steps() > 0 ? "sft" : "";
    last = config.grpo().steps() > 0 ? "grpo" : last;
    if (supervised) {
      demonstrations(config.sft(), false);
    }
    room("grpo", config.grpo(), models.context());
    if (supervised && config.reject().steps() > 0) {
      last = config.sft2().steps() > 0 ? "sft2" : last;
      last = config.grpo2().steps() > 0 ? "grpo2" : last;
      demonstrations(config.sft2(), true);
      room("grpo2", config.grpo2(), models.context());
    }
    if (last.isEmpty()) {
      throw new BadInput("r1 has nothing to do: all stages that learn have 0 steps");
    }
    if (config.distill().sft().steps() > 0) {
      distill();
      if (config.distill().compare()) {
        demonstrations(config.sft(), false);
        room("grpo", config.grpo(), config.student().context());
      }
    }
    return last;
  }

  private static void works(String key, int steps) {
    if (steps == 0) {
      throw new BadInput(key + " is 0: there is nothing to do");
    }
  }

  /**
   * @param kept the stage has rows that the run itself keeps
   */
  private void demonstrations(SftConfig sft, boolean kept) {
    boolean rows = kept || !sft.data().isEmpty();
    if (sft.steps() > 0 && !(rows && sft.share() == 1)) {
      new Mixture(Recipe.parts(config), config.seed()).checkDemonstrations(config.manner());
    }
  }

  /** The longest answer with its prompt has to fit into a micro-batch, which has whole pages. */
  private void room(String table, GrpoConfig grpo, int context) {
    int longest = (int) Math.min(context, (long) longestPrompt + grpo.maxTokens());
    int room = grpo.optimiser().microTokens();
    if (grpo.steps() > 0 && PackedBatch.pages(longest) > PackedBatch.pages(room)) {
      throw new BadInput(
          "%s.optimiser.micro_tokens is %d, but a prompt with its answer has up to %d tokens: "
                  .formatted(table, room, longest)
              + "set it to %d at least, or %s.max_tokens lower".formatted(longest, table));
    }
  }
}
