package io.tiefsee.recipe;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A worked example of the cold start: what is asked, what is thought, what is answered.
 *
 * @param question as a person writes it
 * @param thinking pieces of the thoughts in order, at least one; each begins at the border of a
 *     token
 * @param answer after the thoughts
 */
public record Demonstration(String question, List<Piece> thinking, String answer) {
  /**
   * A piece of the thoughts.
   *
   * @param learnt false for a slip, which the model shall notice but not make
   */
  public record Piece(String text, boolean learnt) {}

  public Demonstration {
    thinking = List.copyOf(thinking);
    if (thinking.isEmpty()) {
      throw new IllegalArgumentException("there are no thoughts, not even empty ones");
    }
  }

  /** One that is learnt as a whole. */
  public static Demonstration of(String question, String thinking, String answer) {
    return new Demonstration(question, List.of(new Piece(thinking, true)), answer);
  }

  /** The thoughts as one text. */
  public String thoughts() {
    return thinking.stream().map(Piece::text).collect(Collectors.joining());
  }
}
