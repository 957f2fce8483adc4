package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
    FinishReason finishReason,
    Set<Generation.Note> notes) {

  /** A call of a function; the arguments are JSON text. */
  record Call(String id, String name, String arguments) {}

  /** The same answer as the first of its response. */
  Answer first() {
    return new Answer(0, thoughts, text, calls, thoughtTokens, textTokens, finishReason, notes);
  }

  /** The answer as parts, as if it arrived in one go. */
  List<Sample.Delta> deltas() {
    List<Sample.Delta> deltas = new ArrayList<>();
    if (!thoughts.isEmpty()) {
      deltas.add(new Sample.Delta(new AnswerPart.Thought(thoughts), thoughtTokens));
    }
    if (!text.isEmpty()) {
      deltas.add(new Sample.Delta(new AnswerPart.Text(text), textTokens));
    }
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      deltas.add(new Sample.Delta(new AnswerPart.Call(i, call.id(), call.name()), List.of()));
      deltas.add(new Sample.Delta(new AnswerPart.Arguments(i, call.arguments()), List.of()));
    }
    return deltas;
  }

  /** Reads a sample to its end. */
  static Answer of(Sample sample) throws InterruptedException {
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
    sample.settle();
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
        sample.finishReason(),
        sample.notes());
  }
}
