package io.tiefsee.recipe;

/**
 * Table {@code [distill]}: a dense student learns from verified samples of a teacher (DeepSeek-R1,
 * section 2.4).
 *
 * @param teacher a GGUF file, or a Hugging Face folder where {@code model.from} names its GGUF
 *     file, whose tokenizer the student takes over; within {@code r1} it is the model of the stage
 *     before, and this is empty
 * @param sample how the teacher's answers are drawn and kept
 * @param sft how the student learns from them
 * @param compare within {@code r1}: another student goes the teacher's own way, by cold start and
 *     reinforcement learning, as in the paper's section 4.1
 */
public record DistillConfig(String teacher, RejectConfig sample, SftConfig sft, boolean compare) {
  public static final DistillConfig DEFAULTS =
      new DistillConfig("", RejectConfig.DEFAULTS, SftConfig.DEFAULTS, false);
}
