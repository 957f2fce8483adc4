package io.tiefsee.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** Counts physical cores: from /sys on Linux, else what the JVM sees. */
final class Cores {
  private Cores() {}

  static int physical() {
    int visible = Runtime.getRuntime().availableProcessors();
    Set<String> cores = new HashSet<>();
    try (Stream<Path> cpus = Files.list(Path.of("/sys/devices/system/cpu"))) {
      for (Path cpu : (Iterable<Path>) cpus::iterator) {
        Path siblings = cpu.resolve("topology/thread_siblings_list");
        if (Files.isReadable(siblings)) {
          cores.add(Files.readString(siblings).strip());
        }
      }
    } catch (IOException | RuntimeException e) {
      return visible;
    }
    return cores.isEmpty() ? visible : Math.min(visible, cores.size());
  }
}
