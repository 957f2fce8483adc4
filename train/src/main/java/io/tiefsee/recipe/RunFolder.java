package io.tiefsee.recipe;

import io.tiefsee.config.Durable;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * The folder of a run:
 *
 * <pre>
 * config.toml        everything, defaults included
 * log.jsonl          steps, samples, scores
 * checkpoints/       of the stage that is under way
 * data/STAGE.jsonl   what rejection sampling kept
 * models/STAGE.gguf  after each stage, f32; models/STAGE: an adapter
 * NAME.gguf          the final model; NAME-lora: the final adapter
 * report.html, report-STAGE.png
 * </pre>
 *
 * A folder belongs to one configuration, once a run has left something in it, and, while a run
 * lasts, to one process.
 */
public final class RunFolder implements AutoCloseable {
  private static final String CONFIG = "config.toml";
  private static final String LOG = "log.jsonl";
  private static final String LOCK = ".lock";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String DATA = "data";
  private static final String MODELS = "models";

  private final Path path;
  private final FileChannel lockFile;
  private final RunLog log;
  private final Checkpoints checkpoints;

  private RunFolder(Path path, FileChannel lockFile, StageConfig config, Consumer<String> notices) {
    this.path = path;
    this.lockFile = lockFile;
    this.log = new RunLog(path.resolve(LOG));
    this.checkpoints =
        new Checkpoints(
            path.resolve(CHECKPOINTS), config.fingerprint(), config.output().keep(), notices);
  }

  /**
   * Makes a folder, or opens one to go on.
   *
   * @param command what is run, {@code r1} for instance; part of what a folder belongs to
   * @param notices takes lines about what was found and passed over
   * @throws BadInput if the folder belongs to another run or cannot be written to
   */
  public static RunFolder open(
      Path path, String command, StageConfig config, Consumer<String> notices) {
    try {
      Files.createDirectories(path);
      FileChannel lockFile = lock(path);
      try {
        Path file = path.resolve(CONFIG);
        if (Files.exists(file) && begun(path)) {
          checkSame(path, command, config);
        } else {
          Path part = path.resolve(CONFIG + ".part");
          Files.writeString(part, header(command) + toml(config));
          Durable.sync(part);
          Files.move(
              part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        return new RunFolder(path, lockFile, config, notices);
      } catch (IOException | RuntimeException e) {
        lockFile.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BadInput(path + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  /** Whether a run has left anything that depends on its configuration. */
  private static boolean begun(Path path) throws IOException {
    Path log = path.resolve(LOG);
    boolean begun = Files.exists(log) && Files.size(log) > 0;
    for (String name : List.of(CHECKPOINTS, DATA, MODELS)) {
      Path inside = path.resolve(name);
      if (Files.isDirectory(inside)) {
        try (Stream<Path> files = Files.list(inside)) {
          begun |= files.findAny().isPresent();
        }
      }
    }
    return begun;
  }

  /**
   * Checks that models of a name can lie in a run's folder.
   *
   * @throws BadInput if it is no plain file name or one of the folder's own
   */
  static void checkName(String name) {
    if (name.matches("(?s).*[/\\\\\\p{Cntrl}].*")) {
      throw new BadInput("name is a plain file name, not a path: " + name.replace('\n', ' '));
    }
    if (List.of(".", "..", CONFIG, LOG, LOCK, CHECKPOINTS, DATA, MODELS).contains(name)) {
      throw new BadInput("name is not " + name + ", which the run's folder needs for itself");
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      @SuppressWarnings("MustBeClosed") // closing the channel gives it back
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // this process has it already: the same answer
    }
    channel.close();
    throw new BadInput("another run is writing to " + path + ": wait for it or stop it");
  }

  private static String header(String command) {
    return "# tiefsee train " + command + "\n";
  }

  static String toml(StageConfig config) {
    return new TomlMapper().writeValueAsString(config.values());
  }

  private static void checkSame(Path path, String command, StageConfig config) throws IOException {
    String text = Files.readString(path.resolve(CONFIG));
    if (!text.startsWith(header(command))) {
      throw new BadInput(
          path
              + " belongs to \""
              + text.lines().findFirst().orElse("").replaceFirst("^# ", "")
              + "\": run that again, or give another --out");
    }
    StageConfig there = StageConfig.parse(path.resolve(CONFIG).toString(), text, List.of());
    Map<String, Object> old = flat("", there.values(), new TreeMap<>());
    for (Map.Entry<String, Object> e : flat("", config.values(), new TreeMap<>()).entrySet()) {
      Object before = old.get(e.getKey());
      if (!e.getValue().equals(before)) {
        throw new BadInput(
            "%s belongs to a run with another configuration: %s is %s there and %s now; "
                    .formatted(path, e.getKey(), before, e.getValue())
                + "give another --out, or that run's configuration to go on with it");
      }
    }
  }

  private static Map<String, Object> flat(String prefix, Map<?, ?> values, Map<String, Object> to) {
    values.forEach((key, value) -> {
      if (value instanceof Map<?, ?> table) {
        flat(prefix + key + ".", table, to);
      } else {
        to.put(prefix + key, String.valueOf(value));
      }
    });
    return to;
  }

  public Path path() {
    return path;
  }

  public RunLog log() {
    return log;
  }

  /** The log of any run's folder. */
  public static Path logFile(Path folder) {
    return folder.resolve(LOG);
  }

  /** The configuration of any run's folder. */
  public static StageConfig config(Path folder) {
    return StageConfig.load(folder.resolve(CONFIG), List.of());
  }

  public Checkpoints checkpoints() {
    return checkpoints;
  }

  /** Where the model after a stage lies; it is there once the stage is over. */
  public Path model(String stage) {
    return inside(MODELS).resolve(stage + ".gguf");
  }

  /** Where the adapter after a stage lies, a folder; it is there once the stage is over. */
  public Path adapter(String stage) {
    return inside(MODELS).resolve(stage);
  }

  /** Where a stage's data set lies; it is there once the stage is over. */
  public Path data(String stage) {
    return inside(DATA).resolve(stage + ".jsonl");
  }

  /** Where it grows. */
  Path growing(String stage) {
    return inside(DATA).resolve(stage + ".jsonl.part");
  }

  /**
   * Marks a data set as complete.
   *
   * @throws BadInput if nothing was kept
   */
  void dataDone(String stage) {
    Path part = growing(stage);
    try {
      if (!Files.exists(part) || Files.size(part) == 0) {
        throw new BadInput(
            stage
                + " kept no answer: the model solved none of the problems; train it longer, or"
                + " give it more samples");
      }
      Files.move(part, data(stage), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInput(part + " cannot be completed: " + BadInput.reason(e), e);
    }
  }

  private Path inside(String name) {
    Path folder = path.resolve(name);
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be made: " + BadInput.reason(e), e);
    }
  }

  @Override
  public void close() {
    log.close();
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new BadInput(path + " cannot be closed: " + BadInput.reason(e), e);
    }
  }
}
