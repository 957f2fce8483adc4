package io.tiefsee.recipe;

import io.tiefsee.engine.Engine;
import io.tiefsee.recipe.Demonstration.Piece;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A sequence to learn from: a prompt, of which nothing is learnt, and a response.
 *
 * @param tokens ids, [n]
 * @param learnt whether a token is a target, [n]
 */
public record Example(int[] tokens, boolean[] learnt) {
  private static final String OPEN = TaskQuestion.OPEN + "\n";

  /** A source of examples, by place: the same place gives the same example. */
  public interface Source {
    /**
     * The example at a place.
     *
     * @param step of the training
     * @param index within the step
     */
    Example at(long step, int index);
  }

  /** What of a response is tokens. */
  private record Part(int[] tokens, boolean learnt) {}

  /** Makes examples for one model. Thread-safe. */
  public static final class Encoder {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final int end;

    /**
     * @throws BadInput if the model has no token that ends an answer
     */
    public Encoder(Tokenizer tokenizer, ChatTemplate template) {
      this.tokenizer = tokenizer;
      this.template = template;
      this.end =
          tokenizer
              .eos()
              .orElseThrow(
                  () -> new BadInput("the tokenizer has no token that ends an answer (eos)"));
    }

    /** The question by the model's template, then thoughts, answer and end. */
    public Example encode(Demonstration d) {
      String prompt =
          template.render(
              ChatTemplate.Request.of(List.of(new ChatTemplate.Message("user", d.question()))));
      int[] head = Engine.tokens(tokenizer, prompt);
      List<Part> parts = new ArrayList<>(List.of(new Part(head, false)));
      if (!TaskQuestion.opens(prompt)) {
        parts.add(new Part(tokenizer.encode(OPEN, true), true));
      }
      List<Piece> pieces = d.thinking();
      for (int i = 0; i < pieces.size(); i++) {
        boolean last = i == pieces.size() - 1;
        String text = pieces.get(i).text() + (last ? "</think>\n\n" + d.answer() : "");
        parts.add(new Part(tokenizer.encode(text, true), pieces.get(i).learnt()));
      }
      parts.add(new Part(new int[] {end}, true));
      return join(parts);
    }
  }

  private static Example join(List<Part> parts) {
    int n = parts.stream().mapToInt(p -> p.tokens.length).sum();
    int[] tokens = new int[n];
    boolean[] learnt = new boolean[n];
    int at = 0;
    for (Part p : parts) {
      System.arraycopy(p.tokens, 0, tokens, at, p.tokens.length);
      Arrays.fill(learnt, at, at + p.tokens.length, p.learnt);
      at += p.tokens.length;
    }
    return new Example(tokens, learnt);
  }

  /**
   * Weights for a training batch, [n].
   *
   * @param each of a token that is learnt
   */
  public float[] weights(float each) {
    float[] weights = new float[tokens.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = learnt[i] ? each : 0;
    }
    return weights;
  }

  /** Tokens that are learnt. */
  public int targets() {
    int n = 0;
    for (boolean l : learnt) {
      n += l ? 1 : 0;
    }
    return n;
  }
}
