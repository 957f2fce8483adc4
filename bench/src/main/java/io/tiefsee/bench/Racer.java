package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A program that is measured: started anew for each measurement, warm within it. */
sealed interface Racer {
  JsonMapper JSON = JsonMapper.builder().build();

  String name();

  /** Whether it can be measured so. */
  boolean supports(Measure measure);

  /**
   * Measures once.
   *
   * @throws BadInput if the program fails
   */
  Result run(Child child, Track track, Measure measure);

  /**
   * What all racers get.
   *
   * @param model the file
   * @param threads threads that compute
   * @param repetitions measurements within one start of the program, after its own warm-up
   */
  record Track(Path model, int threads, int repetitions) {}

  /**
   * One measurement.
   *
   * @param value in the measure's unit
   * @param share part of the machine's read bandwidth in use, where the program says so
   */
  record Result(double value, Optional<Double> share) {
    static Result of(double value) {
      return new Result(value, Optional.empty());
    }
  }

  /**
   * This project, by its launcher.
   *
   * @param isa caps the instruction set; empty: the machine's best
   */
  record Tiefsee(String name, Path launcher, Optional<String> isa, List<String> extra)
      implements Racer {
    @Override
    public boolean supports(Measure measure) {
      return true;
    }

    @Override
    public Result run(Child child, Track track, Measure measure) {
      List<String> command = new ArrayList<>(List.of(launcher.toString()));
      if (measure instanceof Measure.FirstToken) {
        // No peer writes receipts.
        command.addAll(
            List.of("run", "--raw", "--max-tokens", "1", "--temperature", "0", "--no-receipt"));
        options(command, track);
        command.add(PROMPT);
        return Result.of(child.run(environment(), command).seconds());
      }
      command.addAll(List.of("bench", "--json", "-r", Integer.toString(track.repetitions)));
      options(command, track);
      switch (measure) {
        case Measure.Prompt p -> command.addAll(List.of("-p", "" + p.tokens(), "-n", "1"));
        case Measure.Generate g ->
            command.addAll(List.of("-p", "1", "-n", "" + g.tokens(), "-d", "" + g.depth()));
        case Measure.FirstToken f -> throw new IllegalStateException(f.toString());
      }
      JsonNode json = JSON.readTree(child.run(environment(), command).out());
      if (measure instanceof Measure.Prompt) {
        return Result.of(speed(json, "prompt"));
      }
      return new Result(
          speed(json, "generate"), Optional.of(json.path("memory").path("share").asDouble()));
    }

    private void options(List<String> command, Track track) {
      command.addAll(List.of("-m", track.model.toString(), "-t", "" + track.threads));
      command.addAll(extra);
    }

    private static double speed(JsonNode json, String what) {
      return json.path(what).path("tokens_per_second").path("median").asDouble();
    }

    private Map<String, String> environment() {
      return isa.map(i -> Map.of("TIEFSEE_JAVA_OPTS", "-Dtiefsee.isa=" + i)).orElse(Map.of());
    }

    /** The perplexity that Tiefsee finds. */
    double perplexity(Child child, Track track, Path text) {
      List<String> command =
          new ArrayList<>(
              List.of(launcher.toString(), "perplexity", "--json", "--file", text.toString()));
      options(command, track);
      return JSON.readTree(child.run(environment(), command).out()).path("perplexity").asDouble();
    }
  }

  /** What all are told where a text is needed. */
  String PROMPT = "The capital of France is";

