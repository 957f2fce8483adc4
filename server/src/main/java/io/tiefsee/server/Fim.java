package io.tiefsee.server;

import io.tiefsee.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a model fills in the middle of a text: by the special tokens that it was trained with, before
 * the beginning, at the hole and behind the end (Bavarian et al., 2022, "PSM").
 */
record Fim(int begin, int hole, int end) {
  /** The tokens of DeepSeek, Qwen, StarCoder and Granite, Code Llama. */
  private static final List<List<String>> KNOWN =
      List.of(
          List.of("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
          List.of("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
          List.of("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
          List.of("▁<PRE>", "▁<SUF>", "▁<MID>"));

  /** What a vocabulary has; empty where it has none of them. */
  static Optional<Fim> of(Tokenizer tokenizer) {
    for (List<String> names : KNOWN) {
      List<OptionalInt> ids = names.stream().map(tokenizer::id).toList();
      if (ids.stream().allMatch(OptionalInt::isPresent)) {
        return Optional.of(
            new Fim(ids.get(0).getAsInt(), ids.get(1).getAsInt(), ids.get(2).getAsInt()));
      }
    }
    return Optional.empty();
  }

  /** The prompt that asks for what is between two texts. */
  int[] prompt(Tokenizer tokenizer, String before, String after) {
    IntStream bos =
        tokenizer.addBos() && tokenizer.bos().isPresent()
            ? IntStream.of(tokenizer.bos().getAsInt())
            : IntStream.empty();
    return Stream.of(
            bos,
            IntStream.of(begin),
            IntStream.of(tokenizer.encode(before, false)),
            IntStream.of(hole),
            IntStream.of(tokenizer.encode(after, false)),
            IntStream.of(end))
        .flatMapToInt(s -> s)
        .toArray();
  }
}
