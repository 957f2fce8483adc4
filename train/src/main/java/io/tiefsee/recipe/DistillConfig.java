package io.tiefsee.recipe;

/**
 * Table {@code [distill]}: a dense student learns from verified samples of a teacher (DeepSeek-R1,
 * section 2.4).
 *
 * @param teacher a GGUF file or a Hugging Face folder; within {@code r1} it is the model of the
 *     stage before, and this is empty
 * @param sample how the teacher's answers are drawn and kept
 * @param sft how the student learns from them
 */
public record DistillConfig(String teacher, RejectConfig sample, SftConfig sft) {
  public static final DistillConfig DEFAULTS =
      new DistillConfig("", RejectConfig.DEFAULTS, SftConfig.DEFAULTS);
}
