package io.tiefsee.arena;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * An arena, as {@code arena.toml} has it; docs/ARENA.md describes the keys.
 *
 * @param tasks as {@code tiefsee eval --tasks} takes them
 * @param questions of each task
 * @param priceBook a file; empty: the book that comes along
 * @param asOf the day whose prices count; empty: today's
 */
public record ArenaConfig(
    String title,
    List<String> tasks,
    int questions,
    long seed,
    double temperature,
    double topP,
    int maxTokens,
    Optional<String> priceBook,
    Optional<LocalDate> asOf,
    List<LocalConfig> local,
    List<RemoteConfig> remote) {
  static final ArenaConfig DEFAULTS =
      new ArenaConfig(
          "Arena",
          List.of(),
          100,
          Protocol.DEFAULTS.seed(),
          Protocol.DEFAULTS.temperature(),
          Protocol.DEFAULTS.topP(),
          Protocol.DEFAULTS.maxTokens(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of());

  public ArenaConfig {
    if (questions < 1) {
      throw new BadInput("questions is " + questions + ", but must be at least 1");
    }
    Protocol ignored = new Protocol(temperature, topP, maxTokens, 0, seed);
    tasks = List.copyOf(tasks);
    local = List.copyOf(local);
    remote = List.copyOf(remote);
  }

  /**
   * Reads a file.
   *
   * @param overrides {@code key=value} each
   * @throws BadInput with file and line, at the first thing that is wrong
   */
  public static ArenaConfig load(Path file, List<String> overrides) {
    ConfigSource source = ConfigSource.of(file, overrides);
    ArenaConfig config = new ConfigReader(source).read(ArenaConfig.class, DEFAULTS);
    if (config.tasks.isEmpty()) {
      throw source.bad("tasks", "tasks is missing; write, for instance, tasks = [\"countdown:1\"]");
    }
    if (config.local.isEmpty() && config.remote.isEmpty()) {
      throw source.bad("", "there is nobody to compare: add [[local]] or [[remote]]");
    }
    for (int i = 0; i < config.remote.size(); i++) {
      RemoteConfig remote = config.remote.get(i);
      if (remote.url().isEmpty() || remote.model().isEmpty()) {
        throw source.bad("remote[" + i + "]", "a [[remote]] needs url and model");
      }
    }
    return config;
  }

  public Protocol protocol() {
    return new Protocol(temperature, topP, maxTokens, 0, seed);
  }
}
