package io.tiefsee.cli;

import io.tiefsee.cli.DoctorReport.Machine;
import io.tiefsee.cli.DoctorReport.Model;
import io.tiefsee.cli.DoctorReport.Row;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.MemoryPlan;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.MachineFiles;
import io.tiefsee.price.Processor;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tiefsee doctor}: what this machine is, what runs on it, how fast, and at what price. A
 * model that is named is looked at closely, by its own first layers; common ones are reckoned from
 * their size.
 */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows what this machine can run, how fast, and at what price.",
    footer = {"", "With --model the first layers of that model are run to foretell its speed."})
final class DoctorCommand implements Callable<Integer> {
  /** Tokens of context that a model of the table should have. */
  private static final int CONTEXT = 4096;

  /**
   * Of the read bandwidth, what generation used of large models (docs/PERFORMANCE.md): 80 to 88 %
   * by machine code, 23 to 30 % by the Vector API.
   */
  private static final double MACHINE_CODE_SHARE = 0.8;

  private static final double PORTABLE_SHARE = 0.25;
  private static final int MILLION = 1_000_000;

  private final Streams streams;

  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private PriceOptions.Book prices = new PriceOptions.Book();

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  DoctorCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws InterruptedException {
    EngineOptions options = modelOptions.engineOptions().withProgress(new ProgressBar(streams));
    try (Cashier cashier = Cashier.open(prices.options())) {
      Optional<Path> path =
          modelOptions.isGiven() ? Optional.of(modelOptions.path()) : Optional.empty();
      Machine machine = machine(options, cashier);
      Optional<Model> model =
          path.isPresent() ? Optional.of(model(path.get(), options, cashier)) : Optional.empty();
      DoctorReport report =
          new DoctorReport(machine, table(machine, cashier), model, cashier.book().currency());
      streams.out().println(json ? Json.write(report.toMap()) : report.text());
      if (model.isPresent() && model.get().refusal().isPresent()) {
        throw new BadInput(model.get().name() + " will not run: " + model.get().refusal().get());
      }
      return 0;
    }
  }

  private static Machine machine(EngineOptions options, Cashier cashier) {
    Path folder = ModelReference.store().root();
    return new Machine(
        Processor.of(MachineFiles.REAL),
        options.isa().name().toLowerCase(Locale.ROOT),
        Isa.choice().warning(),
        options.threads(),
        MemoryPlan.available(),
        MemoryBandwidth.read(options.threads()),
        folder,
        free(folder),
        cashier.method().name().toLowerCase(Locale.ROOT),
        cashier.meters());
  }

  /** Bytes free on the disk of a folder, which need not be there yet; -1 if nobody knows. */
  private static long free(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    try {
      return Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      return -1;
    }
  }

  private static List<Row> table(Machine machine, Cashier cashier) {
    boolean fast = machine.isa().startsWith("avx");
    double used = machine.bandwidth() * 1e9 * (fast ? MACHINE_CODE_SHARE : PORTABLE_SHARE);
    BigDecimal second = costOfSecond(machine.processor().loadWatts(), cashier);
    List<Row> rows = new ArrayList<>();
    for (ModelTable.Known known : ModelTable.ALL) {
      for (ModelTable.Quant quant : ModelTable.Quant.values()) {
        long memory = known.memory(quant, CONTEXT);
        double speed = used / known.bytesPerToken(quant);
        rows.add(
            new Row(
                known.name(),
                quant.name(),
                memory,
                memory <= machine.available(),
                speed,
                perMillion(second, 1 / speed)));
      }
    }
    return rows;
  }

  private Model model(Path path, EngineOptions options, Cashier cashier)
      throws InterruptedException {
    try (Weights files = Weights.open(path)) {
      Optional<String> refusal = Optional.empty();
      int context = 0;
      try {
        context = MemoryPlan.contextLength(ModelLoader.describe(files), files.bytes(), options);
      } catch (BadInput e) {
        refusal = Optional.of(String.valueOf(e.getMessage()));
      }
      Optional<Forecast> forecast = Forecast.of(files, options, MemoryPlan.available(), cashier);
      return new Model(
          modelOptions.name(),
          files.bytes(),
          refusal,
          context,
          forecast,
          forecast.map(f -> perMillion(costOfSecond(f.watts(), cashier), f.generate())));
    }
  }

  private static BigDecimal perMillion(BigDecimal second, double secondsPerToken) {
    return second.multiply(
        new BigDecimal(secondsPerToken * MILLION, MathContext.DECIMAL32), MathContext.DECIMAL32);
  }

  /** What a second of computing costs at some watts. */
  private static BigDecimal costOfSecond(double watts, Cashier cashier) {
    return cashier
        .book()
        .cost(new BigDecimal(watts, MathContext.DECIMAL32), 1_000_000_000L, Instant.now())
        .total();
  }
}
