package io.tiefsee.price;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.StepListener;
import io.tiefsee.engine.Usage;
import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The door to everything about prices: measures the machine's energy while it is open, and writes
 * receipts for answers. One cashier serves all engines of a program. Thread-safe; {@link #close}
 * ends its thread.
 */
public final class Cashier implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final CashierOptions options;

  /** The shipped one is read once a step is done: while a model is loaded there are other cares. */
  private final CompletableFuture<PriceBook> book;

  private final AtomicBoolean bookWanted = new AtomicBoolean();
  private final MeterChain meter;
  private final EnergyShares shares;
  private final Thread ticker;

  private Cashier(
      CashierOptions options,
      CompletableFuture<PriceBook> book,
      PowerSource power,
      LongSupplier clock) {
    this.options = options;
    this.book = book;
    Processor processor = Processor.of(options.machine());
    Supplier<CpuTimes> times = () -> CpuTimes.read(options.machine());
    meter = new MeterChain(sources(power, processor, times, clock));
    double declaredLoad = power.loadWatts().map(BigDecimal::doubleValue).orElse(0.0);
    double idle =
        power
            .idleWatts()
            .map(BigDecimal::doubleValue)
            .orElse(declaredLoad > 0 ? declaredLoad * Processor.IDLE_SHARE : processor.idleWatts());
    boolean learns = power.idleWatts().isEmpty() && meter.method().compareTo(Method.DECLARED) < 0;
    shares = new EnergyShares(meter, idle, learns, times, clock);
    ticker = Thread.ofPlatform().daemon().name("tiefsee-meter").start(this::tick);
  }

  /**
   * Opens the best meter there is, and reads the price book. The shipped book is right and says
   * nothing about power, so it is read when it is wanted.
   *
   * @throws BadInput if the price book is broken, or has no prices for the day that counts
   */
  public static Cashier open(CashierOptions options) {
    if (options.priceBook().isEmpty() && options.asOf().isEmpty()) {
      return new Cashier(options, new CompletableFuture<>(), PowerSource.UNKNOWN, System::nanoTime);
    }
    PriceBook book = PriceBook.load(options.priceBook());
    // What would be missing on each receipt is better known now.
    List<Elsewhere> ignored =
        book.elsewhere(new TokenCount(0, 0, 0, 0), options.clock().instant(), options.asOf());
    return new Cashier(
        options, CompletableFuture.completedFuture(book), book.power(), System::nanoTime);
  }

  private List<MeterChain.Source> sources(
      PowerSource power, Processor processor, Supplier<CpuTimes> times, LongSupplier clock) {
    List<MeterChain.Source> sources = new ArrayList<>();
    if (power.hasWallMeter()) {
      sources.add(() -> WallMeter.open(power, clock));
    }
    sources.add(() -> SensorMeter.open(options.machine(), clock));
    sources.add(() -> RaplMeter.open(options.machine()));
    power
        .loadWatts()
        .map(BigDecimal::doubleValue)
        .ifPresent(load -> {
          double idle =
              power.idleWatts().map(BigDecimal::doubleValue).orElse(load * Processor.IDLE_SHARE);
          sources.add(() ->
              new ModelMeter(
                  Method.DECLARED, "price book", idle, load, processor.cores(), times, clock));
        });
    sources.add(() ->
        new ModelMeter(
            Method.ESTIMATED,
            processor.basis(),
            processor.idleWatts(),
            processor.loadWatts(),
            processor.cores(),
            times,
            clock));
    return sources;
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(TICK);
        shares.tick();
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What tells this cashier who used an engine's time: {@code
   * EngineOptions.toBuilder().steps(cashier.steps())}. Of an engine without it, the requests' own
   * times count, which is as good where they run alone.
   */
  public StepListener steps() {
    return this::stepDone;
  }

  private void stepDone(StepListener.Step step) {
    CompletableFuture<PriceBook> ignored = readBook();
    List<EnergyShares.Part> parts = new ArrayList<>(step.sequences());
    for (int i = 0; i < step.sequences(); i++) {
      parts.add(
          new EnergyShares.Part(step.generation(i), step.promptTokens(i), step.answerTokens(i)));
    }
    shares.step(step.nanos(), parts);
  }

  /**
   * Writes the receipt of an answer that has ended, and has it kept.
   *
   * @param model as its user names it
   * @param thinkingTokens tokens of the answer that are thoughts
   * @param key who pays
   */
  public Receipt receipt(Generation answer, String model, int thinkingTokens, String key) {
    Usage usage = answer.usage();
    EnergyShares.Share share = shares.of(answer, usage);
    TokenCount tokens = TokenCount.of(usage, thinkingTokens);
    Instant now = options.clock().instant();
    PriceBook prices = book();
    Receipt receipt =
        new Receipt(
            model,
            now,
            tokens,
            Receipt.Seconds.of(usage),
            share.energy(),
            prices.cost(share.energy().total(), share.nanos(), now),
            prices.version(),
            prices.elsewhere(tokens, now, options.asOf()));
    options.receipts().add(receipt, key);
    return receipt;
  }

  /**
   * What tokens of another provider's model cost; empty if the price book does not know the model.
   *
   * @param model as the provider's API or a price list names it
   * @throws BadInput if there is no price for the day that counts
   */
  public Optional<Elsewhere> remote(String model, TokenCount tokens) {
    return book().remote(model, tokens, options.clock().instant(), options.asOf());
  }

  public PriceBook book() {
    return readBook().join();
  }

  private CompletableFuture<PriceBook> readBook() {
    return book.isDone() || bookWanted.getAndSet(true)
        ? book
        : book.completeAsync(PriceBook::shipped);
  }

  /** How energy is known at present. */
  public Method method() {
    return meter.method();
  }

  /** What measures, and why nothing better does, for people. */
  public List<String> meters() {
    List<String> lines = new ArrayList<>();
    lines.add(meter.source());
    lines.addAll(meter.notes());
    return lines;
  }

  /** Of the machine, over the last second; 0 in the first one. */
  public BigDecimal watts() {
    return Money.plain(new BigDecimal(shares.watts(), new MathContext(4)));
  }

  @Override
  public void close() {
    ticker.interrupt();
    meter.close();
  }
}