  /**
   * llama-bench of llama.cpp or of one of its forks.
   *
   * @param depthOption how it is told to generate after a prompt; empty if it cannot be
   * @param extra its own further arguments
   */
  record LlamaBench(String name, Path program, Optional<String> depthOption, List<String> extra)
      implements Racer {
    private static final Pattern PERPLEXITY =
        Pattern.compile("Final estimate: PPL.*?= *([0-9.]+) *\\+/-");

    /** Asks the program itself what it can do. */
    static LlamaBench of(String name, Path program, List<String> extra) {
      Child.Output help = new Child(60).run(Map.of(), List.of(program.toString(), "--help"));
      String text = help.out() + help.err();
      Optional<String> depth =
          text.contains("--n-depth")
              ? Optional.of("-d")
              : text.contains("-gp <pp,tg>") ? Optional.of("-gp") : Optional.empty();
      return new LlamaBench(name, program, depth, extra);
    }

    @Override
    public boolean supports(Measure measure) {
      return switch (measure) {
        case Measure.Prompt p -> true;
        case Measure.Generate g -> g.depth() == 0 || depthOption.isPresent();
        case Measure.FirstToken f -> Files.isExecutable(sibling("llama-cli"));
      };
    }

    private Path sibling(String other) {
      return program.resolveSibling(other);
    }

    @Override
    public Result run(Child child, Track track, Measure measure) {
      List<String> command = new ArrayList<>();
      String threads = Integer.toString(track.threads);
      if (measure instanceof Measure.FirstToken) {
        command.addAll(
            List.of(sibling("llama-cli").toString(), "-m", track.model.toString(), "-t", threads));
        command.addAll(List.of("-n", "1", "--temp", "0", "-p", PROMPT));
        return Result.of(child.run(Map.of(), command).seconds());
      }
      command.addAll(
          List.of(program.toString(), "-m", track.model.toString(), "-t", threads, "-o", "json"));
      command.addAll(List.of("-r", Integer.toString(track.repetitions)));
      switch (measure) {
        case Measure.Prompt p -> command.addAll(List.of("-p", "" + p.tokens(), "-n", "0"));
        case Measure.Generate g -> generate(command, g);
        case Measure.FirstToken f -> throw new IllegalStateException(f.toString());
      }
      command.addAll(extra);
      String out = child.run(Map.of(), command).out();
      // Some versions print notes before the array.
      JsonNode tests = JSON.readTree(out.substring(Math.max(0, out.indexOf("[\n"))));
      if (tests.size() != 1) {
        throw new BadInput(name + " reported " + tests.size() + " measurements, not one");
      }
      return Result.of(Spread.of(samples(tests.get(0).path("samples_ts"))).median());
    }

    private static List<Double> samples(JsonNode array) {
      List<Double> values = new ArrayList<>();
      array.forEach(v -> values.add(v.asDouble()));
      return values;
    }

    private void generate(List<String> command, Measure.Generate g) {
      String n = Integer.toString(g.tokens());
      if (g.depth() == 0) {
        command.addAll(List.of("-p", "0", "-n", n));
      } else if (depthOption.orElseThrow().equals("-gp")) {
        command.addAll(List.of("-p", "0", "-n", "0", "-gp", g.depth() + "," + n));
      } else {
        command.addAll(List.of("-p", "0", "-n", n, "-d", "" + g.depth()));
      }
    }

    /**
     * Perplexity of a text in windows of 512 tokens, by llama-perplexity beside the program; empty
     * if there is none.
     *
     * @param batch tokens computed at once
     */
    Optional<Double> perplexity(Child child, Track track, Path text, int batch, int windows) {
      Path tool = sibling("llama-perplexity");
      if (!Files.isExecutable(tool)) {
        return Optional.empty();
      }
      String size = Integer.toString(batch);
      List<String> command =
          List.of(
              tool.toString(),
              "-m",
              track.model.toString(),
              "-f",
              text.toString(),
              "-t",
              Integer.toString(track.threads),
              "-c",
              "512",
              "-b",
              size,
              "-ub",
              size,
              "--chunks",
              Integer.toString(windows));
      Child.Output output = child.run(Map.of(), command);
      Matcher found = PERPLEXITY.matcher(output.out() + output.err());
      if (!found.find()) {
        throw new BadInput(tool + " printed no perplexity");
      }
      return Optional.of(Double.parseDouble(found.group(1)));
    }
  }

  /**
   * llama.cpp as the npm package node-llama-cpp.
   *
   * @param modules the folder node_modules that it lies in
   * @param script the program that measures
   */
  record NodeLlamaCpp(String name, Path modules, Path script) implements Racer {
    @Override
    public boolean supports(Measure measure) {
      return !(measure instanceof Measure.FirstToken);
    }

    @Override
    public Result run(Child child, Track track, Measure measure) {
      String[] sizes =
          switch (measure) {
            case Measure.Prompt p -> new String[] {"" + p.tokens(), "0"};
            case Measure.Generate g -> new String[] {"" + g.depth(), "" + g.tokens()};
            case Measure.FirstToken f -> throw new IllegalStateException(f.toString());
          };
      List<String> command =
          List.of(
              "node",
              script.toString(),
              modules.toAbsolutePath().toString(),
              track.model.toAbsolutePath().toString(),
              Integer.toString(track.threads),
              sizes[0],
              sizes[1],
              Integer.toString(track.repetitions));
      String out = child.run(Map.of(), command).out();
      String last = out.strip().lines().reduce("", (a, b) -> b);
      List<Double> speeds = new ArrayList<>();
      JSON.readTree(last).path("tokens_per_second").forEach(v -> speeds.add(v.asDouble()));
      return Result.of(Spread.of(speeds).median());
    }
  }

  /** Text of a number for a command line. */
  static String text(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
