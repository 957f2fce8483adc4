package io.tiefsee.cli;

import io.tiefsee.model.AdapterFile;
import io.tiefsee.model.LoraMerge;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tiefsee merge}: works an adapter into the weights of a model. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Works a LoRA adapter into the weights of a model.",
    footer = {
      "",
      "A GGUF file gives a GGUF file, a Hugging Face folder such a folder. What the adapter does",
      "not change is copied as it is."
    })
final class MergeCommand implements Callable<Integer> {
  private final Streams streams;

  @Mixin private ModelOptions.Reference model = new ModelOptions.Reference();

  @Option(
      names = "--lora",
      paramLabel = "FILE[=X]",
      required = true,
      description = "the adapter, a folder as PEFT has it, X times (default: 1)")
  private String adapter = "";

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      required = true,
      description = "the model to write")
  private Path out = Path.of("");

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "of the changed tensors, like f16 or q8_0 (default: as in the file, but q8_0 where that is"
              + " quantised: a small change would be lost in fewer bits)")
  private Optional<String> type = Optional.empty();

  MergeCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    AdapterFile change = AdapterFile.parse(adapter);
    LoraMerge.write(
        model.path(), change.path(), change.factor(), out, type.map(MergeCommand::type));
    streams.note("the merged model is " + out);
    return 0;
  }

  private static QuantType type(String name) {
    List<QuantType> possible =
        Arrays.stream(QuantType.values()).filter(LoraMerge::canWrite).toList();
    return possible.stream()
        .filter(t -> t.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new BadInput(
                "--type is one of "
                    + possible.toString().toLowerCase(Locale.ROOT)
                    + ", not "
                    + name));
  }
}
