package io.tiefsee.cli;

import io.tiefsee.cli.DoctorReport.Machine;
import io.tiefsee.cli.DoctorReport.Model;
import io.tiefsee.cli.DoctorReport.Row;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.MemoryPlan;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.price.Cashier;
import io.tiefsee.price.MachineFiles;
import io.tiefsee.price.Processor;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tiefsee doctor}: what this machine is, what runs on it, how fast, and at what price. A
 * model that is named is looked at closely, by its own first layers; common ones are reckoned from
 * their shapes and what the kernels reach.
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
      Optional<Subject> subject =
          path.isPresent() ? Optional.of(subject(path.get(), options, cashier)) : Optional.empty();
      KernelRates rates = KernelProbe.measure(types(subject), options, MemoryPlan.available());
      BigDecimal second = costOfSecond(machine.processor().loadWatts(), cashier);
      Optional<Model> model = subject.map(s -> model(s, rates, machine, cashier));
      DoctorReport report =
          new DoctorReport(
              machine, table(machine, rates, second), model, cashier.book().currency());
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

  /**
   * The model that was asked about.
   *
   * @param refusal why it will not run
   * @param forecast empty if not even a part of it fits
   */
  private record Subject(
      long bytes,
      TokenWork work,
      Optional<String> refusal,
      int context,
      Optional<Forecast> forecast) {}

  private static Subject subject(Path path, EngineOptions options, Cashier cashier)
      throws InterruptedException {
    try (Weights files = Weights.open(path)) {
      ModelSpec spec = ModelLoader.describe(files);
      Optional<String> refusal = Optional.empty();
      int context = 0;
      try {
        context = MemoryPlan.contextLength(spec, files.bytes(), options);
      } catch (BadInput e) {
        refusal = Optional.of(String.valueOf(e.getMessage()));
      }
      Optional<Forecast> forecast = Forecast.of(files, options, MemoryPlan.available(), cashier);
      return new Subject(files.bytes(), TokenWork.of(files, spec), refusal, context, forecast);
    }
  }

  private Model model(Subject subject, KernelRates rates, Machine machine, Cashier cashier) {
    Forecast forecast =
        subject.forecast.orElseGet(
            () -> Forecast.of(subject.work, rates, machine.processor().loadWatts()));
    BigDecimal second = costOfSecond(forecast.watts(), cashier);
    return new Model(
        modelOptions.name(),
        subject.bytes,
        subject.refusal,
        subject.context,
        forecast,
        perMillion(second, forecast.generate()));
  }

  /** What the kernels have to be asked about. */
  private static Set<QuantType> types(Optional<Subject> subject) {
    Set<QuantType> types = EnumSet.noneOf(QuantType.class);
    for (ModelTable.Known known : ModelTable.ALL) {
      for (ModelTable.Quant quant : ModelTable.Quant.values()) {
        types.addAll(known.work(quant).types());
      }
    }
    subject.filter(s -> s.forecast.isEmpty()).ifPresent(s -> types.addAll(s.work.types()));
    return types;
  }

  private static List<Row> table(Machine machine, KernelRates rates, BigDecimal second) {
    List<Row> rows = new ArrayList<>();
    for (ModelTable.Known known : ModelTable.ALL) {
      for (ModelTable.Quant quant : ModelTable.Quant.values()) {
        long memory = known.memory(quant, CONTEXT);
        TokenWork work = known.work(quant);
        double generate = rates.generate(work);
        rows.add(
            new Row(
                known.name(),
                quant.name(),
                memory,
                memory <= machine.available(),
                1 / rates.prompt(work),
                1 / generate,
                perMillion(second, generate)));
      }
    }
    return rows;
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
