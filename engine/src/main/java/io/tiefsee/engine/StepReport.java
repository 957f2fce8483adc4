package io.tiefsee.engine;

import java.util.List;

/** A step as its listeners see it; one object for all steps, so that they make no garbage. */
final class StepReport implements StepListener.Step {
  private List<Sequence> sequences = List.of();
  private long nanos;

  void set(List<Sequence> of, long took) {
    sequences = of;
    nanos = took;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public int sequences() {
    return sequences.size();
  }

  @Override
  public Generation generation(int i) {
    return sequences.get(i).generation;
  }

  @Override
  public int promptTokens(int i) {
    return sequences.get(i).inStep - answerTokens(i);
  }

  @Override
  public int answerTokens(int i) {
    Sequence s = sequences.get(i);
    return s.remaining() == 0 && s.generated() > 0 ? 1 : 0;
  }

  @Override
  public int generatedTokens(int i) {
    return sequences.get(i).remaining() == 0 ? 1 : 0;
  }
}
