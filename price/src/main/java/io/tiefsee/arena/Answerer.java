package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.util.List;

/** Whoever answers questions: an engine in this process, or an endpoint elsewhere. Thread-safe. */
public sealed interface Answerer extends AutoCloseable permits EngineAnswerer, EndpointAnswerer {
  /** How many questions it is worth asking at once. */
  int parallel();

  /**
   * Gets ready to answer as fast as it can, before time is taken.
   *
   * @param asks what will be asked
   * @throws InterruptedException if the thread is interrupted
   */
  default void warmUp(List<Ask> asks) throws InterruptedException {}

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
