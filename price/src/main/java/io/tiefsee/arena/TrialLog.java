package io.tiefsee.arena;

import io.tiefsee.config.JsonLines;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * All trials of a folder, in its file {@code trials.jsonl}: what is in it is not asked again. Each
 * line is written when its answer is judged; one that a crash has cut is dropped. One process at a
 * time has it open. Thread-safe.
 */
public final class TrialLog implements AutoCloseable {
  static final String FILE = "trials.jsonl";

  private final Map<Trial.Key, Trial> trials = new LinkedHashMap<>();
  private final JsonLines lines;
  private final FileChannel lock;

  private TrialLog(Path folder, FileChannel lock) {
    this.lock = lock;
    Path file = folder.resolve(FILE);
    this.lines = JsonLines.open(file);
    int number = 0;
    for (JsonNode node : JsonLines.read(file)) {
      number++;
      try {
        Trial trial = Trial.of(node);
        trials.putIfAbsent(trial.key(), trial);
      } catch (DateTimeException | NumberFormatException e) {
        throw new BadInput(file + ":" + number + " is no trial: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Opens a folder's log; makes both if they are not there.
   *
   * @throws BadInput if the folder cannot be written or another process uses it, with the line if
   *     the log holds what is no trial
   */
  public static TrialLog open(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel lock =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (!locked(lock)) {
          throw new BadInput(folder + " is in use by another run: wait, or name another --out");
        }
        return new TrialLog(folder, lock);
      } catch (RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  synchronized boolean has(Trial.Key key) {
    return trials.containsKey(key);
  }

  /** The answer to a question, if it was asked. */
  public synchronized Optional<Trial> find(Trial.Key key) {
    return Optional.ofNullable(trials.get(key));
  }

  synchronized void add(Trial trial) {
    lines.add(trial.toMap());
    trials.put(trial.key(), trial);
  }

  /** All there are, in the order in which they were answered. */
  public synchronized List<Trial> all() {
    return List.copyOf(trials.values());
  }

  @Override
  public synchronized void close() {
    try {
      lines.close();
      lock.close();
    } catch (IOException e) {
      throw new BadInput("the log of trials cannot be closed: " + BadInput.reason(e), e);
    }
  }
}
