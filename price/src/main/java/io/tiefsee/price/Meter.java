package io.tiefsee.price;

/**
 * Counts the machine's energy. {@link #nanojoules} never blocks for long and never goes back;
 * meters that take their time read in a thread of their own.
 */
public interface Meter extends AutoCloseable {
  Method method();

  /** What it reads, for people: {@code powercap: package-0, dram}. */
  String source();

  /**
   * Energy since the meter was opened.
   *
   * @throws Lost if the meter does not answer any more
   */
  long nanojoules() throws Lost;

  @Override
  default void close() {}

  /** A meter is not there, or not any more; the message says why. */
  final class Lost extends Exception {
    private static final long serialVersionUID = 1L;

    Lost(String why) {
      super(why);
    }

    Lost(String why, Throwable cause) {
      super(why, cause);
    }
  }
}
