package io.tiefsee.eval;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Public sets of problems, read from files in the formats in which they are published. */
public enum Dataset {
  GSM8K,
  MATH500,
  AIME,
  GPQA,
  MMLU_PRO;

  /** The dataset of that name; empty if there is none. */
  static Optional<Dataset> named(String name) {
    return Arrays.stream(values()).filter(d -> d.taskName().equals(name)).findFirst();
  }

  /** The name by which {@link Problems#of} knows it: {@code gsm8k}, {@code mmlu_pro}. */
  public String taskName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The problems of a file, in its order.
   *
   * @throws BadInput if it cannot be read, with the line where it is wrong
   */
  public List<Problem> read(Path file) {
    throw new BadInput(file + " cannot be read: " + this + " is not supported");
  }
}
