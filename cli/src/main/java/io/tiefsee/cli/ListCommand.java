package io.tiefsee.cli;

import io.tiefsee.hub.HubRef;
import io.tiefsee.hub.ModelStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tiefsee list}: the models that are here, or the short names of those to be had. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the models that were pulled.")
final class ListCommand implements Callable<Integer> {
  private final Streams streams;

  @Option(names = "--names", description = "the short names that pull knows, instead")
  private boolean names;

  @Option(names = "--json", description = "print one JSON array")
  private boolean json;

  ListCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    if (names) {
      names();
    } else {
      stored(ModelReference.store());
    }
    return 0;
  }

  private void names() {
    List<Object> all = new ArrayList<>();
    HubRef.shortNames()
        .forEach((name, ref) -> {
          if (json) {
            all.add(Json.object("name", name, "ref", ref));
          } else {
            streams.out().println("%-24s %s".formatted(name, ref));
          }
        });
    if (json) {
      streams.out().println(Json.write(all));
    }
  }

  private void stored(ModelStore store) {
    List<ModelStore.Stored> all = store.list();
    if (json) {
      streams
          .out()
          .println(
              Json.write(
                  all.stream()
                      .map(m ->
                          Json.object(
                              "name", m.name(),
                              "path", m.path().toString(),
                              "bytes", m.bytes()))
                      .toList()));
      return;
    }
    if (all.isEmpty()) {
      streams.note("no models in " + store.root() + "; tiefsee pull brings one");
    }
    for (ModelStore.Stored m : all) {
      streams
          .out()
          .println(
              "%-60s %8s  %s"
                  .formatted(
                      "hf:" + m.name(),
                      String.format(Locale.ROOT, "%.2f GB", m.bytes() / 1e9),
                      m.path()));
    }
  }
}
