package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command {@code bench/side-by-side}: Tiefsee and other programs on the same file with the same
 * number of threads, in alternating rounds.
 *
 * <p>Before a peer's prompts are raced, its perplexity can be checked: some kernels for large
 * batches are fast and wrong. It is compared with the same program's own, computed token by token.
 */
@Command(
    name = "side-by-side",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Races Tiefsee and other programs on the same file, alternating; prints ratios and"
            + " their spread.")
final class SideBySide implements Callable<Integer> {
  /** How much a batch may change a perplexity: far more than rounding does. */
  private static final double TOLERANCE = 0.05;

  private static final int WINDOWS = 2;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "GGUF file; may be given several times")
  private List<Path> models = new ArrayList<>();

  @Option(
      names = "--synthetic",
      paramLabel = "PRESET[:TYPES]",
      description =
          "a synthetic model, for instance v3-slice:Q4_K_M, made for this run; see"
              + " bench/synthetic")
  private List<String> synthetic = new ArrayList<>();

  @Option(
      names = "--peer",
      paramLabel = "NAME=PATH",
      description =
          "a llama-bench to race; llama-cli and llama-perplexity are used where they lie"
              + " beside it")
  private Map<String, Path> peers = new LinkedHashMap<>();

  @Option(
      names = "--peer-args",
      paramLabel = "NAME=ARGS",
      description = "more arguments for that llama-bench, for instance ik=\"-mla 3 -fa 1\"")
  private Map<String, String> peerArgs = new HashMap<>();

  @Option(
      names = "--node-modules",
      paramLabel = "FOLDER",
      description =
          "a folder node_modules with node-llama-cpp in it (default: ./node_modules, if"
              + " it is there)")
  private Optional<Path> nodeModules = Optional.empty();

  @Option(
      names = "--launcher",
      paramLabel = "PATH",
      description = "the tiefsee to race (default: this project's)")
  private Optional<Path> launcher = Optional.empty();

  @Option(
      names = "--isa",
      split = ",",
      paramLabel = "NAME",
      description =
          "instruction sets of Tiefsee, each a racer of its own: best, amx, avx512,"
              + " avx2, vector, scalar (default: best); the first is compared with all others")
  private List<String> isas = List.of("best");

  @Option(
      names = "--tiefsee-args",
      paramLabel = "ARGS",
      description = "more arguments for tiefsee, for instance \"--kv q8_0\"")
  private String tiefseeArgs = "";

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      description = "threads of each (default: one per physical core)")
  private int threads = Parallel.defaultThreads();

  @Option(
      names = {"-p", "--prompts"},
      split = ",",
      paramLabel = "N",
      description = "lengths of prompts (default: 256,2048); 0 for none")
  private List<Integer> prompts = List.of(256, 2048);

  @Option(
      names = {"-n", "--generate"},
      paramLabel = "N",
      description = "tokens to generate (default: ${DEFAULT-VALUE}); 0 for none")
  private int generate = 64;

  @Option(
      names = {"-d", "--depths"},
      split = ",",
      paramLabel = "N",
      description = "tokens that come before the generated ones (default: 0)")
  private List<Integer> depths = List.of(0);

  @Option(
      names = "--first-token",
      description = "also the time from starting each program to its first token")
  private boolean firstToken;

  @Option(names = "--rounds", paramLabel = "N", description = "rounds (default: ${DEFAULT-VALUE})")
  private int rounds = 5;

  @Option(
      names = {"-r", "--repetitions"},
      paramLabel = "N",
      description =
          "measurements within a start of a program, after its warm-up (default:"
              + " ${DEFAULT-VALUE})")
  private int repetitions = 1;

  @Option(
      names = "--perplexity",
      paramLabel = "TEXT",
      description =
          "a text of at least 1024 tokens; a peer whose perplexity of it depends on the"
              + " batch does not race with prompts")
  private Optional<Path> perplexity = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description = "time that one start of a program may take (default: ${DEFAULT-VALUE})")
  private long limit = 900;

  @Option(names = "--json", paramLabel = "FILE", description = "also write the figures there")
  private Optional<Path> json = Optional.empty();

  public static void main(String[] args) {
    System.exit(Commands.execute(new SideBySide(), args));
  }

  @Override
  public Integer call() throws IOException {
    if (models.isEmpty() && synthetic.isEmpty()) {
      throw new BadInput("name a model: --model FILE or --synthetic PRESET");
    }
    if (rounds < 1 || repetitions < 1) {
      throw new BadInput("rounds and repetitions must be at least 1");
    }
    Path scratch = Files.createTempDirectory("tiefsee-bench");
    try {
      Race race = new Race(racers(scratch), measures(), rounds, System.err::println);
      List<Object> reports = new ArrayList<>();
      for (Path model : models) {
        reports.add(race(race, model));
      }
      for (String name : synthetic) {
        Path model = make(scratch, name);
        reports.add(race(race, model));
        Files.delete(model);
      }
      if (json.isPresent()) {
        Files.writeString(json.get(), Racer.JSON.writeValueAsString(reports) + "\n");
      }
    } finally {
      delete(scratch);
    }
    return 0;
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private Object race(Race race, Path model) {
    if (!Files.isRegularFile(model)) {
      throw new BadInput("there is no file " + model);
    }
    Child child = new Child(limit);
    Racer.Track track = new Racer.Track(model.toAbsolutePath(), threads, repetitions);
    System.out.println(model.getFileName() + ", " + threads + " threads, " + rounds + " rounds");
    List<Racer> wrong = new ArrayList<>();
    perplexity.ifPresent(text -> check(race, child, track, text, wrong));
    Race.Results results =
        race.run(child, track, (r, m) -> m instanceof Measure.Prompt && wrong.contains(r));
    System.out.println(Report.table(race, results));
    return Report.json(race, results, String.valueOf(model.getFileName()));
  }

  /** Finds the peers whose results depend on the size of the batch. */
  private static void check(
      Race race, Child child, Racer.Track track, Path text, List<Racer> wrong) {
    for (Racer racer : race.racers()) {
      try {
        if (racer instanceof Racer.Tiefsee ours) {
          System.out.printf(
              Locale.ROOT,
              "%s: perplexity %.3f%n",
              ours.name(),
              ours.perplexity(child, track, text));
        } else if (racer instanceof Racer.LlamaBench peer) {
          Optional<Double> many = peer.perplexity(child, track, text, 512, WINDOWS);
          Optional<Double> single = peer.perplexity(child, track, text, 1, WINDOWS);
          if (many.isEmpty() || single.isEmpty()) {
            System.out.println(peer.name() + ": no llama-perplexity beside it, not checked");
            continue;
          }
          boolean bad = Math.abs(many.get() / single.get() - 1) > TOLERANCE;
          System.out.printf(
              Locale.ROOT,
              "%s: perplexity %.3f in batches, %.3f token by token%s%n",
              peer.name(),
              many.get(),
              single.get(),
              bad ? ": its prompts are wrong, not raced" : "");
          if (bad) {
            wrong.add(peer);
          }
        }
      } catch (BadInput e) {
        System.out.println(racer.name() + ": perplexity not checked: " + e.getMessage());
      }
    }
  }

  private List<Measure> measures() {
    List<Measure> all = new ArrayList<>();
    prompts.stream().filter(p -> p > 0).forEach(p -> all.add(new Measure.Prompt(p)));
    if (generate > 0) {
      depths.forEach(d -> all.add(new Measure.Generate(generate, d)));
    }
    if (firstToken) {
      all.add(new Measure.FirstToken());
    }
    return all;
  }

  private List<Racer> racers(Path scratch) throws IOException {
    Path ours = launcher.orElse(Path.of(System.getProperty("tiefsee.root", "."), "tiefsee"));
    if (!Files.isExecutable(ours)) {
      throw new BadInput("there is no program " + ours);
    }
    List<Racer> all = new ArrayList<>();
    for (String isa : isas) {
      boolean best = isa.equals("best");
      all.add(
          new Racer.Tiefsee(
              best ? "tiefsee" : "tiefsee-" + isa,
              ours.toAbsolutePath(),
              best ? Optional.empty() : Optional.of(isa),
              words(tiefseeArgs)));
    }
    for (var peer : peers.entrySet()) {
      if (!Files.isExecutable(peer.getValue())) {
        throw new BadInput("there is no program " + peer.getValue());
      }
      List<String> extra = words(peerArgs.getOrDefault(peer.getKey(), ""));
      all.add(Racer.LlamaBench.of(peer.getKey(), peer.getValue(), extra));
    }
    for (String name : peerArgs.keySet()) {
      if (!peers.containsKey(name)) {
        throw new BadInput("--peer-args " + name + ": there is no --peer of that name");
      }
    }
    Path modules = nodeModules.orElse(Path.of("node_modules"));
    if (Files.isDirectory(modules.resolve("node-llama-cpp"))) {
      all.add(new Racer.NodeLlamaCpp("node-llama-cpp", modules, script(scratch)));
    } else if (nodeModules.isPresent()) {
      throw new BadInput("there is no node-llama-cpp in " + modules);
    }
    return all;
  }

  private static Path script(Path scratch) throws IOException {
    String name = "node-llama-cpp.mjs";
    try (InputStream in = SideBySide.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      Path file = scratch.resolve(name);
      Files.copy(in, file);
      return file;
    }
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
  }

  private static Path make(Path scratch, String name) {
    String[] parts = name.split(":", 2);
    Path file = scratch.resolve(name.replace(':', '-') + ".gguf");
    TypeMix types = TypeMix.of(parts.length > 1 ? parts[1] : "Q4_K_M");
    SyntheticModel.of(ModelShape.preset(parts[0]), types).write(file);
    return file;
  }
}
