package io.tiefsee.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tiefsee rm}: deletes a model that was pulled. */
@Command(
    name = "rm",
    mixinStandardHelpOptions = true,
    description = "Deletes a model that was pulled.")
final class RemoveCommand implements Callable<Integer> {
  private final Streams streams;

  @Parameters(paramLabel = "REF", description = "which model, as for pull")
  private String ref = "";

  RemoveCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    long freed = ModelReference.store().remove(ModelReference.hub(ref));
    streams.note(String.format(Locale.ROOT, "%.2f GB are free again", freed / 1e9));
    return 0;
  }
}
