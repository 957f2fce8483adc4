package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A complete answer.
 *
 * @param thoughts empty where there are none
 * @param calls of functions
 * @param thoughtTokens tokens of the thoughts, with log-probabilities where they were asked for
 * @param textTokens those of the answer
 */
record Answer(
    int index,
    String thoughts,
    String text,
    List<Call> calls,
    List<Generation.Token> thoughtTokens,
    List<Generation.Token> textTokens,
    FinishReason finishReason) {

  /** A call of a function; the arguments are JSON text. */
  record Call(String id, String name, String arguments) {}

  /** Reads a sample to its end. */
  static Answer of(Sample sample) {
    StringBuilder thoughts = new StringBuilder();
    StringBuilder text = new StringBuilder();
    List<AnswerPart.Call> calls = new ArrayList<>();
    List<StringBuilder> arguments = new ArrayList<>();
    List<Generation.Token> thoughtTokens = new ArrayList<>();
    List<Generation.Token> textTokens = new ArrayList<>();
    Optional<Sample.Delta> delta;
    while ((delta = sample.next()).isPresent()) {
      AnswerPart part = delta.get().part();
      switch (part) {
        case AnswerPart.Thought t -> thoughts.append(t.text());
        case AnswerPart.Text t -> text.append(t.text());
        case AnswerPart.Call c -> {
          calls.add(c);
          arguments.add(new StringBuilder());
        }
        case AnswerPart.Arguments a -> arguments.get(a.index()).append(a.text());
      }
      (part instanceof AnswerPart.Thought ? thoughtTokens : textTokens)
          .addAll(delta.get().tokens());
    }
    List<Call> complete = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      complete.add(new Call(calls.get(i).id(), calls.get(i).name(), arguments.get(i).toString()));
    }
    return new Answer(
        sample.index(),
        thoughts.toString(),
        text.toString(),
        complete,
        thoughtTokens,
        textTokens,
        sample.finishReason());
  }
}
