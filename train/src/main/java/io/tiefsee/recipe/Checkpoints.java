package io.tiefsee.recipe;

import io.tiefsee.config.Durable;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of a run, a folder each: {@code sft-00000120}. One appears whole or not at all;
 * the last few of a stage are kept, and where the newest is damaged, the one before it serves.
 */
public final class Checkpoints {
  private static final String PART = ".part";

  private final Path folder;
  private final String config;
  private final int keep;
  private final Consumer<String> notices;

  /**
   * @param folder of the checkpoints; made when it is needed
   * @param config fingerprint of the configuration
   * @param keep checkpoints that stay, at least 1
   * @param notices takes a line about each checkpoint that was passed over
   */
  public Checkpoints(Path folder, String config, int keep, Consumer<String> notices) {
    if (keep < 1) {
      throw new BadInput("a run keeps at least 1 checkpoint, not " + keep);
    }
    this.folder = folder;
    this.config = config;
    this.keep = keep;
    this.notices = notices;
  }

  /**
   * Writes a checkpoint, then removes those that are too old, and those of later steps: a run that
   * went back has passed them over, and they must not count as the newest.
   *
   * @param step steps done
   * @throws BadInput if it cannot be written; those before it are untouched
   */
  public void save(String stage, long step, StageState state) {
    Path target = folder.resolve(String.format(Locale.ROOT, "%s-%08d", stage, step));
    Path part = folder.resolve(target.getFileName() + PART);
    try {
      Files.createDirectories(folder);
      delete(part);
      Files.createDirectory(part);
      Checkpoint.write(part, stage, step, config, state);
      delete(target); // a damaged one, from before the run went back
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      Durable.sync(folder);
    } catch (BadInput e) {
      throw failed(target, part, reason(e), e);
    } catch (IOException e) {
      throw failed(target, part, BadInput.reason(e), e);
    }
    of(stage).stream().filter(p -> step(p) > step).forEach(this::remove);
    prune(stage);
  }

  private static String reason(BadInput e) {
    return e.getCause() instanceof IOException io
        ? BadInput.reason(io)
        : String.valueOf(e.getMessage());
  }

  private BadInput failed(Path target, Path part, String reason, Exception e) {
    try {
      delete(part);
    } catch (IOException ignored) {
      notices.accept(part + " is incomplete and may be deleted");
    }
    String left =
        newest()
            .map(p -> "; the last good one is " + p + ": mend that and run the same command again")
            .orElse("; there is none yet");
    return new BadInput("checkpoint " + target + " cannot be written: " + reason + left, e);
  }

  private Optional<Path> newest() {
    try {
      return all().stream().max(Comparator.comparing(Checkpoints::time));
    } catch (BadInput e) {
      return Optional.empty();
    }
  }

  private static long time(Path p) {
    return p.toFile().lastModified();
  }

  /**
   * Copies the newest good checkpoint of a stage into its state.
   *
   * @return steps done; empty if there is none, and the state is then untouched
   * @throws BadInput if the checkpoints are those of another configuration
   */
  public OptionalLong restore(String stage, StageState state) {
    for (Path p : of(stage).reversed()) {
      try {
        Checkpoint c = Checkpoint.read(p);
        if (!c.config().equals(config)) {
          throw new OtherRun(p);
        }
        c.restore(p, state);
        return OptionalLong.of(c.step());
      } catch (BadInput e) {
        notices.accept(p + " is passed over: " + e.getMessage());
      } catch (OtherRun e) {
        throw new BadInput(
            e.folder
                + " belongs to a run with another configuration: give that run's configuration, or"
                + " another folder to write to");
      }
    }
    return OptionalLong.empty();
  }

  /** Stops the search; unlike damage it cannot be passed over. */
  private static final class OtherRun extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Path folder;

    OtherRun(Path folder) {
      super(null, null, false, false);
      this.folder = folder;
    }
  }

  /** Whether a stage has left any, good or not. */
  boolean any(String stage) {
    return !of(stage).isEmpty();
  }

  /** Removes the checkpoints of a stage that is over. */
  public void clear(String stage) {
    of(stage).forEach(this::remove);
  }

  private void prune(String stage) {
    List<Path> list = of(stage);
    list.subList(0, Math.max(0, list.size() - keep)).forEach(this::remove);
  }

  private void remove(Path checkpoint) {
    try {
      delete(checkpoint);
    } catch (IOException e) {
      notices.accept(checkpoint + " cannot be removed: " + BadInput.reason(e));
    }
  }

  /** Checkpoints of a stage, the oldest first. */
  private List<Path> of(String stage) {
    return all().stream()
        .filter(p -> p.getFileName().toString().matches("\\Q" + stage + "\\E-\\d{8,}"))
        .sorted(Comparator.comparingLong(Checkpoints::step))
        .toList();
  }

  private static long step(Path p) {
    String name = p.getFileName().toString();
    return Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
  }

  private List<Path> all() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.filter(p -> !p.toString().endsWith(PART)).toList();
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be read: " + BadInput.reason(e), e);
    } catch (UncheckedIOException e) {
      throw new BadInput(folder + " cannot be read: " + BadInput.reason(e.getCause()), e);
    }
  }

  /** Deletes a folder with all that is in it, if it is there. */
  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    List<Path> inside = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(path)) {
      paths.forEach(inside::add);
    }
    for (Path p : inside.reversed()) {
      Files.delete(p);
    }
  }
}
