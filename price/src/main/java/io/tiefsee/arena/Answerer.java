package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;

/** Whoever answers questions: an engine in this process, or an endpoint elsewhere. Thread-safe. */
public sealed interface Answerer extends AutoCloseable permits EngineAnswerer, EndpointAnswerer {
  /** How many questions it is worth asking at once. */
  int parallel();

  /**
   * Asks and waits.
   *
   * @throws BadInput if no answer can be had, and asking again would not help
   * @throws InterruptedException if the thread is interrupted; the question is given up
   */
  Reply answer(Ask ask) throws InterruptedException;

  @Override
  void close();
}
