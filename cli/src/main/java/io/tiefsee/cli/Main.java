package io.tiefsee.cli;

import static java.util.Map.entry;

import io.tiefsee.tensor.BadInput;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code tiefsee} command: the root under which every subcommand hangs, and the one place that
 * turns failures into a line and an exit status.
 */
@Command(
    name = "tiefsee",
    description = "DeepSeek R1, whole, in Java.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Every command has --help."})
public final class Main implements Runnable {
  /** Bad input, as opposed to 1, which is a fault of the program or the machine. */
  static final int BAD_INPUT = 2;

  /** What shells report of a program that SIGINT ended. */
  static final int INTERRUPTED = 130;

  private static final Map<String, Function<Streams, Object>> COMMANDS =
      new TreeMap<>(
          Map.ofEntries(
              entry("run", RunCommand::new),
              entry("chat", ChatCommand::new),
              entry("serve", ServeCommand::new),
              entry("inspect", InspectCommand::new),
              entry("tokenize", TokenizeCommand::new),
              entry("render", RenderCommand::new),
              entry("logits", LogitsCommand::new),
              entry("perplexity", PerplexityCommand::new),
              entry("bench", BenchCommand::new),
              entry("doctor", DoctorCommand::new),
              entry("ledger", LedgerCommand::new),
              entry("train", TrainCommand::of),
              entry("merge", MergeCommand::new),
              entry("eval", EvalCommand::new),
              entry("arena", ArenaCommand::new),
              entry("pull", PullCommand::new),
              entry("list", ListCommand::new),
              entry("rm", RemoveCommand::new)));

  /** The command line that needs no command. */
  private static final List<String> VERSION = List.of("--version");

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  public static void main(String[] args) {
    HeadStart.begin(args);
    System.exit(run(Streams.ofProcess(), args));
  }

  /** Runs a command line; returns the exit status. */
  static int run(Streams streams, String... args) {
    CommandLine root = new CommandLine(new Main());
    // Reading the annotations of a command takes time; so only the wanted one is looked at.
    if (args.length > 0 && COMMANDS.containsKey(args[0])) {
      root.addSubcommand(COMMANDS.get(args[0]).apply(streams));
    } else if (!VERSION.equals(List.of(args))) {
      COMMANDS.values().forEach(c -> root.addSubcommand(c.apply(streams)));
    }
    root.setOut(new PrintWriter(streams.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(streams.err(), true, StandardCharsets.UTF_8));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setColorScheme(
        CommandLine.Help.defaultColorScheme(streams.outColours() ? Ansi.ON : Ansi.OFF));
    root.setParameterExceptionHandler((e, commandArgs) -> wrongUsage(e, streams));
    root.setExecutionExceptionHandler((e, command, result) -> report(e, streams));
    int status;
    try {
      status = root.execute(args);
    } catch (Error e) {
      status = report(e, streams);
    }
    streams.out().flush();
    streams.err().flush();
    return status;
  }

  private static int wrongUsage(ParameterException e, Streams streams) {
    if (e.getCause() instanceof BadInput bad) {
      return report(bad, streams);
    }
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String what = oneLine(e.getMessage()).replace("option option", "option");
    if (e instanceof UnmatchedArgumentException u
        && command.parent() == null
        && !u.getUnmatched().getFirst().startsWith("-")) {
      what = "there is no command " + u.getUnmatched().getFirst();
    }
    streams.err().println("tiefsee: " + what + " (see " + command.qualifiedName() + " --help)");
    return BAD_INPUT;
  }

  /** One line on the error stream; the trace only for those who ask for it. */
  private static int report(Throwable e, Streams streams) {
    streams.out().flush();
    boolean debug = !System.getenv().getOrDefault("TIEFSEE_DEBUG", "").isEmpty();
    String line =
        switch (e) {
          case BadInput bad -> oneLine(bad.getMessage());
          case OutOfMemoryError oom ->
              "out of memory: "
                  + oneLine(oom.getMessage())
                  + "; try a smaller --ctx-size or a smaller model";
          default ->
              oneLine(e instanceof RuntimeException || e.getMessage() == null ? e : e.getMessage())
                  + (debug ? "" : " (run with TIEFSEE_DEBUG=1 for the trace)");
        };
    streams.err().println("tiefsee: " + line);
    if (debug) {
      e.printStackTrace(streams.err());
    }
    return e instanceof BadInput ? BAD_INPUT : 1;
  }

  private static String oneLine(@Nullable Object message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** The version of the build and of the Java it runs on. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String build = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "tiefsee " + (build == null ? "(unpackaged)" : build),
        "Java " + System.getProperty("java.runtime.version")
      };
    }
  }
}
