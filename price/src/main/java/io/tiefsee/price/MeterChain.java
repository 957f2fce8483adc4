package io.tiefsee.price;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The most trustworthy meter that answers; when it is lost, the next. Its total goes on where the
 * lost one's ended. The last one of the chain is never lost. Thread-safe.
 */
final class MeterChain implements Meter {
  private final List<Source> sources;
  private final List<String> notes = new ArrayList<>();
  private int next;
  private Meter current;
  private long before;
  private long last;

  /** A way to a meter. */
  @FunctionalInterface
  interface Source {
    Meter open() throws Lost;
  }

  /**
   * @param sources by falling trust; the last one always opens
   */
  MeterChain(List<Source> sources) {
    this.sources = List.copyOf(sources);
    current = open();
  }

  private Meter open() {
    while (true) {
      try {
        return sources.get(next++).open();
      } catch (Lost e) {
        notes.add(String.valueOf(e.getMessage()));
      }
    }
  }

  @Override
  public synchronized Method method() {
    return current.method();
  }

  @Override
  public synchronized String source() {
    return current.source();
  }

  /** Why the better meters are not in use. */
  synchronized List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public synchronized long nanojoules() {
    Optional<Long> energy = tryCurrent();
    while (energy.isEmpty()) {
      current.close();
      before = last;
      current = open();
      energy = tryCurrent();
    }
    last = before + energy.get();
    return last;
  }

  private Optional<Long> tryCurrent() {
    try {
      return Optional.of(current.nanojoules());
    } catch (Lost e) {
      notes.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  @Override
  public synchronized void close() {
    current.close();
  }
}
