package io.tiefsee.cli;

import io.tiefsee.hub.Hub;
import io.tiefsee.hub.HubRef;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code tiefsee pull}: brings a model onto this machine. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    description = "Downloads a model from the Hugging Face hub.",
    footer = {
      "",
      "REF is hf:OWNER/REPO, hf:OWNER/REPO:QUANT (like Q4_K_M), or a short name such as",
      "r1-distill-qwen-1.5b. A download that was cut goes on with the same command.",
      "HF_TOKEN: for models that are not given to everybody. HF_ENDPOINT: a mirror."
    })
final class PullCommand implements Callable<Integer> {
  private final Streams streams;

  @Parameters(paramLabel = "REF", description = "which model")
  private String ref = "";

  PullCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    HubRef hub = ModelReference.hub(ref);
    ProgressBar bar = new ProgressBar(streams);
    Path path = Hub.of(System.getenv()).pull(hub, ModelReference.store(), bar::report);
    streams.out().println(path);
    return 0;
  }
}
