package io.tiefsee.text;

import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tokens that end an answer whatever the metadata say, known by their text as llama.cpp has it. */
final class EndOfGeneration {
  private static final Set<String> TEXTS =
      Set.of(
          "<|eot_id|>",
          "<|eom_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<｜end▁of▁sentence｜>",
          "<end_of_turn>",
          "<end_of_utterance>",
          "</s>",
          "<eos>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<|fim_pad|>",
          "<|repo_name|>",
          "<|file_sep|>");

  private EndOfGeneration() {}

  /**
   * The ids of those texts in the vocabulary. A text such as {@code </s>} can also be an ordinary
   * word of a vocabulary learned from web pages, so only added tokens count, and names in bars.
   */
  static Set<Integer> in(Vocabulary vocabulary, IntPredicate added) {
    boolean harmony =
        Stream.of("<|return|>", "<|call|>").allMatch(t -> vocabulary.id(t).isPresent());
    return TEXTS.stream()
        // Where these two end an answer, <|end|> only ends a message within it.
        .filter(text -> !(harmony && text.equals("<|end|>")))
        .map(vocabulary::idOrMinus)
        .filter(id -> id >= 0)
        .filter(id -> added.test(id) || inBars(vocabulary.text(id)))
        .collect(Collectors.toSet());
  }

  private static boolean inBars(String text) {
    return text.startsWith("<|") || text.startsWith("<｜");
  }
}
