package io.tiefsee.price;

import io.tiefsee.tensor.BadInput;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;

/** A stretch of each day, which may pass midnight: 16:30 to 00:30. */
interface DayWindow {
  LocalTime from();

  /** The first moment that is not in it any more. */
  LocalTime to();

  default boolean contains(LocalTime time) {
    boolean begun = !time.isBefore(from());
    boolean goesOn = time.isBefore(to());
    return from().isBefore(to()) ? begun && goesOn : begun || goesOn;
  }

  /** Refuses a window of no length, which might mean never or always. */
  static void check(LocalTime from, LocalTime to) {
    if (from.equals(to)) {
      throw new BadInput("from and to are both " + from + ": a window needs a length");
    }
  }

  /** The first window that a time lies in. */
  static <W extends DayWindow> Optional<W> at(List<W> windows, LocalTime time) {
    return windows.stream().filter(w -> w.contains(time)).findFirst();
  }
}
