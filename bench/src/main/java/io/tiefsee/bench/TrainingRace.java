package io.tiefsee.bench;

import com.sun.management.OperatingSystemMXBean;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.recipe.Learner;
import io.tiefsee.recipe.Question;
import io.tiefsee.recipe.Rollouts;
import io.tiefsee.train.AdamW;
import io.tiefsee.train.TrainableModel;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Training and sampling of a model of R1's shape (1.36 million parameters) next to PyTorch: the
 * same shape, sequences, threads; in turns, in one run. On a quiet machine the clock counts, with
 * other programs on the cores processor time.
 */
@Command(
    name = "training",
    mixinStandardHelpOptions = true,
    description = "Races training and sampling with PyTorch on a small model of R1's shape.")
public final class TrainingRace implements Callable<Integer> {
  @Option(names = "--python", required = true, description = "An interpreter that has PyTorch.")
  private String python = "";

  @Option(names = "--rounds", description = "Measurements of each (${DEFAULT-VALUE}).")
  private int rounds = 5;

  @Option(
      names = "--steps",
      description = "Optimiser steps of a measurement of training (${DEFAULT-VALUE}).")
  private int steps = 1;

  @Option(names = "--threads", description = "Threads of both (${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(names = "--sequences", description = "Sequences at once (${DEFAULT-VALUE}).")
  private int sequences = 192;

  @Option(names = "--prompt", description = "Tokens of a prompt (${DEFAULT-VALUE}).")
  private int prompt = 20;

  @Option(names = "--answer", description = "Tokens of an answer (${DEFAULT-VALUE}).")
  private int answer = 128;

  @Option(names = "--micro", description = "Sequences of a micro-batch (${DEFAULT-VALUE}).")
  private int micro = 24;

  @Option(
      names = "--peer-micro",
      description = "Sequences of PyTorch's micro-batch, where another suits it better.")
  private Optional<Integer> peerMicro = Optional.empty();

  @Option(names = "--vocabulary", description = "Tokens of the vocabulary (${DEFAULT-VALUE}).")
  private int vocabulary = 119;

  /**
   * What a piece of work took.
   *
   * @param wall of the clock
   * @param cpu of all threads of the process
   */
  record Seconds(double wall, double cpu) {}

  /** Of our side, in nanoseconds, before a measurement. */
  private static final long WARM_UP = 8_000_000_000L;

  /** A prompt; the answers are not marked. */
  private record Prompt(int[] prompt) implements Question {
    @Override
    public String id() {
      return "";
    }

    @Override
    public String text() {
      return "";
    }

    @Override
    public Marks mark(int[] tokens) {
      return new Marks(false, false, "", "", "");
    }
  }

  public static void main(String[] args) {
    System.exit(Commands.execute(new TrainingRace(), args));
  }

  private ModelSpec spec() {
    FfnSpec.Moe moe = new FfnSpec.Moe(8, 2, 96, 96, FfnSpec.Gate.SIGMOID, true, 1, 1, 1);
    return new ModelSpec(
        "deepseek2",
        "race",
        128,
        vocabulary,
        4096,
        1e-6f,
        new AttentionSpec.Mla(4, 64, 48, 16, 16, 32, (float) (1 / Math.sqrt(32))),
        new RopeSpec(16, 10_000, true, new RopeSpec.None()),
        List.of(new FfnSpec.Dense(384), moe, moe, moe));
  }

  @Override
  public Integer call() {
    AdamW.Config adamW = AdamW.Config.DEFAULT;
    int pages = Math.ceilDiv(prompt + answer, 64);
    Learner.Options options = new Learner.Options(adamW, 1e-4f, micro * pages * 64);
    try (TorchPeer torch =
            new TorchPeer(
                python, threads, sequences, prompt, answer, peerMicro.orElse(micro), vocabulary);
        TrainableModel model = TrainableModel.random(spec(), true, 0.02, 1);
        Learner learner = new Learner(model, options, Isa.best(), threads);
        // No token ends an answer, so that all have the same length.
        Rollouts rollouts =
            new Rollouts(
                model.transformer(),
                Set.of(),
                new Rollouts.Room(pages * 64, sequences * pages * 64),
                Isa.best(),
                threads)) {
      System.out.printf(Locale.ROOT, "%d parameters%n", model.parameters().size());
      race("train", torch, steps, () -> train(learner));
      race("sample", torch, 1, () -> sample(rollouts));
    }
    return 0;
  }

  private void race(String what, TorchPeer torch, int times, Runnable ours) {
    // Until the compiler of the JVM is done; PyTorch needs one round.
    long start = System.nanoTime();
    for (int i = 0; i < 4 || System.nanoTime() - start < WARM_UP; i++) {
      ours.run();
    }
    Seconds first = torch.run(what);
    List<Seconds> mine = new ArrayList<>();
    List<Seconds> theirs = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      mine.add(sum(times, () -> measure(ours)));
      theirs.add(sum(times, () -> torch.run(what)));
    }
    double tokens = times * sequences * (double) answer;
    report(what + ", tiefsee, tokens a second of processor time", mine, s -> tokens / s.cpu);
    report(what + ", pytorch, tokens a second of processor time", theirs, s -> tokens / s.cpu);
    report(what + ", tiefsee, tokens a second", mine, s -> tokens / s.wall);
    report(what + ", pytorch, tokens a second", theirs, s -> tokens / s.wall);
    List<Double> byClock = new ArrayList<>();
    List<Double> byProcessor = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      byClock.add(theirs.get(i).wall / mine.get(i).wall);
      byProcessor.add(theirs.get(i).cpu / mine.get(i).cpu);
    }
    System.out.println(what + ", ratio by the clock: " + Spread.of(byClock));
    System.out.println(what + ", ratio by processor time: " + Spread.of(byProcessor));
    if (first.cpu <= 0) {
      throw new IllegalStateException("no processor time was measured");
    }
  }

  private static Seconds sum(int times, Supplier<Seconds> measured) {
    double wall = 0;
    double cpu = 0;
    for (int i = 0; i < times; i++) {
      Seconds s = measured.get();
      wall += s.wall;
      cpu += s.cpu;
    }
    return new Seconds(wall, cpu);
  }

  private static void report(
      String what, List<Seconds> taken, java.util.function.ToDoubleFunction<Seconds> value) {
    System.out.println(what + ": " + Spread.of(taken.stream().map(value::applyAsDouble).toList()));
  }

  private static Seconds measure(Runnable work) {
    OperatingSystemMXBean os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long start = System.nanoTime();
    long used = os.getProcessCpuTime();
    work.run();
    return new Seconds((System.nanoTime() - start) / 1e9, (os.getProcessCpuTime() - used) / 1e9);
  }

  /** One step over all sequences; targets are the answers. */
  private void train(Learner learner) {
    Random random = new Random(1);
    float[] weights = new float[prompt + answer];
    Arrays.fill(weights, prompt, weights.length, 1f / (sequences * answer));
    for (int i = 0; i < sequences; ) {
      learner.batch().clear();
      while (i < sequences && learner.batch().fits(weights.length)) {
        learner.batch().add(random.ints(weights.length, 0, vocabulary).toArray(), weights);
        i++;
      }
      double loss = learner.crossEntropy();
      if (Double.isNaN(loss)) {
        throw new IllegalStateException("the loss is no number");
      }
    }
    learner.step(1e-4, 1);
  }

  private void sample(Rollouts rollouts) {
    rollouts.weightsChanged();
    List<Question> questions = new ArrayList<>();
    Random random = new Random(2);
    for (int i = 0; i < sequences; i++) {
      questions.add(new Prompt(random.ints(prompt, 0, vocabulary).toArray()));
    }
    Rollouts.Sampling how = new Rollouts.Sampling(1, answer);
    if (rollouts.sample(questions, 1, how, 1, 0).size() != sequences) {
      throw new IllegalStateException("answers are missing");
    }
  }
}
